import { findChromium } from '@agentao-tooling/engines';
import { type ActiveCall, type CallEvents, events, type WSSCallCommandError } from '@agentao/calls';
import { sleep } from '@agentao/clock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentEar, openAgentEar } from './agent-ear.ts';
import { openTonePage, type TonePage } from './chromium-page.ts';
import { clock, type ConsoleLine, openConsoleLine } from './console-line.ts';
import { heardMs, readEar, tapDelayMs } from './ear-tap.ts';
import { meterDb, softphoneOf, type SoftphonePage } from './softphone-page.ts';

const { path: executablePath } = findChromium();
/** The microphone of both phones hears it at -20 dBFS. */
const voiceHz = 440;
/** Row and column of key 1 (ITU-T Q.23). */
const keyOneHz = [697, 1209];
/** The two that the ringer plays in turn, for one second in three. */
const ringHz = [660, 880];
const ringEveryMs = 3_000;
const heldMs = 300;
/** In the order in which they are plugged in. */
const ears = { caller: 0, callee: 1 } as const;

interface SinkWindow {
  chosenSinks?: string[];
}

describe.skipIf(executablePath === undefined)('the controls of a softphone in a call', () => {
  let line: ConsoleLine;
  let browser: TonePage;
  let caller: SoftphonePage;
  let callee: SoftphonePage;
  let call: ActiveCall;
  let agent: AgentEar;
  const keys: CallEvents['call.dtmf'][] = [];

  beforeAll(async () => {
    line = await openConsoleLine();
    browser = await openTonePage({ executablePath: executablePath ?? '', frequencyHz: voiceHz });
    const { page } = browser;
    await page.addInitScript(() => {
      const chosen: string[] = [];
      (window as SinkWindow).chosenSinks = chosen;
      const { setSinkId } = AudioContext.prototype as unknown as { setSinkId(id: string): Promise<void> };
      Object.assign(AudioContext.prototype, {
        setSinkId(this: AudioContext, id: string) {
          chosen.push(id);
          return setSinkId.call(this, id);
        },
      });
    });
    await page.goto(line.link());
    [caller, callee] = [softphoneOf(page, 'Caller'), softphoneOf(page, 'Callee')];
    await caller.plugIn();
    await callee.plugIn();
    await caller.click('Call');
    call = await line.nextCall();
    await call.answer();
    await caller.offers('Hang up');
    call.on(events.CALL_DTMF, (event) => keys.push(event));
    agent = openAgentEar(call, { party: 'caller' });
  });

  afterAll(async () => {
    await browser?.[Symbol.asyncDispose]();
    await line?.[Symbol.asyncDispose]();
  });

  /** Fails unless the agent gets `digit`, held as long as `hold` holds it. */
  const expectKey = async (digit: string, press: () => Promise<void>, letGo: () => Promise<void>): Promise<void> => {
    const before = keys.length;
    await press();
    await sleep(clock, heldMs);
    await letGo();
    await expect.poll(() => keys.length, { timeout: 3_000 }).toBe(before + 1);
    expect(keys[before]).toMatchObject({ digit, party: 'caller' });
    expect(keys[before]?.durationMs).toBeGreaterThanOrEqual(heldMs - 20);
    expect(keys[before]?.durationMs).toBeLessThan(heldMs + 500);
  };

  /** How loud the agent hears the voice of the caller in the next second. */
  const agentDb = async (): Promise<number> => {
    await sleep(clock, 500);
    const fromMs = agent.heardMs;
    await sleep(clock, 1_100);
    return agent.read().levelDb(voiceHz, { fromMs, toMs: fromMs + 1_000 });
  };

  /** How loud the agent and the callee hear it. */
  const listen = async (): Promise<readonly number[]> => {
    await sleep(clock, 500 + tapDelayMs);
    const fromMs = await heardMs(browser.page, ears.callee);
    const toAgentDb = await agentDb();
    await sleep(clock, tapDelayMs);
    const callee = await readEar(browser.page, ears.callee);
    return [toAgentDb, callee.levelDb(voiceHz, { fromMs, toMs: fromMs + 1_000 })];
  };

  /** How loud the ringer of the callee is at most, from now on for as long as it takes to ring once. */
  const ringDb = async (): Promise<number> => {
    const fromMs = await heardMs(browser.page, ears.callee);
    await sleep(clock, ringEveryMs + tapDelayMs);
    const ear = await readEar(browser.page, ears.callee);
    return Math.min(...ringHz.map((hz) => ear.leakDb(hz, { fromMs, toMs: ear.heardMs })));
  };

  it('refuse with Reject a call that rings, aloud', async () => {
    const refused = call.connect().catch((error: unknown) => error);
    await callee.says('Ringing');
    expect(await ringDb()).toBeGreaterThan(-40);
    await callee.click('Reject');
    expect(await refused).toMatchObject({ code: 'CALL_REJECTED' } satisfies Partial<WSSCallCommandError>);
    await callee.says('Last call: you refused');
    expect(call.state).toBe('ANSWERED');
  });

  it('join the call with Answer, and stop ringing', async () => {
    const connected = call.connect();
    await callee.click('Answer');
    await connected;
    await callee.says('On a call');
    await sleep(clock, tapDelayMs);
    expect(await ringDb()).toBeLessThan(-80);
  });

  it('send the key that a pointer holds, for as long, and sound it at the own ear', async () => {
    const { mouse } = browser.page;
    const fromMs = await heardMs(browser.page, ears.caller);
    await caller.region.getByRole('button', { name: '1', exact: true }).hover();
    await expectKey(
      '1',
      () => mouse.down(),
      () => mouse.up(),
    );
    await sleep(clock, tapDelayMs);
    const ear = await readEar(browser.page, ears.caller);
    for (const hz of keyOneHz) expect(ear.leakDb(hz, { fromMs, toMs: ear.heardMs }), `${hz} Hz`).toBeGreaterThan(-45);
  });

  it('send the digit of the keyboard while the phone has the focus', async () => {
    const { keyboard } = browser.page;
    await caller.region.focus();
    await expectKey(
      '5',
      () => keyboard.down('5'),
      () => keyboard.up('5'),
    );
    await caller.region.getByRole('heading').click();
    await expectKey(
      '#',
      () => keyboard.down('#'),
      () => keyboard.up('#'),
    );
  });

  it.each(['Enter', 'Space'])('send the key that has the focus while %s is held', async (name) => {
    const { keyboard } = browser.page;
    await caller.region.getByRole('button', { name: '9', exact: true }).focus();
    await expectKey(
      '9',
      () => keyboard.down(name),
      () => keyboard.up(name),
    );
  });

  it('silence the microphone with Mute, at every ear, and the meters with it, until it is pressed again', async () => {
    const mute = caller.region.getByRole('button', { name: 'Mute' });
    const spokenDb = (): Promise<number> => meterDb(caller.region, 'Spoken');
    await expect.poll(spokenDb).toBeCloseTo(-20, -1);
    await expect.poll(() => meterDb(callee.region, 'Heard')).toBeCloseTo(-20, -1);
    await mute.click();
    expect(await mute.getAttribute('aria-pressed')).toBe('true');
    await caller.says('Muted');
    expect(Math.max(...(await listen()))).toBe(-120);
    expect(await spokenDb()).toBe(-120);
    expect(await meterDb(callee.region, 'Heard')).toBe(-120);
    await mute.click();
    for (const db of await listen()) expect(Math.abs(db + 20)).toBeLessThan(3);
    await expect.poll(spokenDb).toBeCloseTo(-20, -1);
  });

  it('change the microphone, and say which one is on', async () => {
    await caller.region.getByText('Devices').click();
    const select = caller.region.getByLabel('Microphone', { exact: true });
    const labels = await select.getByRole('option').allTextContents();
    expect(labels).toEqual(['Default', 'Fake Default Audio Input', 'Fake Audio Input 1', 'Fake Audio Input 2']);
    await select.selectOption({ label: 'Fake Audio Input 2' });
    expect(await select.locator('option:checked').textContent()).toBe('Fake Audio Input 2');
    await caller.region.locator('.microphone', { hasText: 'Fake Audio Input 2' }).waitFor();
    expect(await agentDb()).toBeGreaterThan(-23);
  });

  it('change the speaker of the phone', async () => {
    const select = caller.region.getByLabel('Speaker', { exact: true });
    const other = select.getByRole('option').last();
    const id = (await other.getAttribute('value')) ?? '';
    expect(id).not.toBe('');
    await select.selectOption(id);
    await expect.poll(() => browser.page.evaluate(() => (window as SinkWindow).chosenSinks)).toEqual([id]);
    await expect.poll(() => select.inputValue()).toBe(id);
  });

  it('show the digits that the agent sends', async () => {
    await call.sendDtmf('42#');
    await caller.says('42#');
    await callee.says('42#');
  });

  it('send each key once', () => {
    expect(keys.map(({ digit }) => digit)).toEqual(['1', '5', '#', '9', '9']);
  });

  it('say how the call ended, and complain of nothing', async () => {
    await caller.click('Hang up');
    await caller.says(/^Last call: you hung up, after 0:\d\d$/);
    await callee.says(/^Last call: the caller hung up, after 0:\d\d$/);
    expect(browser.complaints).toEqual([]);
  });

  it('say that nobody can be reached at a wrong number', async () => {
    await caller.region.getByLabel('Number to call').fill('+19990000');
    await caller.click('Call');
    await caller.says(/^Last call: .+ this number\.$/);
    await caller.offers('Call');
  });
});
