import { describe, expect, it } from 'vitest';
import type { ActiveCall } from './active-call.ts';
import {
  WSSCallClosedError,
  WSSCallCommandError,
  WSSCallCommandTimeoutError,
  WSSError,
  WSSMediaError,
} from './errors.ts';
import { createBench } from './testing/bench.ts';

/** What a promise rejects with. */
async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('resolved'),
    (error: unknown) => error,
  );
}

describe('a verb', () => {
  it('sends its command and resolves once the switch has answered, the state already changed', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const states: string[] = [];
    call.state$.subscribe((state) => states.push(state));
    await bench.until(call.answer());
    expect(call.state).toBe('ANSWERED');
    await bench.until(call.connect({ ringTimeSeconds: 30, mode: 'whisper' }));
    expect(call.mode).toBe('whisper');
    await bench.until(call.barge());
    await bench.until(call.spy());
    expect(call.mode).toBe('spy');
    await bench.until(call.sendDtmf('12#'));
    await bench.until(call.annotate('note', { text: 'x' }));
    await bench.until(call.disconnect());
    expect(peer.commands).toMatchObject([
      { id: 1, type: 'answer' },
      { id: 2, type: 'connect', ringTimeMs: 30_000, mode: 'whisper' },
      { id: 3, type: 'mode', mode: 'barge', discard: { generation: 1, position: 0 } },
      { id: 4, type: 'mode', mode: 'spy' },
      { id: 5, type: 'dtmf', digits: '12#' },
      { id: 6, type: 'annotate', kind: 'note', data: { text: 'x' } },
      { id: 7, type: 'disconnect' },
    ]);
    expect(states).toEqual(['PENDING', 'ANSWERED', 'CONNECTED', 'DISCONNECTED']);
  });

  it('rings for a minute and barges unless told otherwise', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    await bench.until(call.connect());
    expect(peer.sent('connect')).toMatchObject([{ ringTimeMs: 60_000, mode: 'barge' }]);
  });

  it('rejects with the code and text of a refusal, and the call goes on', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = () => ({ code: 'INVALID_STATE', message: 'not now' });
    const error = await rejection(bench.until(call.answer()));
    expect(error).toBeInstanceOf(WSSCallCommandError);
    expect(error).toMatchObject({ code: 'INVALID_STATE', errorMessage: 'not now', callId: call.callId });
    peer.onCommand = () => undefined;
    await bench.until(call.answer());
    expect(call.state).toBe('ANSWERED');
  });

  it('rejects after 10 s without an answer, and a late success is still applied', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = () => 'silence';
    const answered = call.answer();
    await bench.pass(9_999);
    expect(peer.commands).toHaveLength(1);
    expect(await rejection(bench.until(answered))).toBeInstanceOf(WSSCallCommandTimeoutError);
    expect(bench.clock.now()).toBe(10_000);
    expect(call.state).toBe('PENDING');
    const events: string[] = [];
    call.events$.subscribe(({ type }) => events.push(type));
    peer.event({ type: 'call.answered' });
    peer.respond(1, { result: {} });
    await bench.pass();
    expect(call.state).toBe('ANSWERED');
    expect(events).toEqual(['call.answered']);
  });

  it('gives connect its ring time and 10 s more', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = () => 'silence';
    const failed = await rejection(bench.until(call.connect({ ringTimeSeconds: 20 })));
    expect(failed).toBeInstanceOf(WSSCallCommandTimeoutError);
    expect(bench.clock.now()).toBe(30_000);
  });

  const verbs: [name: string, run: (call: ActiveCall) => Promise<unknown>][] = [
    ['answer', (call) => call.answer()],
    ['connect', (call) => call.connect()],
    ['whisper', (call) => call.whisper()],
    ['barge', (call) => call.barge()],
    ['spy', (call) => call.spy()],
    ['clearSendAudioBuffer', (call) => call.clearSendAudioBuffer()],
    ['sendDtmf', (call) => call.sendDtmf('1')],
    ['setContext', (call) => call.setContext(1)],
    ['annotate', (call) => call.annotate('a', 1)],
  ];
  it.each(verbs)('%s on an ended call rejects with WSSCallClosedError', async (_name, run) => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.terminate('hangup', 'caller');
    await bench.until(call.ended);
    const sent = peer.commands.length;
    const error = await rejection(run(call));
    expect(error).toBeInstanceOf(WSSCallClosedError);
    expect(error).toMatchObject({ callId: call.callId, code: 'CALL_ENDED' });
    expect(peer.commands).toHaveLength(sent);
  });

  it.each(verbs)('%s that waits when the call ends rejects with WSSCallClosedError', async (_name, run) => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = () => 'silence';
    const waiting = run(call);
    await bench.pass();
    peer.terminate('hangup', 'caller');
    expect(await rejection(bench.until(waiting))).toBeInstanceOf(WSSCallClosedError);
  });

  it('rejects with WSSMediaError when the media connection is lost under it', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = () => 'silence';
    const waiting = call.connect();
    await bench.pass();
    peer.cut();
    expect(await rejection(bench.until(waiting))).toBeInstanceOf(WSSMediaError);
    const later = await rejection(call.answer());
    expect(later).toBeInstanceOf(WSSCallClosedError);
    expect((later as Error).cause).toBeInstanceOf(WSSMediaError);
  });

  const bad: [name: string, run: (call: ActiveCall) => Promise<unknown>][] = [
    ['ringTimeSeconds of 0.5', (call) => call.connect({ ringTimeSeconds: 0.5 })],
    ['ringTimeSeconds of 121', (call) => call.connect({ ringTimeSeconds: 121 })],
    ['ringTimeSeconds of NaN', (call) => call.connect({ ringTimeSeconds: Number.NaN })],
    ['a mode that is none', (call) => call.connect({ mode: 'listen' as never })],
    ['a note without a kind', (call) => call.annotate('', 1)],
    ['a note with too long a kind', (call) => call.annotate('k'.repeat(1_000), 1)],
    ['no digits', (call) => call.sendDtmf('')],
    ['other digits', (call) => call.sendDtmf('1x')],
    ['too many digits', (call) => call.sendDtmf('1'.repeat(33))],
    ['context without JSON', (call) => call.setContext(undefined)],
    ['circular context', (call) => call.setContext(circular())],
    ['context beyond 64 KB', (call) => call.setContext('x'.repeat(65_535))],
    ['annotation beyond 16 KB', (call) => call.annotate('a', '€'.repeat(6000))],
    ['half a sample', (call) => call.sendAudio(new Uint8Array(3))],
    ['audio that is none', (call) => call.sendAudio('pcm' as never)],
    ['a negative timeout', (call) => call.waitForPlayout({ timeoutMs: -1 })],
  ];
  it.each(bad)('refuses %s before anything is sent', async (_name, run) => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const error = await rejection(run(call));
    expect(error).toBeInstanceOf(WSSError);
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' });
    await bench.pass();
    expect(peer.commands).toEqual([]);
  });
});

