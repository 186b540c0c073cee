import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from '@agentao-tooling/engines';
import { runAgentao } from '@agentao-tooling/e2e/agentao-command';
import { readModelRules } from '@agentao/testing';
import { createLiveServer } from '@agentao/testing/live';
import { expect, it } from 'vitest';
import { openTonePage, outputFile } from './chromium-page.ts';
import { softphoneOf } from './softphone-page.ts';

const { path: executablePath } = findChromium();
const app = new URL('../../../apps/gemini/', import.meta.url);

it.skipIf(executablePath === undefined)(
  'talks to an agent by text, and shows what was said and which tool was used',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agentao-say-'));
    const rules = readModelRules(JSON.parse(await readFile(new URL('model.json', app), 'utf8')), 'model.json');
    await using server = await createLiveServer({ rules, thinkMs: 50 });
    const agent = fileURLToPath(new URL('src/main.ts', app));
    const env = { GEMINI_API_KEY: 'any', GOOGLE_GEMINI_BASE_URL: server.url };
    const dev = runAgentao(['dev', agent, '--port', '0'], folder, env);
    try {
      const [link] = await dev.said(/http:\/\/\S+#sign-in=\S+/);
      await using browser = await openTonePage({ executablePath: executablePath ?? '', frequencyHz: 440 });
      const { page, complaints } = browser;
      await page.goto(link);
      const caller = softphoneOf(page, 'Caller');
      await caller.plugIn();
      await caller.click('Mute');
      await caller.click('Call');
      await caller.offers('Hang up');
      const transcript = page.getByRole('region', { name: 'Transcript' });
      await transcript.getByText('How can I help you?').waitFor();
      await caller.region.getByLabel('Say by text').fill('Is the bicycle with ticket 42 ready?');
      await caller.click('Say');
      await transcript.getByText('the red tandem is ready').waitFor();
      await transcript.getByText('Is the bicycle with ticket 42 ready?').waitFor();
      await transcript.getByText('repair_status').waitFor();
      await page.screenshot({ path: await outputFile('console-transcript.png'), fullPage: true });
      await caller.click('Hang up');
      expect(complaints).toEqual([]);
    } finally {
      dev.kill('SIGTERM');
      await dev.outcome;
      await rm(folder, { recursive: true, force: true });
    }
  },
);
