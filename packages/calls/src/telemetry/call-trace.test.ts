import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ActiveCall } from '../active-call.ts';
import { WSSCallCommandError } from '../errors.ts';
import { CallEvent, ClientEvent } from '../events.ts';
import { createBench } from '../testing/bench.ts';
import { openTracing, type Tracing } from './test-tracing.ts';

let tracing: Tracing;
beforeEach(() => {
  tracing = openTracing();
});
afterEach(() => tracing[Symbol.dispose]());

function only(name: string): ReadableSpan {
  const [span, ...more] = tracing.named(name);
  if (span === undefined || more.length > 0) throw new Error(`${more.length + 1} spans ${name}`);
  return span;
}

const parentOf = (span: ReadableSpan): string | undefined => span.parentSpanContext?.spanId;
const milliseconds = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1000 + nanoseconds / 1e6;

describe('the span of a call', () => {
  it('lasts from its acceptance to its end, by the clock, and says what it was and how it ended', async () => {
    const bench = createBench({ latencyMs: 20 });
    const { call, peer } = await bench.call();
    await bench.until(call.answer());
    await bench.pass(5_000);
    peer.terminate('hangup', 'caller');
    await bench.until(call.ended);
    const span = only('agentao.call');
    expect(span.kind).toBe(SpanKind.SERVER);
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.attributes).toEqual({
      'agentao.call.id': call.callId,
      'agentao.connector.uuid': 'c-1',
      'agentao.call.direction': 'MT',
      'agentao.call.taken_over': false,
      'agentao.audio.sample_rate': 24_000,
      'agentao.call.state': 'ANSWERED',
      'agentao.call.end.reason': 'hangup',
      'agentao.call.end.by': 'caller',
    });
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.events.map(({ name }) => name)).toEqual(['call.answered']);
    // Two ways for the socket, two for attach, two for the answer, 5 s, one for the end.
    expect(milliseconds(span.duration)).toBe(5_000 + 7 * 20);
    expect(milliseconds(span.endTime)).toBe(bench.clock.wallTime());
  });

  it('is an error where the call failed, or its media connection was lost', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.cut();
    await bench.until(call.ended);
    const span = only('agentao.call');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span.attributes).toMatchObject({ 'agentao.call.end.reason': 'media_lost', 'error.type': 'media_lost' });
  });

  it('tells of outages, modes and keys, without the key', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.event({ type: 'call.dtmf', digit: '7', party: 'callee', durationMs: 90 });
    peer.event({ type: 'call.resumed', outageMs: 300, replayedSamples: 480 });
    peer.event({ type: 'call.connected', mode: 'spy' });
    peer.event({ type: 'call.connect_failed', errorCode: 'CALL_REJECTED', errorMessage: '+15559999 said no' });
    await bench.pass();
    await bench.until(call.forceDisconnect());
    expect(only('agentao.call').events.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['call.dtmf', { 'agentao.party': 'callee' }],
      ['call.resumed', { 'agentao.media.outage_ms': 300, 'agentao.audio.replayed_samples': 480 }],
      ['call.connected', { 'agentao.call.mode': 'spy' }],
      ['call.connect_failed', { 'error.type': 'CALL_REJECTED' }],
    ]);
    expect(only('agentao.call').attributes).toMatchObject({ 'agentao.call.state': 'CONNECTED' });
  });

  it('belongs to nothing that was under way when the client was connected', async () => {
    const bench = createBench();
    const { call } = await trace.getTracer('program').startActiveSpan('start', () => bench.call());
    await bench.until(call.close());
    expect(only('agentao.call').parentSpanContext).toBeUndefined();
  });
});

