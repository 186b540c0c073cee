import { findChromium } from '@agentao-tooling/engines';
import { sleep } from '@agentao/clock';
import { limits } from '@agentao/protocol';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAgentEar } from './agent-ear.ts';
import { openTonePage, outputFile, type TonePage, type TonePageOptions } from './chromium-page.ts';
import { clock, type ConsoleLine, openConsoleLine } from './console-line.ts';
import { heardMs, readEar, tapDelayMs } from './ear-tap.ts';
import { echo } from './echo.ts';
import { type FaultyNetwork, openFaultyNetwork } from './faulty-network.ts';
import { runsOf, throttleTimers } from './sleeping-tab.ts';
import { softphoneOf } from './softphone-page.ts';

const { path: executablePath } = findChromium();
const callerHz = 440;
const measuredMs = 1_000;

/** How a page comes into a call. */
interface TalkOptions extends Partial<TonePageOptions> {
  /** Before the page is opened. */
  readonly prepare?: (page: Page) => Promise<void>;
}

describe.skipIf(executablePath === undefined)('a softphone whose page or network fails', () => {
  let line: ConsoleLine;
  let network: FaultyNetwork;
  let browser: TonePage | undefined;

  beforeEach(async () => {
    line = await openConsoleLine();
    network = await openFaultyNetwork(line.port);
  });

  afterEach(async () => {
    await browser?.[Symbol.asyncDispose]();
    browser = undefined;
    await network[Symbol.asyncDispose]();
    await line[Symbol.asyncDispose]();
  });

  /** A page that is signed in, in a call that the agent has answered and echoes. */
  const talk = async (options: TalkOptions = {}) => {
    const { prepare, ...others } = options;
    browser = await openTonePage({ executablePath: executablePath ?? '', frequencyHz: callerHz, ...others });
    const { page } = browser;
    await prepare?.(page);
    await page.goto(line.link('operator', network.port));
    const caller = softphoneOf(page, 'Caller');
    await caller.plugIn();
    await caller.click('Call');
    const call = await line.nextCall();
    await call.answer();
    void echo(call);
    await caller.offers('Hang up');
    return { page, caller, call };
  };

  /** Fails unless the own tone comes back to the page from now on. */
  const expectEcho = async (page: Page): Promise<void> => {
    const fromMs = await heardMs(page);
    await sleep(clock, measuredMs + tapDelayMs);
    const ear = await readEar(page);
    expect(ear.levelDb(callerHz, { fromMs, toMs: fromMs + measuredMs })).toBeGreaterThan(-26);
  };

  it('hangs up when the page is closed', async () => {
    const { page, call } = await talk();
    await page.close();
    expect(await call.ended).toEqual({ reason: 'hangup', by: 'caller' });
  });

  it('hangs up when the browser is gone in the midst of a call', async () => {
    const { call } = await talk();
    await browser?.kill();
    expect(await call.ended).toMatchObject({ by: 'caller' });
    expect(line.callSwitch.calls).toHaveLength(0);
  });

  it('hears and is silent when the microphone is refused, and says what to do', async () => {
    const { page, caller, call } = await talk({ microphone: 'refused' });
    const agent = openAgentEar(call);
    await caller.says(/microphone/i);
    await caller.offers('Ask again');
    await page.screenshot({ path: await outputFile('console-microphone-refused.png') });
    const fromMs = await heardMs(page);
    await call.sendAudio(new Int16Array(call.sampleRateHz).fill(8_000));
    await sleep(clock, 700 + tapDelayMs);
    const ear = await readEar(page);
    expect(Math.max(...ear.samples(fromMs))).toBeGreaterThan(4_000);
    expect(agent.heardMs).toBeGreaterThan(1_000);
    expect(
      agent
        .read()
        .samples()
        .every((sample) => sample === 0),
    ).toBe(true);
    expect(call.state).toBe('ANSWERED');
  });

  it('goes on when the network is away for one second', async () => {
    const { page, caller, call } = await talk();
    network.cut();
    await sleep(clock, 1_000);
    network.mend();
    await sleep(clock, 1_500);
    await expectEcho(page);
    expect(call.state).toBe('ANSWERED');
    await caller.offers('Hang up');
  });

  it('is hung up when the network is away for three seconds, and is back for the next call by itself', async () => {
    const { page, caller, call } = await talk();
    network.cut();
    await sleep(clock, 3_000);
    network.mend();
    expect(await call.ended).toEqual({ reason: 'failed', by: 'caller' });
    await caller.says(/line was lost/i);
    await page.screenshot({ path: await outputFile('console-line-lost.png') });
    await caller.offers('Call');
    await caller.click('Call');
    const next = await line.nextCall();
    await next.answer();
    expect(next.state).toBe('ANSWERED');
    await caller.click('Hang up');
    expect(await next.ended).toEqual({ reason: 'hangup', by: 'caller' });
  });

  it('goes on, both ways, while timers of the page come once a second as in a tab that nobody looks at', async () => {
    const { page, call } = await talk({ prepare: throttleTimers });
    const { isHidden, timeouts, intervals, frames } = await runsOf(page, 2);
    expect({ isHidden, frames }).toEqual({ isHidden: true, frames: 0 });
    // One more may fall on the edge.
    expect(Math.max(timeouts, intervals)).toBeLessThanOrEqual(3);
    const agent = openAgentEar(call, { party: 'caller' });
    // Longer than the switch, and the page, take a silent peer for alive.
    await sleep(clock, 2 * limits.mediaDeadMs);
    await expectEcho(page);
    const stretch = { fromMs: 0, toMs: 2 * limits.mediaDeadMs };
    expect(agent.read().levelDb(callerHz, stretch)).toBeGreaterThan(-23);
    expect(call.state).toBe('ANSWERED');
  });

  it('is hung up while the machine sleeps, and is back by itself when it wakes', async () => {
    const { caller, call } = await talk();
    browser?.sleep();
    expect(await call.ended).toEqual({ reason: 'failed', by: 'caller' });
    browser?.wake();
    await caller.says(/line was lost/i);
    await caller.offers('Call');
    await caller.click('Call');
    const next = await line.nextCall();
    await next.answer();
    await caller.click('Hang up');
    expect(await next.ended).toEqual({ reason: 'hangup', by: 'caller' });
  });
});
