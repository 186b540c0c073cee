import { closeCodes } from '@agentao/protocol';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { ActiveCall } from './active-call.ts';
import { WSSCallClosedError } from './errors.ts';
import { CallEvent, events } from './events.ts';
import { createBench } from './testing/bench.ts';
import type { ScriptedCall } from './testing/scripted-call.ts';

describe('the end of a call', () => {
  const ends: [
    name: string,
    end: (call: ActiveCall, peer: ScriptedCall) => void,
    expected: object,
    closeCode: number,
  ][] = [
    ['a hang-up', (_call, peer) => peer.terminate('hangup', 'caller'), { reason: 'hangup', by: 'caller' }, 1000],
    ['disconnect', (call) => void call.disconnect(), { reason: 'disconnected', by: 'agent' }, 1000],
    ['close in PENDING', (call) => void call.close(), { reason: 'declined', by: 'agent' }, 1000],
    ['asyncDispose', (call) => void call[Symbol.asyncDispose](), { reason: 'declined', by: 'agent' }, 1000],
    [
      'forceDisconnect',
      (call) => void call.forceDisconnect(),
      { reason: 'disconnected', by: 'agent' },
      closeCodes.FORCE_DISCONNECT.code,
    ],
    ['a lost connection', (_call, peer) => peer.cut(), { reason: 'media_lost', by: 'switch' }, 1006],
    [
      'a takeover',
      (_call, peer) => peer.close('TAKEN_OVER'),
      { reason: 'taken_over', by: 'switch' },
      closeCodes.TAKEN_OVER.code,
    ],
    [
      'a close without a terminal event',
      (_call, peer) => peer.close('NORMAL'),
      { reason: 'media_lost', by: 'switch' },
      1000,
    ],
  ];
  it.each(ends)(
    'by %s is told once, to everybody, and leaves no connection',
    async (_name, end, expected, closeCode) => {
      const bench = createBench();
      const { call, peer } = await bench.call();
      const told: object[] = [];
      call.on(CallEvent.CALL_TERMINATED, ({ reason, by }) => told.push({ reason, by }));
      const states = lastValueFrom(call.state$.pipe(toArray()));
      const allEvents = lastValueFrom(call.events$.pipe(toArray()));
      end(call, peer);
      expect(await bench.until(call.ended)).toEqual(expected);
      await bench.pass(100);
      expect(told).toEqual([expected]);
      expect(await states).toEqual(['PENDING', 'DISCONNECTED']);
      expect(await allEvents).toMatchObject([{ type: 'call.terminated', callId: call.callId, ...expected }]);
      expect(call.state).toBe('DISCONNECTED');
      expect(call.signal.aborted).toBe(true);
      expect(call.signal.reason).toBeInstanceOf(WSSCallClosedError);
      expect(peer.closedWith).toBe(closeCode);
      expect(bench.client.getCall(call.callId)).toBeUndefined();
      expect(bench.network.connections()).toHaveLength(1);
    },
  );

  it('leaves no timer running, whatever was waiting', async () => {
    const bench = createBench();
    await bench.until(bench.client.connect());
    const before = bench.clock.pendingTimers;
    const { call, peer } = await bench.call();
    peer.onCommand = () => 'silence';
    await call.sendAudio(new Int16Array(24_000));
    void call.answer();
    void call.waitForPlayout({ timeoutMs: 60_000 });
    void call.clearSendAudioBuffer();
    await bench.pass(100);
    peer.terminate('hangup', 'caller');
    await bench.until(call.ended);
    await bench.pass();
    expect(bench.clock.pendingTimers).toBe(before);
  });

  it('is not told twice when the connection goes right behind the terminal event', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const told: string[] = [];
    call.on('call.terminated', ({ reason }) => told.push(reason));
    peer.terminate('hangup', 'caller');
    peer.event({ type: 'call.terminated', reason: 'failed', by: 'switch' });
    peer.cut();
    await bench.pass(1000);
    expect(told).toEqual(['hangup']);
  });

  it('is replayed to those who come late, after on has returned', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.terminate('hangup', 'caller');
    await bench.until(call.ended);
    const told: string[] = [];
    call.on('call.terminated', ({ reason }) => told.push(reason));
    call.on('call.terminated', () => told.push('unwanted'))();
    expect(told).toEqual([]);
    await bench.pass();
    expect(told).toEqual(['hangup']);
    call.state$.subscribe((state) => told.push(state));
    call.events$.subscribe({ next: ({ type }) => told.push(type), complete: () => told.push('complete') });
    expect(told).toEqual(['hangup', 'DISCONNECTED', 'call.terminated', 'complete']);
  });

  it('makes close, disconnect and forceDisconnect resolve however often they are called', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    await bench.until(Promise.all([call.close(), call.disconnect(), call.close(), call.forceDisconnect()]));
    await bench.until(Promise.all([call.close(), call.disconnect(), call.forceDisconnect()]));
    await bench.pass();
    expect(peer.commands.map(({ type }) => type)).toEqual(['close', 'disconnect', 'close']);
  });

  it('settles disconnect when the caller hangs up meanwhile', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = () => 'silence';
    const ending = call.disconnect();
    await bench.pass();
    peer.terminate('hangup', 'caller');
    await bench.until(ending);
  });

  it('comes even if the switch answers close and never says that the call has ended', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = ({ id }) => {
      peer.respond(id, { result: {} });
      return 'silence';
    };
    await bench.until(call.close());
    expect(await call.ended).toEqual({ reason: 'left', by: 'agent' });
  });

  it('by force waits for nobody and says so with its own close code', async () => {
    const bench = createBench({ latencyMs: 100 });
    const { call, peer } = await bench.call();
    await call.forceDisconnect();
    expect(call.state).toBe('DISCONNECTED');
    await bench.pass(150);
    expect(peer.closedWith).toBe(closeCodes.FORCE_DISCONNECT.code);
    expect(peer.commands).toEqual([]);
  });

  it('comes once the switch refuses to resume what died silently, which is noticed within two seconds', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    bench.network.connections()[1]?.halfOpen();
    await bench.pass(2_000);
    expect(bench.logged('warn')).toMatchObject([{ message: 'media connection lost, trying again' }]);
    expect(call.state).toBe('PENDING');
    expect(await bench.until(call.ended)).toEqual({ reason: 'media_lost', by: 'switch' });
    expect(bench.logged('error')).toMatchObject([{ message: 'media connection lost for good' }]);
  });

  it('does not come of silence alone: a quiet peer is pinged, and answers', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    await bench.pass(60_000);
    expect(call.state).toBe('PENDING');
  });
});

