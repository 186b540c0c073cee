import { decodeWav, levelDb, toneLevelDb } from '@agentao/audio';
import { type ActiveCall, AgenTaoClient, events } from '@agentao/calls';
import type { Clock } from '@agentao/clock';
import { config as rxjs, lastValueFrom, type Observable, toArray } from 'rxjs';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openVirtualLine, type VirtualLine } from '../virtual-line.ts';
import { calleeNumber, openVirtualSwitch } from '../virtual-switch.ts';
import { readPage } from './page.ts';
import { speech } from './program-line.ts';
import { runBlock } from './run-block.ts';

const page = readPage('docs/cookbook.md');

/** The function that the recipe under a heading exports. */
async function recipe<F extends (...args: never[]) => unknown>(heading: string, name: string): Promise<F> {
  return (await runBlock(page.code(heading)))[name] as F;
}

/** Errors that RxJS would throw from a timer of its own, and so end the process. */
const escaped: unknown[] = [];
beforeEach(() => {
  escaped.length = 0;
  rxjs.onUnhandledError = (error) => escaped.push(error);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 2));
  rxjs.onUnhandledError = null;
  if (escaped.length > 0) throw new Error('RxJS would have ended the process', { cause: escaped[0] });
});
afterAll(() => page.expectAllRun());

/** A line with an answered call. */
async function answered(line: VirtualLine): Promise<ActiveCall> {
  const call = await line.ring();
  await line.settled(call.answer());
  return call;
}

/** Subscribes with a consumer that throws, beside the one that counts. */
function collect<T>(source: Observable<T>): {
  readonly values: T[];
  readonly state: { completed: boolean; error?: unknown };
} {
  const values: T[] = [];
  const state: { completed: boolean; error?: unknown } = { completed: false };
  source.subscribe(() => {
    throw new Error('a slip of a subscriber');
  });
  source.subscribe({
    next: (value) => values.push(value),
    error: (error) => {
      state.error = error;
    },
    complete: () => {
      state.completed = true;
    },
  });
  return { values, state };
}

