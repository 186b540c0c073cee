import { findChromium } from '@agentao-tooling/engines';
import { writeFile } from 'node:fs/promises';
import { encodeWav, tone } from '@agentao/audio';
import type { ActiveCall } from '@agentao/calls';
import { sleep } from '@agentao/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputFile, openTonePage, type TonePage } from './chromium-page.ts';
import { agentNumber, clock, type ConsoleLine, openConsoleLine } from './console-line.ts';
import { type PageEar, readEar, tapDelayMs } from './ear-tap.ts';
import { softphoneOf } from './softphone-page.ts';

const { path: executablePath } = findChromium();

const callerHz = 440;
const calleeHz = 1000;
const agentHz = 600;
const measuredMs = 2_500;

type Speaker = 'caller' | 'callee' | 'agent';
const speakers: readonly Speaker[] = ['caller', 'callee', 'agent'];

/** Who is heard at one ear, in dBFS, and for how long nobody is. */
type Heard = Readonly<Record<Speaker | 'silentMs', number>>;

describe.skipIf(executablePath === undefined)('a call between two pages in two browsers', () => {
  let line: ConsoleLine;
  let callerPage: TonePage;
  let calleePage: TonePage;
  let call: ActiveCall;

  beforeAll(async () => {
    line = await openConsoleLine();
    callerPage = await openTonePage({ executablePath: executablePath ?? '', frequencyHz: callerHz });
    calleePage = await openTonePage({
      executablePath: executablePath ?? '',
      frequencyHz: calleeHz,
      colorScheme: 'dark',
    });
    await callerPage.page.goto(line.link());
    await calleePage.page.goto(line.link());
    const caller = softphoneOf(callerPage.page, 'Caller');
    const callee = softphoneOf(calleePage.page, 'Callee');
    for (const phone of [caller, callee]) {
      await phone.region.getByLabel('Voice processing').uncheck();
      await phone.click('Plug in');
    }
    await callee.region.getByRole('button', { name: 'Unplug' }).waitFor();
    await caller.click('Call');
    call = await line.nextCall();
    const connected = call.connect({ ringTimeSeconds: 30 });
    await callee.click('Answer');
    await connected;
    void call.play(tone({ frequencyHz: agentHz, durationMs: 60_000, sampleRateHz: call.sampleRateHz, levelDb: -20 }));
  }, 60_000);

  afterAll(async () => {
    await callerPage?.[Symbol.asyncDispose]();
    await calleePage?.[Symbol.asyncDispose]();
    await line?.[Symbol.asyncDispose]();
  });

  /** What both ears hear from some time after now on, once the change has reached them. */
  const listen = async (): Promise<{ readonly caller: Heard; readonly callee: Heard }> => {
    await sleep(clock, 600 + tapDelayMs);
    const pages = [callerPage.page, calleePage.page];
    const before = await Promise.all(pages.map((page) => readEar(page)));
    await sleep(clock, measuredMs + tapDelayMs);
    const after = await Promise.all(pages.map((page) => readEar(page)));
    const heard = after.map((ear: PageEar, i): Heard => {
      const fromMs = before[i]?.heardMs ?? 0;
      const range = { fromMs, toMs: fromMs + measuredMs };
      return {
        caller: ear.levelDb(callerHz, range),
        callee: ear.levelDb(calleeHz, range),
        agent: ear.levelDb(agentHz, range),
        silentMs: ear.silentMs(range),
      };
    });
    const [caller, callee] = heard;
    if (caller === undefined || callee === undefined) throw new Error('two ears are needed');
    return { caller, callee };
  };

  /** Every tone that belongs there is loud, every other one at least 60 dB below the quietest of those, and there is no silence. */
  const expectOnly = (ear: 'caller' | 'callee', heard: Heard, allowed: readonly Speaker[]): void => {
    const loud = allowed.map((speaker) => heard[speaker]);
    const levels = speakers.map((speaker) => `${speaker} ${heard[speaker].toFixed(1)} dBFS`).join(', ');
    console.log(`  ${call.mode} at the ear of the ${ear}: ${levels}; silent for ${heard.silentMs} ms of ${measuredMs}`);
    for (const db of loud) expect(db).toBeGreaterThan(-23);
    expect(heard.silentMs).toBeLessThan(measuredMs / 10);
    for (const speaker of speakers) {
      if (!allowed.includes(speaker)) expect(heard[speaker], speaker).toBeLessThan(Math.min(...loud) - 60);
    }
  };

  it('lets everybody hear everybody in barge', async () => {
    expect(call.mode).toBe('barge');
    const { caller, callee } = await listen();
    expectOnly('caller', caller, ['callee', 'agent']);
    expectOnly('callee', callee, ['caller', 'agent']);
  });

  it('lets the callee alone hear the agent in whisper', async () => {
    await call.whisper();
    const { caller, callee } = await listen();
    expectOnly('caller', caller, ['callee']);
    expectOnly('callee', callee, ['caller', 'agent']);
  });

  it('lets nobody hear the agent in spy', async () => {
    await call.spy();
    const { caller, callee } = await listen();
    expectOnly('caller', caller, ['callee']);
    expectOnly('callee', callee, ['caller']);
  });

  it('shows the call in the table, with its mode', async () => {
    await call.whisper();
    const row = callerPage.page.getByRole('table', { name: 'Calls' }).getByRole('row').filter({ hasText: agentNumber });
    await row.getByRole('cell', { name: 'whisper' }).waitFor();
    const ear = await readEar(callerPage.page);
    await writeFile(await outputFile('caller-ear.wav'), encodeWav(ear.samples(), { sampleRateHz: ear.sampleRateHz }));
    await callerPage.page.screenshot({ path: await outputFile('console-whisper.png') });
    await calleePage.page.screenshot({ path: await outputFile('console-callee-dark.png') });
  });

  it('ends on both pages when the caller hangs up, and both can call again', async () => {
    await softphoneOf(callerPage.page, 'Caller').click('Hang up');
    expect(await call.ended).toEqual({ reason: 'hangup', by: 'caller' });
    await softphoneOf(calleePage.page, 'Callee').says(/caller hung up/i);
    await softphoneOf(callerPage.page, 'Caller').region.getByRole('button', { name: 'Call', exact: true }).waitFor();
  });

  it('writes no error and no warning to either console', () => {
    expect([...callerPage.complaints, ...calleePage.complaints]).toEqual([]);
  });
});
