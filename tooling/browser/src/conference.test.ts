import { findChromium } from '@agentao-tooling/engines';
import { writeFile } from 'node:fs/promises';
import { encodeWav, tone } from '@agentao/audio';
import type { ActiveCall } from '@agentao/calls';
import { sleep } from '@agentao/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentEar, openAgentEar } from './agent-ear.ts';
import { outputFile, openTonePage, type TonePage } from './chromium-page.ts';
import { agentNumber, clock, type ConsoleLine, openConsoleLine } from './console-line.ts';
import type { Ear } from './ear.ts';
import { heardMs, readEar, tapDelayMs } from './ear-tap.ts';
import { type MachineStalls, watchMachine } from './machine-watch.ts';
import { softphoneOf } from './softphone-page.ts';

const { path: executablePath } = findChromium();

const callerHz = 440;
const calleeHz = 1000;
const agentHz = 600;
const measuredMs = 2_500;

type Speaker = 'caller' | 'callee' | 'agent';
const tonesHz: Readonly<Record<Speaker, number>> = { caller: callerHz, callee: calleeHz, agent: agentHz };
const speakers = ['caller', 'callee', 'agent'] as const;

/** An ear, and when it begins to be judged. */
interface JudgedEar {
  readonly ear: Ear;
  readonly fromMs: number;
  readonly stalls: MachineStalls;
}

describe.skipIf(executablePath === undefined)('a call between two pages in two browsers', () => {
  let line: ConsoleLine;
  let callerPage: TonePage;
  let calleePage: TonePage;
  let call: ActiveCall;
  let agentEar: AgentEar;

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
    await caller.plugIn();
    await callee.plugIn();
    await caller.click('Call');
    call = await line.nextCall();
    const connected = call.connect({ ringTimeSeconds: 30 });
    await callee.click('Answer');
    await connected;
    agentEar = openAgentEar(call);
    void call.play(tone({ frequencyHz: agentHz, durationMs: 60_000, sampleRateHz: call.sampleRateHz, levelDb: -20 }));
  });

  afterAll(async () => {
    await callerPage?.[Symbol.asyncDispose]();
    await calleePage?.[Symbol.asyncDispose]();
    await line?.[Symbol.asyncDispose]();
  });

  /** What the three ears hear from some time after now on, once the change has reached them. */
  const listen = async (): Promise<Readonly<Record<Speaker, JudgedEar>>> => {
    await sleep(clock, 600 + tapDelayMs);
    const [callerMs, calleeMs] = await Promise.all([heardMs(callerPage.page), heardMs(calleePage.page)]);
    const agentMs = agentEar.heardMs;
    const stop = await watchMachine(line, [callerPage.page, calleePage.page]);
    await sleep(clock, measuredMs + tapDelayMs);
    const stalls = await stop();
    return {
      caller: { ear: await readEar(callerPage.page), fromMs: callerMs, stalls },
      callee: { ear: await readEar(calleePage.page), fromMs: calleeMs, stalls },
      agent: { ear: agentEar.read(), fromMs: agentMs, stalls },
    };
  };

  /** Every tone that belongs there is loud, every other one at least 60 dB below the quietest of those, and there is no silence. */
  const expectOnly = (name: Speaker, { ear, fromMs, stalls }: JudgedEar, allowed: readonly Speaker[]): void => {
    const stretch = { fromMs, toMs: fromMs + measuredMs };
    const isAllowed = (speaker: Speaker): boolean => allowed.includes(speaker);
    const levels = speakers.map((speaker) =>
      isAllowed(speaker) ? ear.levelDb(tonesHz[speaker], stretch) : ear.leakDb(tonesHz[speaker], stretch),
    );
    const silentMs = ear.silentMs(stretch);
    const words = speakers.map(
      (speaker, i) => `${speaker} ${isAllowed(speaker) ? '' : 'at most '}${levels[i]?.toFixed(1)} dBFS`,
    );
    console.log(
      `  ${call.mode} at the ear of the ${name}: ${words.join(', ')}; silent for ${silentMs} ms of ${measuredMs}`,
    );
    const loud = levels.filter((_, i) => isAllowed(speakers[i] ?? name));
    for (const db of loud) expect(Math.abs(db + 20), name).toBeLessThan(3);
    expect(ear.heardMs, name).toBeGreaterThanOrEqual(stretch.toMs);
    speakers.forEach((speaker, i) => {
      if (!isAllowed(speaker)) expect(levels[i], `${speaker} at the ${name}`).toBeLessThan(Math.min(...loud) - 60);
    });
    if (silentMs > 0) console.log(`  ${stalls.words}`);
    // For a tone in one piece there is a test of its own.
    expect(silentMs, name).toBeLessThan(measuredMs / 5);
  };

  it('lets everybody hear everybody in barge', async () => {
    expect(call.mode).toBe('barge');
    const { caller, callee, agent } = await listen();
    expectOnly('caller', caller, ['callee', 'agent']);
    expectOnly('callee', callee, ['caller', 'agent']);
    expectOnly('agent', agent, ['caller', 'callee']);
  });

  it('lets the callee alone hear the agent in whisper', async () => {
    await call.whisper();
    const { caller, callee, agent } = await listen();
    expectOnly('caller', caller, ['callee']);
    expectOnly('callee', callee, ['caller', 'agent']);
    expectOnly('agent', agent, ['caller', 'callee']);
  });

  it('lets nobody hear the agent in spy', async () => {
    await call.spy();
    const { playedSamples } = call;
    const { caller, callee, agent } = await listen();
    // It speaks, all the same.
    expect(call.playedSamples - playedSamples).toBeGreaterThan((call.sampleRateHz * measuredMs) / 1000);
    expectOnly('caller', caller, ['callee']);
    expectOnly('callee', callee, ['caller']);
    expectOnly('agent', agent, ['caller', 'callee']);
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