describe('a recipe for one call', () => {
  type ForCall<T> = (call: ActiveCall, clock: Clock) => Observable<T>;

  it('stops speaking when the caller speaks, and says what was cut off', async () => {
    const bargeIn = await recipe<ForCall<{ playedSamples: number; clearedSamples: number }>>(
      'Stop speaking when the caller speaks',
      'bargeIn',
    );
    await using line = await openVirtualLine();
    const { caller, clock, settled } = line;
    const call = await answered(line);
    const { values, state } = collect(bargeIn(call, clock));
    caller.say(speech(300, 400));
    await clock.advance(1_000);
    expect(values, 'nothing was queued').toEqual([]);
    const greeting = call.play(speech(600, 10_000));
    await clock.advance(2_000);
    caller.say(speech(300, 400));
    expect(await settled(greeting)).toBe('cleared');
    expect(values).toHaveLength(1);
    expect((values[0]?.playedSamples ?? 0) + (values[0]?.clearedSamples ?? 0)).toBe(call.queuedSamples);
    await clock.advance(500);
    expect(caller.levelDb({ fromMs: caller.heardMs - 400 })).toBe(-120);
    caller.hangUp();
    await settled(call.ended);
    expect(state.completed).toBe(true);
  });

  it('shows the level five times a second at most, and only changes', async () => {
    const levelMeter = await recipe<ForCall<number>>('Show a level meter', 'levelMeter');
    await using line = await openVirtualLine();
    const { caller, clock, settled } = line;
    const call = await answered(line);
    const { values, state } = collect(levelMeter(call, clock));
    await clock.advance(1_000);
    expect(values).toEqual([-120]);
    caller.say(speech(300, 2_000));
    await clock.advance(1_500);
    expect(values.at(-1)).toBe(-20);
    expect(values.length).toBeLessThanOrEqual(4);
    const timers = clock.pendingTimers;
    caller.hangUp();
    await settled(call.ended);
    await clock.advance(200);
    expect(state.completed).toBe(true);
    expect(clock.pendingTimers).toBeLessThan(timers);
  });

  it('notices silence, again and again, but not while somebody speaks', async () => {
    const silence = await recipe<(call: ActiveCall, afterMs: number, clock: Clock) => Observable<number>>(
      'Notice silence',
      'silence',
    );
    await using line = await openVirtualLine();
    const { caller, clock, settled } = line;
    const call = await answered(line);
    const { values, state } = collect(silence(call, 5_000, clock));
    await clock.advance(4_900);
    expect(values).toEqual([]);
    caller.say(speech(300, 1_000));
    await clock.advance(6_000);
    expect(values).toEqual([]);
    await clock.advance(6_000);
    expect(values).toEqual([1, 2]);
    void call.play(speech(600, 12_000));
    await clock.advance(11_000);
    expect(values, 'the agent speaks').toEqual([1, 2]);
    await clock.advance(6_000);
    expect(values).toEqual([1, 2, 3]);
    caller.hangUp();
    await settled(call.ended);
    expect(state.completed).toBe(true);
    await clock.advance(60_000);
    expect(values).toEqual([1, 2, 3]);
  });

  it.each([
    ['12#4', 300, '12'],
    ['12345', 300, '1234'],
    ['12', 300, '12'],
    ['12', 3_000, '1'],
    ['', 0, ''],
  ])('collects of the keys %j, one each %d ms, the digits %j', async (keys, everyMs, expected) => {
    const options = { maxDigits: 4, firstMs: 5_000, eachMs: 2_000 };
    const collectDigits = await recipe<(call: ActiveCall, with_: typeof options, clock: Clock) => Observable<string>>(
      'Collect digits',
      'collectDigits',
    );
    await using line = await openVirtualLine();
    const { caller, clock } = line;
    const call = await answered(line);
    const before = clock.pendingTimers;
    const { values, state } = collect(collectDigits(call, options, clock));
    for (const key of keys) {
      caller.press(key);
      await clock.advance(everyMs);
    }
    await clock.advance(6_000);
    expect(values).toEqual([expected]);
    expect(state.completed).toBe(true);
    expect(clock.pendingTimers).toBe(before);
  });

  it('rings twice, in two modes, and is connected in the second', async () => {
    const ringTwice = await recipe<(call: ActiveCall, apology: Int16Array, clock: Clock) => Observable<string>>(
      'Ring, ring once more in another mode, then apologise',
      'ringTwice',
    );
    await using line = await openVirtualLine();
    const { callee, clock } = line;
    const call = await answered(line);
    const values: string[] = [];
    ringTwice(call, speech(600, 1_000), clock).subscribe((value) => {
      values.push(value);
      throw new Error('a slip of a subscriber');
    });
    await clock.advance(22_000);
    expect(callee.events.filter(({ type }) => type === 'ringing')).toHaveLength(2);
    callee.answer();
    await clock.advance(1_000);
    expect(values).toEqual(['whisper']);
    expect(call.mode).toBe('whisper');
  });

  it('rings twice, apologises and ends the call when the apology was heard', async () => {
    const ringTwice = await recipe<(call: ActiveCall, apology: Int16Array, clock: Clock) => Observable<string>>(
      'Ring, ring once more in another mode, then apologise',
      'ringTwice',
    );
    await using line = await openVirtualLine({ callee: { reject: true } });
    const { caller, clock, settled } = line;
    const call = await answered(line);
    const apology = speech(600, 1_000);
    expect(await settled(lastValueFrom(ringTwice(call, apology, clock)))).toBe('unanswered');
    expect(await settled(caller.until('ended'))).toMatchObject({ reason: 'disconnected', by: 'agent' });
    const heard = caller.heard().filter((sample) => sample !== 0).length;
    expect(heard).toBeGreaterThanOrEqual(apology.filter((sample) => sample !== 0).length);
    await expect(settled(lastValueFrom(ringTwice(call, apology, clock)))).rejects.toMatchObject({ code: 'CALL_ENDED' });
    ringTwice(call, apology, clock).subscribe();
    await clock.advance(100);
  });

  it('plays music to the caller until connected, and none of it to the callee', async () => {
    const heading = 'Play music until connected';
    const connectWithMusic = await recipe<(call: ActiveCall, music: Int16Array) => Promise<void>>(
      heading,
      'connectWithMusic',
    );
    await using line = await openVirtualLine({ callee: { answerAfterMs: 12_000 } });
    const { caller, callee, clock, settled } = line;
    const call = await answered(line);
    await settled(connectWithMusic(call, speech(600, 3_000)));
    expect(call.mode).toBe('barge');
    expect(caller.levelDb({ frequencyHz: 600, fromMs: 500, toMs: 11_500 })).toBeGreaterThan(-22);
    await clock.advance(1_000);
    expect(caller.levelDb({ fromMs: caller.heardMs - 500 })).toBe(-120);
    expect(callee.heard().every((sample) => sample === 0)).toBe(true);
  });

  it('stops the music when nobody picks up', async () => {
    const heading = 'Play music until connected';
    const connectWithMusic = await recipe<(call: ActiveCall, music: Int16Array) => Promise<void>>(
      heading,
      'connectWithMusic',
    );
    await using line = await openVirtualLine();
    const { caller, clock, settled } = line;
    const call = await answered(line);
    await expect(settled(connectWithMusic(call, speech(600, 3_000)))).rejects.toMatchObject({
      code: 'CALL_UNANSWERED',
    });
    await clock.advance(1_000);
    expect(caller.levelDb({ fromMs: caller.heardMs - 500 })).toBe(-120);
    expect(call.getSendAudioBufferSize()).toBe(0);
  });

  it('records one party alone', async () => {
    const record = await recipe<(call: ActiveCall, party: 'caller' | 'callee') => Observable<Uint8Array>>(
      'Record one party',
      'record',
    );
    await using line = await openVirtualLine({ callee: { answerAfterMs: 500 } });
    const { caller, callee, clock, settled } = line;
    const call = await answered(line);
    await settled(call.connect());
    const { values } = collect(record(call, 'callee'));
    caller.say(speech(300, 3_000));
    callee.say(speech(1_000, 3_000));
    await clock.advance(2_500);
    caller.hangUp();
    await settled(call.ended);
    expect(values).toHaveLength(1);
    const { samples, sampleRateHz } = decodeWav(values[0] ?? new Uint8Array());
    expect(samples.length / sampleRateHz).toBeCloseTo(2.5, 1);
    expect(levelDb(samples.subarray(24_000))).toBeGreaterThan(-21);
    expect(toneLevelDb(samples.subarray(24_000), { frequencyHz: 300, sampleRateHz })).toBeLessThan(-80);
  });

  it('tells who spoke when, in the order in which they began', async () => {
    const whoSpokeWhen = await recipe<ForCall<{ party: string; fromMs: number; toMs: number }>>(
      'Tell who spoke when',
      'whoSpokeWhen',
    );
    await using line = await openVirtualLine({ callee: { answerAfterMs: 500 } });
    const { caller, callee, clock, settled } = line;
    const call = await answered(line);
    await settled(call.connect());
    const { values, state } = collect(whoSpokeWhen(call, clock));
    await clock.advance(1_000);
    caller.say(speech(300, 3_000));
    await clock.advance(1_000);
    callee.say(speech(1_000, 500));
    await clock.advance(1_500);
    expect(values, 'the caller still speaks').toEqual([]);
    await clock.advance(1_500);
    callee.say(speech(1_000, 5_000));
    await clock.advance(1_000);
    caller.hangUp();
    await settled(call.ended);
    expect(values.map(({ party }) => party)).toEqual(['caller', 'callee', 'callee']);
    const [first, second, third] = values;
    expect((first?.toMs ?? 0) - (first?.fromMs ?? 0)).toBeGreaterThan(2_900);
    expect((second?.fromMs ?? 0) - (first?.fromMs ?? 0)).toBeCloseTo(1_000, -2);
    expect(third?.toMs).toBe(Number.POSITIVE_INFINITY);
    expect(state.completed).toBe(true);
  });
});

