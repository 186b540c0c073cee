import { type AgentResult, defineTool, voiceAgent } from '@agentao/agent';
import { sleep } from '@agentao/clock';
import { createLab, type ModelRules, scriptedModel } from '@agentao/testing';
import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openSpanRecorder, type SpanRecorder } from '../pages/span-recorder.ts';

const rules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller.' },
    { hears: 'long', say: 'One two three four five six seven eight nine ten.' },
    { hears: 'slow', call: [{ name: 'slow' }, { name: 'broken' }, { name: 'none' }] },
    { after: 'slow', say: 'It is ready.' },
  ],
};

const tools = [
  defineTool({
    name: 'slow',
    description: 'Looks something up, slowly.',
    input: z.object({}),
    execute: async (_, { call }) => {
      await sleep(call.clock, 2_000);
      return 'ready';
    },
  }),
  defineTool({
    name: 'broken',
    description: 'Looks something up, in vain.',
    input: z.object({}),
    execute: () => {
      throw new Error('the database is gone');
    },
  }),
];

const msOf = ([seconds, nanos]: ReadableSpan['startTime']): number => seconds * 1_000 + nanos / 1e6;
const named = ({ spans }: SpanRecorder, name: string): readonly ReadableSpan[] =>
  spans.filter((span) => span.name === `agentao.agent${name}`);

describe('the spans of an agent', () => {
  it('have the times of its turns and tools, and how these came out', async () => {
    using recorder = openSpanRecorder();
    const handler = voiceAgent({ model: scriptedModel(rules), greeting: 'Greet the caller.', tools });
    await using lab = await createLab({ handler });
    const dialledMs = lab.clock.wallTime();
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.says('long');
    await call.hears('two');
    await call.says('slow');
    await call.hears('It is ready');
    await lab.pass(500);
    call.hangUp();
    const result = (await lab.handled()) as AgentResult;
    const endedMs = lab.clock.wallTime();

    const [agent, ...others] = named(recorder, '');
    expect(others).toEqual([]);
    expect(agent?.attributes['agentao.agent.outcome']).toBe('hung-up');
    expect(agent?.status.code).toBe(SpanStatusCode.UNSET);
    const within = (actual: number | undefined, expected: number, what: string): void =>
      expect(Math.abs((actual ?? Number.NaN) - expected), what).toBeLessThanOrEqual(20);
    within(agent && msOf(agent.startTime), dialledMs, 'start of the agent');
    within(agent && msOf(agent.endTime), endedMs, 'end of the agent');

    const turns = named(recorder, '.turn');
    expect(result.turns.map(({ interrupted }) => interrupted)).toEqual([false, true, false]);
    expect(turns).toHaveLength(3);
    turns.forEach((span, index) => {
      const { startMs = Number.NaN, endMs = Number.NaN, latencyMs, interrupted } = result.turns[index] ?? {};
      within(msOf(span.startTime), dialledMs + startMs, `start of turn ${index}`);
      within(msOf(span.endTime), dialledMs + endMs, `end of turn ${index}`);
      expect(msOf(span.endTime) - msOf(span.startTime)).toBeGreaterThan(300);
      expect(span.attributes).toEqual({
        'agentao.agent.turn.index': index,
        'agentao.agent.turn.interrupted': interrupted,
        ...(latencyMs === undefined ? {} : { 'agentao.agent.turn.latency_ms': Math.round(latencyMs) }),
      });
      expect(span.parentSpanContext?.spanId).toBe(agent?.spanContext().spanId);
    });
    expect(turns.filter(({ attributes }) => 'agentao.agent.turn.latency_ms' in attributes)).toHaveLength(2);

    const runs = result.tools.map((run) => [run.name, run.outcome]);
    expect(new Map(runs as [string, string][])).toEqual(
      new Map([
        ['none', 'unknown-tool'],
        ['broken', 'failed'],
        ['slow', 'ok'],
      ]),
    );
    const toolSpans = named(recorder, '.tool');
    expect(toolSpans).toHaveLength(3);
    toolSpans.forEach((span, index) => {
      const { name, outcome, startMs = Number.NaN, durationMs = Number.NaN } = result.tools[index] ?? {};
      expect(span.attributes).toEqual({ 'agentao.agent.tool.name': name, 'agentao.agent.tool.outcome': outcome });
      within(msOf(span.startTime), dialledMs + startMs, `start of ${name}`);
      within(msOf(span.endTime), dialledMs + startMs + durationMs, `end of ${name}`);
      within(msOf(span.endTime) - msOf(span.startTime), name === 'slow' ? 2_000 : 0, `length of ${name}`);
      expect(span.parentSpanContext?.spanId).toBe(agent?.spanContext().spanId);
    });
  });

  it('are an error where the model was lost, and hold nothing that was said', async () => {
    using recorder = openSpanRecorder();
    const model = scriptedModel(rules);
    await using lab = await createLab({ handler: voiceAgent({ model, greeting: 'Greet the caller.' }) });
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello');
    model.sessions[0]?.lose();
    await call.ended();
    await lab.handled();
    const [agent] = named(recorder, '');
    expect(agent?.attributes).toMatchObject({
      'agentao.agent.model': 'scripted',
      'agentao.agent.outcome': 'failed',
      'agentao.call.id': lab.calls[0]?.callId,
    });
    expect(agent?.status.code).toBe(SpanStatusCode.ERROR);
    expect(named(recorder, '.turn')).toHaveLength(1);
    const all = named(recorder, '').concat(named(recorder, '.turn'));
    expect(JSON.stringify(all.map(({ attributes, events }) => [attributes, events]))).not.toMatch(/hello|15550001/i);
  });
});