it.each<[name: string, use: (call: ActiveCall) => unknown]>([
  ['a track to iterate', (call) => call.audioStream({ party: 'agent' as never })],
  ['a track to observe', (call) => call.audio$({ party: 'agent' as never })],
  ['an event', (call) => call.on('call.novelty' as never, () => undefined)],
])('refuses what is not %s', async (_name, use) => {
  const { call } = await createBench().call();
  expect(() => use(call)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});

function circular(): object {
  const value: { self?: object } = {};
  value.self = value;
  return value;
}

describe('connect', () => {
  it('is cancelled by its signal: the ringing stops and the reason is the cause', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = (command) => {
      if (command.type === 'connect') return 'silence';
      if (command.type !== 'connect.cancel') return undefined;
      peer.event({ type: 'call.connect_failed', errorCode: 'CONNECT_CANCELLED', errorMessage: 'cancelled' });
      peer.respond(command.connectId, { code: 'CONNECT_CANCELLED', message: 'cancelled' });
      return { result: {} };
    };
    const abort = new AbortController();
    const connecting = call.connect({ signal: abort.signal });
    await bench.pass(500);
    const reason = new Error('caller changed its mind');
    abort.abort(reason);
    const error = await rejection(bench.until(connecting));
    expect(error).toBeInstanceOf(WSSCallCommandError);
    expect(error).toMatchObject({ code: 'CONNECT_CANCELLED', cause: reason });
    expect(peer.sent('connect.cancel')).toMatchObject([{ connectId: 1 }]);
  });

  it('succeeds if the callee picked up before the cancel came', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = (command) => {
      if (command.type === 'connect') return 'silence';
      if (command.type !== 'connect.cancel') return undefined;
      peer.event({ type: 'call.connected', mode: 'barge' });
      peer.respond(command.connectId, { result: {} });
      return { code: 'INVALID_STATE', message: 'nothing rings' };
    };
    const abort = new AbortController();
    const connecting = call.connect({ signal: abort.signal });
    await bench.pass(500);
    abort.abort();
    await bench.until(connecting);
    expect(call.state).toBe('CONNECTED');
  });

  it('is given up when a switch does not answer the cancel either', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = () => 'silence';
    const abort = new AbortController();
    const connecting = call.connect({ ringTimeSeconds: 120, signal: abort.signal });
    await bench.pass(1_000);
    abort.abort();
    const failed = await rejection(bench.until(connecting));
    expect(failed).toBeInstanceOf(WSSCallCommandTimeoutError);
    expect(bench.clock.now()).toBe(11_000);
    peer.event({ type: 'call.connected', mode: 'barge' });
    await bench.pass();
    expect(call.state).toBe('CONNECTED');
  });

  it('waits for its own outcome when the cancel is refused', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = ({ type }) => (type === 'connect' ? 'silence' : { code: 'INTERNAL', message: 'no' });
    const abort = new AbortController();
    const connecting = call.connect({ ringTimeSeconds: 20, signal: abort.signal });
    abort.abort();
    await bench.pass(20_000);
    peer.respond(1, { code: 'CALL_UNANSWERED', message: 'nobody' });
    expect(await rejection(bench.until(connecting))).toMatchObject({ code: 'CALL_UNANSWERED' });
  });

  it('with an aborted signal rings nobody', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    expect(await rejection(call.connect({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'CONNECT_CANCELLED' });
    await bench.pass();
    expect(peer.commands).toEqual([]);
  });

  it('without an answer tells so, and the call goes on', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = (command) => {
      if (command.type !== 'connect') return undefined;
      peer.event({ type: 'call.connect_failed', errorCode: 'CALL_UNANSWERED', errorMessage: 'nobody' });
      return { code: 'CALL_UNANSWERED', message: 'nobody' };
    };
    const failures: string[] = [];
    call.on('call.connect_failed', ({ errorCode }) => failures.push(errorCode));
    expect(await rejection(bench.until(call.connect()))).toMatchObject({ code: 'CALL_UNANSWERED', retryable: true });
    expect(failures).toEqual(['CALL_UNANSWERED']);
    expect(call.state).toBe('PENDING');
  });
});

describe('context', () => {
  it('is what the last owner stored, then what was stored here', async () => {
    const bench = createBench({ acceptsTakeover: true });
    const takeover = { state: 'ANSWERED', mode: null, context: { step: 2 } } as const;
    const { call } = await bench.call({ takeover });
    expect(call.takenOver).toBe(true);
    expect(call.context).toEqual({ step: 2 });
    await bench.until(call.setContext({ step: 3 }));
    expect(call.context).toEqual({ step: 3 });
  });

  it('stays as it was when storing fails', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    expect(call.takenOver).toBe(false);
    expect(call.context).toBeNull();
    peer.onCommand = () => ({ code: 'LIMIT_REACHED', message: 'full' });
    await rejection(bench.until(call.setContext(1)));
    expect(call.context).toBeNull();
  });
});
