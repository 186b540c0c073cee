import { inspect } from 'node:util';
import { decodeMediaClient, limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import type { ActiveCall } from './active-call.ts';
import { AgenTaoClient } from './client.ts';
import { AgenTaoClientConfig } from './config.ts';
import { handleCalls } from './operators/handle-calls.ts';
import { createBench } from './testing/bench.ts';

// What a program without types may hand in. `unknown` stands in for it, since the compiler refuses all of this.
type Untyped = Readonly<Record<string, (...given: unknown[]) => Promise<unknown>>>;

const untyped = (value: unknown): Untyped => value as Untyped;
const noSignal = new AbortController();
const silence = new Int16Array(480);

/** JSON that nests so many levels deep. */
function nested(levels: number): unknown {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

describe('a verb with an argument that is none', () => {
  it.each<[string, unknown[], RegExp]>([
    ['connect', [{ signal: noSignal }], /^signal must be an AbortSignal/],
    ['connect', [{ signal: 'x' }], /^signal .* got "x"/],
    ['connect', [{ ringTimeSeconds: '30' }], /^ringTimeSeconds must be a number .* got "30"/],
    ['connect', [null], /^options must be an object, got null/],
    ['whisper', [null], /^options/],
    ['barge', ['now'], /^options/],
    ['spy', [null], /^options/],
    ['close', [null], /^options/],
    ['sendDtmf', [['1']], /^digits/],
    ['sendAudio', [silence, null], /^options/],
    ['sendAudio', [silence, { signal: noSignal }], /^signal/],
    ['sendAudio', [silence, { wait: true, signal: 'x' }], /^signal/],
    ['play', [silence, { signal: noSignal }], /^signal/],
    ['play', [silence, null], /^options/],
    ['play', ['greeting.wav'], /bytes of a WAV file.*async iterable/],
    ['play', [undefined], /bytes of a WAV file/],
    ['waitForPlayout', [null], /^options/],
    ['waitForPlayout', [{ timeoutMs: '5' }], /^timeoutMs must be a number/],
    ['setContext', [nested(32)], /^context is nested deeper than 31 levels$/],
    ['annotate', ['note', nested(32)], /^data is nested deeper than 31 levels$/],
    ['setContext', [() => 1], /^context is not JSON/],
  ])('%s(%j) rejects with INVALID_ARGUMENT, sends nothing and queues nothing', async (verb, given, message) => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const run = untyped(call)[verb]?.bind(call);
    const rejected = await bench.until(run?.(...given).then(String, (error: unknown) => error) ?? Promise.resolve());
    expect(rejected).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) });
    await bench.pass(100);
    expect(peer.commands).toEqual([]);
    expect(call.queuedSamples).toBe(0);
    expect(call.state).toBe('PENDING');
  });

  it('leaves a line at debug with the verb and the code, also if nobody awaits it', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    void call.sendDtmf('secret');
    void untyped(call)['setContext']?.(() => 1);
    peer.onCommand = () => ({ code: 'INVALID_STATE', message: 'not for +15559999' });
    void call.whisper();
    await bench.pass();
    const lines = bench.logged('debug').filter(({ message }) => message === 'a verb came to nothing');
    const { callId } = call;
    expect(lines.map(({ fields }) => fields)).toEqual([
      { callId, verb: 'sendDtmf', code: 'INVALID_ARGUMENT' },
      { callId, verb: 'setContext', code: 'INVALID_ARGUMENT' },
      { callId, verb: 'whisper', code: 'INVALID_STATE' },
    ]);
  });

  it('throws where it returns no promise', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
    const calls: ((call: Untyped) => unknown)[] = [
      (verbs) => verbs['audioStream']?.({ signal: noSignal }),
      (verbs) => verbs['audioStream']?.(null),
      (verbs) => verbs['audio$']?.(null),
      (verbs) => verbs['on']?.('call.dtmf', undefined),
      (verbs) => verbs['on']?.('call.dtmf', 'handler'),
    ];
    for (const run of calls) expect(() => run(untyped(call))).toThrow(invalid);
  });
});

it.each(['context', 'annotate'] as const)('JSON for %s that is taken is one that a message may hold', (type) => {
  const json = nested(limits.clientNesting - 1);
  const data = type === 'context' ? { context: json } : { kind: 'note', data: json };
  expect(decodeMediaClient(JSON.stringify({ type, id: 1, ...data }))).toMatchObject({ type });
  const deeper = type === 'context' ? { context: [json] } : { kind: 'note', data: [json] };
  expect(() => decodeMediaClient(JSON.stringify({ type, id: 1, ...deeper }))).toThrow('nested deeper');
});

it('JSON of the deepest nesting goes through', async () => {
  const bench = createBench();
  const { call } = await bench.call();
  await bench.until(call.setContext(nested(31)));
  expect(call.context).toEqual(nested(31));
});

describe('a client with an argument that is none', () => {
  it('names it instead of failing somewhere inside', async () => {
    const client = (...given: unknown[]): unknown => Reflect.construct(AgenTaoClient, given);
    const config = { code: 'INVALID_CONFIG', message: expect.stringMatching('AgenTaoClientConfig') };
    expect(() => client()).toThrow(expect.objectContaining(config));
    expect(() => client({ apiKey: 'ak_1_x', connectorUuid: 'c' })).toThrow(expect.objectContaining(config));
    const factories = AgenTaoClientConfig as unknown as Untyped;
    const missing = expect.objectContaining({ code: 'INVALID_CONFIG', message: 'options must be an object' });
    expect(() => factories['sandbox']?.('ak_1_x')).toThrow(missing);
    expect(() => factories['production']?.()).toThrow(missing);
    expect(() => factories['fromEnv']?.({}, null)).toThrow(missing);
    const bench = createBench();
    const verbs = untyped(bench.client);
    const invalid = { code: 'INVALID_ARGUMENT' };
    await expect(verbs['drain']?.call(bench.client, null)).rejects.toMatchObject(invalid);
    await expect(verbs['runForever']?.call(bench.client, { signal: noSignal })).rejects.toMatchObject(invalid);
    await expect(verbs['runForever']?.call(bench.client, null)).rejects.toMatchObject(invalid);
  });

  it('takes no handler that cannot be called, and does not say that it is ready', async () => {
    const bench = createBench();
    await bench.until(bench.client.connect());
    const on = untyped(bench.client)['on']?.bind(bench.client);
    expect(() => on?.('call.incoming', undefined)).toThrow(/handler must be a function/);
    expect(() => handleCalls(undefined as never)).toThrow(/handler must be a function/);
    await bench.pass();
    expect(bench.peer.session.ready).toBe(false);
    bench.client.on('call.incoming', () => undefined);
  });
});

it('a call shows numbers in full neither as JSON nor to inspect, and nothing of its inside', async () => {
  const bench = createBench();
  const { call } = await bench.call();
  const shown = { callId: call.callId, callerNumber: '*01', calleeNumber: '*99', state: 'PENDING', mode: null };
  expect(JSON.parse(JSON.stringify(call))).toMatchObject(shown);
  const text = inspect(call, { depth: 5 });
  expect(text).toContain("calleeNumber: '*99'");
  expect(`${text}${JSON.stringify({ call })}`).not.toMatch(/1555|listener/);
  expect(Object.keys(call satisfies ActiveCall)).not.toContain('listener');
});
