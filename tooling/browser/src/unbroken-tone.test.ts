import { findChromium } from '@agentao-tooling/engines';
import { sleep } from '@agentao/clock';
import { expect, it } from 'vitest';
import { openAgentEar } from './agent-ear.ts';
import { openTonePage } from './chromium-page.ts';
import { clock, openConsoleLine } from './console-line.ts';
import { type Ear, longestUnbrokenMs } from './ear.ts';
import { heardMs, readEar, tapDelayMs } from './ear-tap.ts';
import { echo } from './echo.ts';
import { watchMachine } from './machine-watch.ts';
import { softphoneOf } from './softphone-page.ts';

const { path: executablePath } = findChromium();
const toneHz = 440;
const measuredMs = 6_000;
/**
 * A machine that stands still for a moment, on a thread that nobody can watch, breaks a tone once or twice; a line that loses a frame a
 * second leaves at most one second of it whole.
 */
const wholeMs = 1_500;

it.skipIf(executablePath === undefined)(
  'brings the tone of the caller to the agent, and back to the caller, in one piece',
  async () => {
    await using line = await openConsoleLine();
    await using browser = await openTonePage({ executablePath: executablePath ?? '', frequencyHz: toneHz });
    const { page } = browser;
    await page.goto(line.link());
    const caller = softphoneOf(page, 'Caller');
    await caller.plugIn();
    await caller.click('Call');
    const call = await line.nextCall();
    await call.answer();
    void echo(call);
    await caller.offers('Hang up');
    // Buffers find their depth, and clocks that differ are corrected for the first time.
    await sleep(clock, 3_000 + tapDelayMs);
    const agent = openAgentEar(call, { party: 'caller' });
    const fromMs = await heardMs(page);
    const stop = await watchMachine(line, [page]);
    await sleep(clock, measuredMs + tapDelayMs);
    const stalls = await stop();
    const expectUnbroken = (who: string, ear: Ear, from: number): void => {
      const stretch = { fromMs: from, toMs: from + measuredMs };
      expect(ear.heardMs, who).toBeGreaterThan(stretch.toMs - 100);
      expect(ear.levelDb(toneHz, stretch), who).toBeGreaterThan(-23);
      const breaks = ear.breaksMs(toneHz, stretch);
      const longestMs = longestUnbrokenMs(breaks, stretch);
      console.log(`  at the ${who}: ${breaks.length} breaks, ${longestMs.toFixed(0)} ms without; ${stalls.words}`);
      expect(longestMs, who).toBeGreaterThan(wholeMs);
    };
    expectUnbroken('agent', agent.read(), 0);
    expectUnbroken('caller', await readEar(page), fromMs);
  },
);
