import { afterAll, afterEach, it, vi } from 'vitest';
import { readPage } from './page.ts';
import { runBlock } from './run-block.ts';

const page = readPage('docs/google-adk.md');
afterAll(() => page.expectAllRun());
afterEach(() => vi.unstubAllEnvs());

it('runs the agent of the page about Google ADK, with the kit and the local server', async () => {
  // Stubbed, so that what the page sets is undone.
  vi.stubEnv('GEMINI_API_KEY', '');
  vi.stubEnv('GOOGLE_GEMINI_BASE_URL', '');
  await runBlock(page.code('An agent with a tool of its own'));
});
