import { afterAll, it } from 'vitest';
import { readPage } from './page.ts';
import { runBlock } from './run-block.ts';

const page = readPage('docs/use-cases.md');
afterAll(() => page.expectAllRun());

it('makes an app as the page on use cases says', async () => {
  await runBlock(page.code('How they are made'));
});
