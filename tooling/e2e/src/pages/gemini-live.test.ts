import { afterAll, it } from 'vitest';
import { readPage } from './page.ts';
import { runBlock } from './run-block.ts';

const page = readPage('docs/gemini-live.md');
afterAll(() => page.expectAllRun());

it('runs the call of the page about Gemini Live, with the SDK and the local server', async () => {
  await runBlock(page.code('Try it without a key'));
});