describe('what the switch must not send', () => {
  const cases: [name: string, send: (peer: ScriptedCall) => void, code: number][] = [
    ['text that is no JSON', (peer) => peer.sendText('{'), closeCodes.BAD_MESSAGE.code],
    ['a known message with wrong fields', (peer) => peer.sendText('{"type":"credit"}'), closeCodes.BAD_MESSAGE.code],
    ['a second attached', (peer) => peer.sendText(JSON.stringify(attachedTwice)), closeCodes.OUT_OF_ORDER.code],
  ];
  it.each(cases)('%s ends that call alone, with its close code', async (_name, send, code) => {
    const bench = createBench();
    const first = await bench.call();
    const second = await bench.call();
    send(first.peer);
    expect(await bench.until(first.call.ended)).toEqual({ reason: 'media_lost', by: 'switch' });
    await bench.pass();
    expect(first.peer.closedWith).toBe(code);
    await bench.until(second.call.answer());
    expect(second.call.state).toBe('ANSWERED');
  });

  it('is ignored where it is only unknown', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.sendText('{"type":"novelty"}');
    peer.novelEvent();
    peer.hear('mix', 0, new Int16Array(0));
    peer.respond(77, { result: {} });
    await bench.until(call.answer());
    expect(call.state).toBe('ANSWERED');
  });
});

const attachedTwice = {
  type: 'attached',
  state: 'PENDING',
  mode: null,
  atMs: 0,
  generation: 0,
  upTo: 0,
  windowSamples: 1,
  resumeToken: 'r',
  resumeWithinMs: 1,
};

describe('on', () => {
  it('hands over typed payloads, to handlers with and without parameters', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const seen: unknown[] = [];
    call.on(events.CALL_DTMF, (event) => {
      expectTypeOf(event.digit).toEqualTypeOf<string>();
      expectTypeOf(event.party).toEqualTypeOf<'caller' | 'callee'>();
      seen.push(event);
    });
    call.on(events.CALL_CONNECTED, ({ mode }) => expectTypeOf(mode).toEqualTypeOf<'barge' | 'whisper' | 'spy'>());
    call.on(events.CALL_DTMF, () => seen.push('no parameters'));
    // @ts-expect-error a digit is no part of this event
    call.on(events.CALL_ANSWERED, ({ digit }) => seen.push(digit));
    // @ts-expect-error not an event of a call
    expect(() => call.on('call.incoming', () => undefined)).toThrow('call.incoming');
    const stop = call.on('call.dtmf', () => seen.push('unsubscribed'));
    stop();
    peer.event({ type: 'call.dtmf', digit: '5', party: 'caller', durationMs: 80 });
    await bench.pass();
    expect(seen).toMatchObject([
      { type: 'call.dtmf', callId: call.callId, digit: '5', party: 'caller', durationMs: 80 },
      'no parameters',
    ]);
  });

  it('logs what a handler throws or rejects with, and runs the others', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    const seen: string[] = [];
    call.on('call.answered', () => {
      throw new Error('thrown');
    });
    call.on('call.answered', () => Promise.reject(new Error('rejected')));
    call.on('call.answered', () => seen.push('ran'));
    await bench.until(call.answer());
    expect(seen).toEqual(['ran']);
    const errors = bench.logged('error').map(({ fields }) => fields);
    expect(errors).toMatchObject([
      { callId: call.callId, err: new Error('thrown') },
      { callId: call.callId, err: new Error('rejected') },
    ]);
  });
});
