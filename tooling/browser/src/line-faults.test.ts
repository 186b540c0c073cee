import { findChromium } from '@agentao-tooling/engines';
import { sleep } from '@agentao/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTonePage, outputFile, type TonePage, type TonePageOptions } from './chromium-page.ts';
import { clock, type ConsoleLine, openConsoleLine } from './console-line.ts';
import { readEar } from './ear-tap.ts';
import { type FaultyNetwork, openFaultyNetwork } from './faulty-network.ts';
import { softphoneOf } from './softphone-page.ts';

const { path: executablePath } = findChromium();
const callerHz = 440;

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

  /** A page that is signed in, with the caller's phone plugged in. */
  const plugIn = async (options: Partial<TonePageOptions> = {}) => {
    browser = await openTonePage({ executablePath: executablePath ?? '', frequencyHz: callerHz, ...options });
    const { page } = browser;
    await page.goto(line.link('operator', network.port));
    const caller = softphoneOf(page, 'Caller');
    await caller.region.getByLabel('Voice processing').uncheck();
    await caller.click('Plug in');
    await caller.region.getByRole('button', { name: 'Call', exact: true }).waitFor();
    return { page, caller };
  };

  /** The same in a call that the agent has answered and echoes. */
  const talk = async (options: Partial<TonePageOptions> = {}) => {
    const { page, caller } = await plugIn(options);
    await caller.click('Call');
    const call = await line.nextCall();
    await call.answer();
    void (async () => {
      for await (const chunk of call.audioStream()) await call.sendAudio(chunk);
    })();
    await caller.region.getByRole('button', { name: 'Hang up' }).waitFor();
    return { page, caller, call };
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
    await caller.says(/microphone/i);
    await caller.region.getByRole('button', { name: 'Ask again' }).waitFor();
    await page.screenshot({ path: await outputFile('console-microphone-refused.png') });
    await call.sendAudio(new Int16Array(call.sampleRateHz).fill(8_000));
    await sleep(clock, 700);
    const ear = await readEar(page);
    expect(Math.max(...ear.samples())).toBeGreaterThan(4_000);
    expect(call.state).toBe('ANSWERED');
  });

  it('goes on when the network is away for one second', async () => {
    const { page, caller, call } = await talk();
    network.cut();
    await sleep(clock, 1_000);
    network.mend();
    await sleep(clock, 1_500);
    const { heardMs } = await readEar(page);
    await sleep(clock, 1_200);
    const ear = await readEar(page);
    expect(ear.levelDb(callerHz, { fromMs: heardMs, toMs: heardMs + 1_000 })).toBeGreaterThan(-26);
    expect(call.state).toBe('ANSWERED');
    await caller.region.getByRole('button', { name: 'Hang up' }).waitFor();
  });

  it('is hung up when the network is away for three seconds, and is back for the next call by itself', async () => {
    const { page, caller, call } = await talk();
    network.cut();
    await sleep(clock, 3_000);
    network.mend();
    expect(await call.ended).toEqual({ reason: 'failed', by: 'caller' });
    await caller.says(/line was lost/i);
    await page.screenshot({ path: await outputFile('console-line-lost.png') });
    await caller.region.getByRole('button', { name: 'Call', exact: true }).waitFor({ timeout: 15_000 });
    await caller.click('Call');
    const next = await line.nextCall();
    await next.answer();
    expect(next.state).toBe('ANSWERED');
    await caller.click('Hang up');
    expect(await next.ended).toEqual({ reason: 'hangup', by: 'caller' });
  });

  it('goes on in a tab that nobody looks at', async () => {
    const { page, call } = await talk();
    const other = await (browser as TonePage).context.newPage();
    await other.bringToFront();
    await sleep(clock, 4_000);
    const { heardMs } = await readEar(page);
    await sleep(clock, 1_200);
    const ear = await readEar(page);
    expect(ear.levelDb(callerHz, { fromMs: heardMs, toMs: heardMs + 1_000 })).toBeGreaterThan(-26);
    expect(call.state).toBe('ANSWERED');
  });

  it('is hung up while the machine sleeps, and is back by itself when it wakes', async () => {
    const { caller, call } = await talk();
    browser?.sleep();
    expect(await call.ended).toEqual({ reason: 'failed', by: 'caller' });
    browser?.wake();
    await caller.says(/line was lost/i);
    await caller.region.getByRole('button', { name: 'Call', exact: true }).waitFor({ timeout: 15_000 });
    await caller.click('Call');
    const next = await line.nextCall();
    await next.answer();
    await caller.click('Hang up');
    expect(await next.ended).toEqual({ reason: 'hangup', by: 'caller' });
  });
});
