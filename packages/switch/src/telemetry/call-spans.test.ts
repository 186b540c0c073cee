import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { createVirtualClock } from '@agentao/clock';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { agentVerbs } from '../calls/agent-table.ts';
import { answerCall, attachCall, connectCall, placeCall } from '../servers/test-call.ts';
import { createTestSwitch } from '../servers/test-switch.ts';
import { createCallSpans } from './call-spans.ts';
import { commandSpans } from './span-names.ts';

const exporter = new InMemorySpanExporter();
beforeEach(() => {
  exporter.reset();
  trace.disable();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
});
afterEach(() => trace.disable());

const spans = (): ReadableSpan[] => exporter.getFinishedSpans();
const named = (name: string): ReadableSpan[] => spans().filter((span) => span.name === `agentao.switch.${name}`);
function only(name: string): ReadableSpan {
  const [span, ...more] = named(name);
  if (span === undefined || more.length > 0) throw new Error(`${more.length + 1} spans ${name}`);
  return span;
}
const parentOf = (span: ReadableSpan): string | undefined => span.parentSpanContext?.spanId;
const milliseconds = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1000 + nanoseconds / 1e6;

it('makes of a call one span, with the offer, the ringing, the part of the agent and its commands below it', async () => {
  const test = createTestSwitch();
  const { callId, media, caller } = await connectCall(test);
  media.send({ type: 'mode', id: 3, mode: 'whisper' });
  await media.next('response');
  media.send({ type: 'dtmf', id: 4, digits: '4711' });
  media.send({ type: 'context', id: 5, context: { said: 'my pin is 4711' } });
  await test.clock.advance(2_000);
  caller.send({ type: 'hangup' });
  await media.end();

  const call = only('call');
  expect(call.kind).toBe(SpanKind.SERVER);
  expect(call.parentSpanContext).toBeUndefined();
  expect(call.status.code).toBe(SpanStatusCode.UNSET);
  expect(call.attributes).toEqual({
    'agentao.call.id': callId,
    'agentao.connector.uuid': test.connectorUuid,
    'agentao.call.stage': 'connected',
    'agentao.call.end.reason': 'hangup',
    'agentao.call.end.by': 'caller',
  });
  expect(milliseconds(call.endTime)).toBe(test.clock.wallTime());
  const agent = only('agent');
  for (const name of ['offer', 'ringing', 'agent']) expect(parentOf(only(name)), name).toBe(call.spanContext().spanId);
  for (const name of ['answer', 'connect', 'mode', 'dtmf', 'context']) {
    expect(parentOf(only(name)), name).toBe(agent.spanContext().spanId);
  }
  expect(only('offer').attributes).toMatchObject({ 'agentao.offer.outcome': 'accepted' });
  expect(only('ringing').attributes).toEqual({ 'agentao.ringing.outcome': 'connected' });
  expect(only('connect').attributes).toEqual({ 'agentao.command.outcome': 'ok', 'agentao.call.mode': 'barge' });
  expect(only('dtmf').attributes).toEqual({ 'agentao.command.outcome': 'taken' });
  expect(agent.attributes).toMatchObject({ 'agentao.call.end.reason': 'hangup', 'agentao.call.end.by': 'caller' });
  expect(agent.events.map(({ name }) => name)).toEqual(['call.answered', 'call.connected', 'call.mode_changed']);
  const written = JSON.stringify(spans().map(({ attributes, events, name }) => ({ attributes, events, name })));
  expect(written).not.toMatch(/4711|\+1|\+2/);
});

it('tells a command that the state forbids from one that is taken', async () => {
  const test = createTestSwitch();
  const { media } = await answerCall(test);
  media.send({ type: 'answer', id: 7 });
  expect(await media.next('response')).toMatchObject({ id: 7, ok: false });
  const [taken, refused] = named('answer');
  expect(taken?.attributes).toEqual({ 'agentao.command.outcome': 'ok' });
  expect(refused?.attributes).toEqual({ 'agentao.command.outcome': 'refused', 'error.type': 'INVALID_STATE' });
  expect(refused?.status.code).toBe(SpanStatusCode.ERROR);
});

it('tells why the callee was not reached', async () => {
  const test = createTestSwitch();
  const { media, callee } = await answerCall(test);
  media.send({ type: 'connect', id: 2, ringTimeMs: 10_000, mode: 'barge' });
  await callee.next('incoming');
  callee.send({ type: 'reject' });
  await media.next('response');
  expect(only('ringing').attributes).toEqual({ 'agentao.ringing.outcome': 'failed' });
  expect(only('connect').attributes).toEqual({
    'agentao.command.outcome': 'failed',
    'error.type': 'CALL_REJECTED',
  });
});

it('ends the part of an agent that is lost as an error, and what it had under way with it', async () => {
  const test = createTestSwitch();
  const { media, callee } = await answerCall(test);
  media.send({ type: 'connect', id: 2, ringTimeMs: 60_000, mode: 'barge' });
  await callee.next('incoming');
  media.socket.terminate();
  await test.clock.advance(60_000);
  expect(only('agent').status.code).toBe(SpanStatusCode.ERROR);
  expect(only('agent').attributes).toMatchObject({ 'agentao.call.end.reason': 'media_lost' });
  expect(only('agent').events.map(({ name }) => name)).toContain('agent_away');
  expect(only('connect').attributes).toEqual({ 'agentao.command.outcome': 'ended' });
});

it('has an offer that nobody takes end with what comes next', async () => {
  const test = createTestSwitch();
  const { control, offerId } = await placeCall(test);
  control.send({ type: 'decline', offerId });
  await test.clock.advance(60_000);
  expect(only('offer').attributes).toMatchObject({ 'agentao.offer.outcome': 'not_taken' });
  expect(only('ringing').attributes).toEqual({ 'agentao.ringing.outcome': 'ended' });
});

it('leaves nothing open when the switch closes', async () => {
  const test = createTestSwitch();
  await attachCall(test);
  await connectCall(test);
  await test.sw.close();
  expect(named('call')).toHaveLength(2);
  expect(named('agent')).toHaveLength(2);
});

it('keeps no call that could not be made, and nothing where no SDK is registered', () => {
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  const callSpans = createCallSpans({ clock, connectorOf: () => undefined });
  const arrived = { callId: 'c', atMs: 0, kind: 'arrived', from: '+15550001', to: '+15559999' };
  callSpans.timeline(arrived);
  callSpans.abandon('c');
  callSpans.timeline({ callId: 'c', atMs: 1, kind: 'ended', reason: 'hangup', by: 'caller' });
  expect(only('call').attributes).toMatchObject({ 'agentao.call.end.reason': 'failed' });
  trace.disable();
  callSpans.timeline(arrived);
  callSpans.timeline({ callId: 'c', atMs: 1, kind: 'ended', reason: 'hangup', by: 'caller' });
  expect(spans()).toHaveLength(1);
});

it('has a name for every command', () => {
  expect(Object.keys(commandSpans).sort()).toEqual(Object.keys(agentVerbs).sort());
});