describe('the span of a verb', () => {
  it('is a child of that of the call, whichever verb it is', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    await bench.until(call.answer());
    await bench.until(call.connect({ ringTimeSeconds: 20, mode: 'whisper' }));
    await bench.until(call.spy());
    await bench.until(call.barge({ keepQueued: true }));
    await bench.until(call.whisper());
    await bench.until(call.play(new Int16Array(960)));
    await bench.until(call.clearSendAudioBuffer());
    await bench.until(call.sendDtmf('4711'));
    await bench.until(call.setContext({ said: 'my pin is 4711' }));
    await bench.until(call.annotate('transcript', { text: 'my pin is 4711' }));
    await bench.until(call.disconnect());
    const parent = only('agentao.call').spanContext();
    const verbs = tracing.spans.filter(({ name }) => name !== 'agentao.call');
    expect(verbs.map(({ name }) => name.replace('agentao.call.', ''))).toEqual(
      'answer connect spy barge whisper play clear dtmf context annotate disconnect'.split(' '),
    );
    for (const span of verbs) {
      expect(parentOf(span), span.name).toBe(parent.spanId);
      expect(span.spanContext().traceId).toBe(parent.traceId);
      expect(span.kind).toBe(SpanKind.CLIENT);
      expect(span.attributes['agentao.verb.outcome']).toBe(span.name === 'agentao.call.play' ? 'played' : 'ok');
    }
    expect(only('agentao.call.connect').attributes).toMatchObject({
      'agentao.connect.ring_time': 20,
      'agentao.call.mode': 'whisper',
    });
    expect(JSON.stringify(tracing.spans.map(({ attributes, events }) => ({ attributes, events })))).not.toMatch(/4711/);
  });

  it.each([
    ['CALL_UNANSWERED', SpanStatusCode.UNSET],
    ['INVALID_STATE', SpanStatusCode.ERROR],
  ])('says that the switch refused it with %s', async (code, status) => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = () => ({ code, message: 'a text about +15559999' });
    await expect(bench.until(call.connect())).rejects.toThrow(WSSCallCommandError);
    const span = only('agentao.call.connect');
    expect(span.attributes).toMatchObject({ 'agentao.verb.outcome': 'refused', 'error.type': code });
    expect(span.status).toEqual({ code: status });
    expect(span.events).toEqual([]);
  });

  it('says that it timed out, that the call ended first, or that it was called wrongly', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.onCommand = () => 'silence';
    await expect(bench.until(call.answer())).rejects.toThrow(/not answered/);
    await expect(bench.until(call.sendDtmf('x'))).rejects.toThrow(/digits/);
    const waiting = call.connect();
    peer.terminate('hangup', 'caller');
    await expect(bench.until(waiting)).rejects.toThrow(/has ended/);
    const outcomes = ['answer', 'dtmf', 'connect'].map((verb) => {
      const { attributes, status } = only(`agentao.call.${verb}`);
      return [attributes['agentao.verb.outcome'], attributes['error.type'], status.code];
    });
    expect(outcomes).toEqual([
      ['timeout', 'COMMAND_TIMEOUT', SpanStatusCode.ERROR],
      ['failed', 'INVALID_ARGUMENT', SpanStatusCode.ERROR],
      ['ended', 'CALL_ENDED', SpanStatusCode.UNSET],
    ]);
  });

  it('is not there once the call has ended', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    peer.terminate('hangup', 'caller');
    await bench.until(call.ended);
    await bench.until(call.close());
    await expect(call.answer()).rejects.toThrow(/has ended/);
    expect(tracing.spans.map(({ name }) => name)).toEqual(['agentao.call']);
  });
});

describe('spans of the program', () => {
  it('are children of the call in its handler and in handlers of its events, and take the verbs called in them', async () => {
    const tracer = trace.getTracer('program');
    const bench = createBench();
    const handled = Promise.withResolvers<ActiveCall>();
    bench.client.on(ClientEvent.INCOMING_CALL, async (call) => {
      call.on(CallEvent.CALL_ANSWERED, () => tracer.startSpan('on answered').end());
      await tracer.startActiveSpan('greet', async (span) => {
        await call.answer();
        span.end();
      });
      await call.disconnect();
      handled.resolve(call);
    });
    await bench.until(bench.client.connect());
    await bench.pass();
    bench.peer.offer();
    await bench.until(handled.promise);
    const { spanId } = only('agentao.call').spanContext();
    expect(parentOf(only('greet'))).toBe(spanId);
    expect(parentOf(only('on answered'))).toBe(spanId);
    expect(parentOf(only('agentao.call.answer'))).toBe(only('greet').spanContext().spanId);
    expect(parentOf(only('agentao.call.disconnect'))).toBe(spanId);
  });

  it('that belong to something else are linked to', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    await trace.getTracer('program').startActiveSpan('sweep', async (span) => {
      await bench.until(call.disconnect());
      span.end();
    });
    const verb = only('agentao.call.disconnect');
    expect(parentOf(verb)).toBe(only('agentao.call').spanContext().spanId);
    expect(verb.links.map(({ context }) => context.spanId)).toEqual([only('sweep').spanContext().spanId]);
  });
});

it('changes nothing where no SDK is registered', async () => {
  tracing[Symbol.dispose]();
  const bench = createBench();
  const { call } = await bench.call();
  await bench.until(call.answer());
  await bench.until(call.disconnect());
  expect(call.state).toBe('DISCONNECTED');
  expect(tracing.spans).toEqual([]);
});
