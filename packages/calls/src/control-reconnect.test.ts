import { type CloseCodeName, closeCodes } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import type { ConnectionState } from './control-connection.ts';
import { WSSAuthenticationError, WSSConnectionError } from './errors.ts';
import { events } from './events.ts';
import { type Bench, createBench } from './testing/bench.ts';

const codes = Object.keys(closeCodes) as CloseCodeName[];
const unavailable = { status: 503, code: 'SHUTTING_DOWN', message: 'later' };

async function connected(options: Parameters<typeof createBench>[0] = {}): Promise<[Bench, ConnectionState[]]> {
  const bench = createBench(options);
  const seen: ConnectionState[] = [];
  await bench.until(bench.client.connect());
  bench.client.connection$.subscribe((state) => seen.push(state));
  return [bench, seen];
}

/** Runs until the client waits for its next attempt, and gives that state. */
function waitingOf(seen: readonly ConnectionState[]): ConnectionState & { readonly name: 'backing-off' } {
  const last = seen.at(-1);
  if (last?.name !== 'backing-off') throw new Error(`the connection is ${last?.name}`);
  return last;
}

describe('a control connection that is lost', () => {
  it.each(codes)('with %s is opened again, or is closed for good, as the table of close codes says', async (name) => {
    const [bench, seen] = await connected();
    bench.peer.session.close(name);
    await bench.pass(60_000);
    const { retry } = closeCodes[name];
    expect(seen.at(-1)?.name).toBe(retry ? 'connected' : 'closed');
    expect(bench.peer.sessions).toHaveLength(retry ? 2 : 1);
    const [failure] = bench.logged(retry ? 'warn' : 'error');
    const refused = name === 'UNAUTHENTICATED' || name === 'FORBIDDEN';
    expect(failure?.fields).toMatchObject({
      err: expect.any(refused ? WSSAuthenticationError : WSSConnectionError),
    });
    expect(failure?.fields).toMatchObject({ err: { code: name, retryable: retry } });
  });

  it('tells which attempt comes next and when, counting anew once it was connected', async () => {
    const [bench, seen] = await connected({ random: () => 0.5 });
    bench.peer.refusal = unavailable;
    bench.peer.session.cut();
    await bench.pass(1_500);
    bench.peer.refusal = undefined;
    await bench.pass(3_000);
    bench.peer.session.cut();
    await bench.pass();
    expect(
      seen.map((state) => ('attempt' in state ? [state.name, state.attempt] : [state.name])),
      'half of 500, 1000 and 2000 ms, then of 4000 ms',
    ).toEqual([
      ['connected'],
      ['backing-off', 1],
      ['connecting', 1],
      ['backing-off', 2],
      ['connecting', 2],
      ['backing-off', 3],
      ['connecting', 3],
      ['connected'],
      ['backing-off', 1],
    ]);
    const waits = seen.flatMap((state) => (state.name === 'backing-off' ? [state.retryInMs] : []));
    expect(waits).toEqual([250, 500, 1_000, 2_000]);
    expect(waitingOf(seen).error).toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
  });

  it.each([0.001, 0.25, 0.999])('waits for a random part of the bound, all of it random: %d', async (random) => {
    const [bench, seen] = await connected({ random: () => random });
    bench.peer.refusal = unavailable;
    bench.peer.session.cut();
    await bench.pass(0);
    const { retryInMs } = waitingOf(seen.filter(({ name }) => name === 'backing-off').slice(0, 1));
    expect(retryInMs).toBe(500 * random);
  });

  it('is tried at the moment that was told', async () => {
    const [bench, seen] = await connected({ random: () => 0.9 });
    bench.peer.session.cut();
    await bench.pass();
    const { retryInMs } = waitingOf(seen);
    await bench.pass(retryInMs - 1);
    expect(bench.peer.sessions).toHaveLength(1);
    await bench.pass(1);
    expect(bench.peer.sessions).toHaveLength(2);
  });

  it('has connect() wait for the next success, and leaves the waiting as it is', async () => {
    const [bench, seen] = await connected({ random: () => 0.9 });
    bench.peer.session.cut();
    await bench.pass();
    const waiting = bench.client.connect();
    await bench.until(waiting);
    expect(bench.clock.now()).toBe(450);
    expect(seen.filter(({ name }) => name === 'connecting')).toHaveLength(1);
  });

  it('has connect() reject with the refusal that is final', async () => {
    const [bench] = await connected();
    bench.peer.refusal = { status: 403, code: 'FORBIDDEN', message: 'no' };
    bench.peer.session.cut();
    await bench.pass();
    await expect(bench.until(bench.client.connect())).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('is given up by disconnect(), which leaves no timer and no attempt', async () => {
    const [bench, seen] = await connected();
    bench.peer.session.cut();
    await bench.pass();
    await bench.client.disconnect();
    expect(bench.clock.pendingTimers).toBe(0);
    await bench.pass(60_000);
    expect(seen.at(-1)).toEqual({ name: 'closed' });
    expect(bench.peer.sessions).toHaveLength(1);
  });

  it('declares the readiness of now: of a handler that came meanwhile, and not of one that went', async () => {
    const [bench] = await connected();
    bench.peer.session.cut();
    await bench.pass();
    const stop = bench.client.on(events.INCOMING_CALL, () => undefined);
    await bench.pass(1_000);
    expect(bench.peer.session.ready).toBe(true);
    bench.peer.session.cut();
    await bench.pass();
    stop();
    await bench.pass(1_000);
    expect(bench.peer.sessions).toHaveLength(3);
    expect(bench.peer.session.messages.map(({ type }) => type)).toEqual(['hello']);
  });

  it('takes nothing from a running call: verbs, events and audio go on both ways, however long it is away', async () => {
    const [bench] = await connected();
    const { call, peer } = await bench.call();
    await bench.until(call.answer());
    bench.peer.refusal = unavailable;
    bench.peer.session.cut();
    await bench.pass(120_000);
    const heard: number[] = [];
    const digits: string[] = [];
    call.audio$().subscribe(({ positionSamples }) => heard.push(positionSamples));
    call.on('call.dtmf', ({ digit }) => digits.push(digit));
    peer.hear('mix', 480, new Int16Array(480));
    peer.event({ type: 'call.dtmf', digit: '7', party: 'caller', durationMs: 100 });
    await bench.until(call.connect());
    expect(await bench.until(call.play(new Int16Array(4_800).fill(3)))).toBe('played');
    expect([heard, digits, call.state]).toEqual([[480], ['7'], 'CONNECTED']);
    expect(bench.client.getCall(call.callId)).toBe(call);
  });

  it('takes nothing from an offer that is being accepted', async () => {
    const [bench] = await connected();
    const taken: string[] = [];
    bench.client.on(events.INCOMING_CALL, ({ callId }) => taken.push(callId));
    const accepting = bench.peer.offer();
    accepting.mute = true;
    await bench.pass();
    bench.peer.refusal = unavailable;
    bench.peer.session.cut();
    accepting.answerAttach();
    await bench.pass(100);
    expect(taken).toEqual(['call-1']);
  });
});

describe('the log of a connection', () => {
  it('has connecting at info, reconnecting at warn, failing at error, message types at debug, and no key', async () => {
    const [bench] = await connected();
    bench.peer.session.cut();
    await bench.pass(1_000);
    bench.peer.session.close('UNAUTHENTICATED');
    await bench.pass(1_000);
    const messages = (level: Parameters<Bench['logged']>[0]): string[] =>
      bench.logged(level).map(({ message }) => message);
    expect(messages('info')).toEqual(['connected to the switch', 'connected to the switch']);
    expect(messages('warn')).toEqual(['connection to the switch lost, trying again']);
    expect(messages('error')).toEqual(['connection to the switch failed']);
    expect(bench.logged('debug')).toMatchObject([
      { message: 'control message', fields: { type: 'welcome' } },
      { message: 'control message', fields: { type: 'welcome' } },
    ]);
    expect(JSON.stringify(bench.log)).not.toContain('ak_test');
  });
});