describe('a recipe for a client', () => {
  type ForClient<T> = (client: AgenTaoClient) => Observable<T>;

  it('takes calls that show their number, declines others, and goes on after a handler that throws', async () => {
    const takeKnownCallers = await recipe<
      (client: AgenTaoClient, handler: (call: ActiveCall) => unknown) => Observable<ActiveCall>
    >('Take calls that show their number', 'takeKnownCallers');
    await using virtual = openVirtualSwitch();
    const { phones, clock, settled } = virtual;
    const client = new AgenTaoClient(virtual.config(), { clock, transport: virtual.network.connect });
    const seen: string[] = [];
    const subscription = takeKnownCallers(client, async (call) => {
      await call.answer();
      throw new Error(`a slip with ${call.callId}`);
    }).subscribe(({ callerNumber }) => seen.push(callerNumber));
    await settled(Promise.all([client.connect(), virtual.whenReady()]));
    const callee = phones.phone(calleeNumber, { answerAfterMs: 500 });
    for (const number of ['', '+15550001', '+15550002']) {
      const caller = phones.phone(number);
      caller.dial(calleeNumber);
      await clock.advance(2_000);
      expect(caller.events.map(({ type }) => type)).toEqual(number === '' ? ['answered'] : ['answered', 'ended']);
      expect(callee.state).toBe(number === '' ? 'answered' : 'idle');
      if (caller.state === 'answered') caller.hangUp();
      await clock.advance(100);
    }
    expect(seen).toEqual(['+15550001', '+15550002']);
    subscription.unsubscribe();
    await clock.advance(100);
    phones.phone('+15550003').dial(calleeNumber);
    await clock.advance(1_000);
    expect(callee.state, 'no handler: rung without an agent').toBe('answered');
    await settled(client.disconnect());
  });

  it('counts calls and their peak', async () => {
    const load = await recipe<ForClient<{ now: number; peak: number }>>('Count calls and their peak', 'load');
    await using virtual = openVirtualSwitch();
    const { phones, clock, settled } = virtual;
    const client = new AgenTaoClient(virtual.config(), { clock, transport: virtual.network.connect });
    client.on(events.INCOMING_CALL, (call) => call.answer());
    const { values } = collect(load(client));
    await settled(Promise.all([client.connect(), virtual.whenReady()]));
    const callers = ['+15550001', '+15550002', '+15550003'].map((number) => phones.phone(number));
    for (const caller of callers.slice(0, 2)) {
      caller.dial(calleeNumber);
      await clock.advance(100);
    }
    for (const caller of callers.slice(0, 2)) {
      caller.hangUp();
      await clock.advance(100);
    }
    callers[2]?.dial(calleeNumber);
    await clock.advance(100);
    await settled(client.disconnect());
    expect(values.map(({ now, peak }) => `${now}/${peak}`)).toEqual(['1/1', '2/2', '1/2', '0/2', '1/2']);
  });

  it('shows the state of the connection, when it is lost and when it is back', async () => {
    const statusLine = await recipe<ForClient<string>>('Show the state of the connection', 'statusLine');
    await using line = await openVirtualLine();
    const { values } = collect(statusLine(line.client));
    for (const connection of line.network.connections()) connection.cut();
    await line.clock.advance(60_000);
    await line.client.disconnect();
    const wait = expect.stringMatching(/^lost \(CONNECTION_LOST\), again in \d+\.\d s$/) as unknown;
    expect(values).toEqual(['connected as e2e', wait, 'connecting', 'connected as e2e', 'closed']);
  });

  it('logs every event of every call, without numbers and digits', async () => {
    const callLog = await recipe<ForClient<{ event: string }>>('Log every call', 'callLog');
    await using line = await openVirtualLine();
    const { caller, clock, settled } = line;
    const { values } = collect(callLog(line.client));
    const call = await answered(line);
    caller.press('7');
    await clock.advance(200);
    caller.hangUp();
    await settled(call.ended);
    expect(values.map(({ event }) => event)).toEqual([
      'call.incoming',
      'call.answered',
      'call.dtmf',
      'call.terminated',
    ]);
    const text = JSON.stringify(values);
    expect(text).not.toContain('0001');
    expect(text).toContain('"digit":"*"');
    expect(values.at(-1)).toMatchObject({ callId: call.callId, reason: 'hangup', by: 'caller' });
  });
});

it('warns rightly that the same slip on a plain Observable would end the process', async () => {
  await using line = await openVirtualLine();
  const call = await answered(line);
  const { defer } = await import('rxjs');
  defer(() => call.answer())
    .pipe(toArray())
    .subscribe();
  await line.clock.advance(100);
  await new Promise((resolve) => setTimeout(resolve, 2));
  expect(escaped.splice(0)).toMatchObject([{ code: 'INVALID_STATE' }]);
});
