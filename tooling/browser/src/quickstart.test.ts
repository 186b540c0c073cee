import { findChromium } from '@agentao-tooling/engines';
import { sleep, createSystemClock } from '@agentao/clock';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quickstart, runAgentao } from '@agentao-tooling/e2e/agentao-command';
import { expect, it } from 'vitest';
import { openTonePage, outputFile } from './chromium-page.ts';
import { heardMs, readEar } from './ear-tap.ts';
import { softphoneOf } from './softphone-page.ts';

const { path: executablePath } = findChromium();
const clock = createSystemClock(globalThis);
const toneHz = 440;

it.skipIf(executablePath === undefined)(
  'signs in by the link that dev prints, calls the quickstart and hears its own tone come back',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agentao-quickstart-'));
    const dev = runAgentao(['dev', quickstart, '--port', '0'], folder);
    try {
      const [link] = await dev.said(/http:\/\/\S+#sign-in=\S+/);
      await dev.said(/Ready: the agent takes calls/);
      await using browser = await openTonePage({ executablePath: executablePath ?? '', frequencyHz: toneHz });
      const { page, complaints } = browser;
      await page.goto(link);
      const caller = softphoneOf(page, 'Caller');
      await caller.plugIn();
      await caller.click('Call');
      await caller.offers('Hang up');
      // The tone is speech to the quickstart: it stops its greeting, and repeats from then on, a second later.
      await sleep(clock, 4_000);
      const fromMs = await heardMs(page);
      await sleep(clock, 2_200);
      const ear = await readEar(page);
      const echoDb = ear.levelDb(toneHz, { fromMs, toMs: fromMs + 2_000 });
      console.log(`  own tone at the own ear: ${echoDb.toFixed(1)} dBFS`);
      expect(echoDb).toBeGreaterThan(-26);
      await page.screenshot({ path: await outputFile('console-quickstart.png') });
      await caller.click('Hang up');
      await dev.said(/ended/);
      expect(complaints).toEqual([]);
    } finally {
      dev.kill('SIGTERM');
      await dev.outcome;
      await rm(folder, { recursive: true, force: true });
    }
  },
);
