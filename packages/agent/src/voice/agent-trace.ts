import { context, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type { Clock } from '@agentao/clock';
import type { ToolRun, Turn } from '../conversation.ts';
import { cutName } from './cut-text.ts';

/** Names of the spans. */
const agentSpans = { agent: 'agentao.agent', turn: 'agentao.agent.turn', tool: 'agentao.agent.tool' } as const;

/** Attributes of the spans: nothing that was said, no argument, no number. */
const agentAttribute = {
  callId: 'agentao.call.id',
  model: 'agentao.agent.model',
  outcome: 'agentao.agent.outcome',
  turnIndex: 'agentao.agent.turn.index',
  latency: 'agentao.agent.turn.latency_ms',
  interrupted: 'agentao.agent.turn.interrupted',
  tool: 'agentao.agent.tool.name',
  toolOutcome: 'agentao.agent.tool.outcome',
} as const;

/** The span of an agent's part in a call, with its turns and tools. Next to nothing without a registered tracer provider. */
export class AgentTrace {
  readonly #tracer: Tracer = trace.getTracer('@agentao/agent');
  readonly #span: Span;
  readonly #clock: Clock;
  readonly #callMs: () => number;

  constructor(options: {
    readonly callId: string;
    readonly model: string;
    readonly clock: Clock;
    readonly callMs: () => number;
  }) {
    this.#clock = options.clock;
    this.#callMs = options.callMs;
    this.#span = this.#tracer.startSpan(agentSpans.agent, {
      startTime: this.#at(),
      attributes: { [agentAttribute.callId]: options.callId, [agentAttribute.model]: options.model },
    });
  }

  turn({ index, startMs, endMs, latencyMs, interrupted }: Turn): void {
    const endedMs = endMs ?? this.#callMs();
    this.#child(agentSpans.turn, { startMs: startMs ?? endedMs, endMs: endedMs }).setAttributes({
      [agentAttribute.turnIndex]: index,
      [agentAttribute.interrupted]: interrupted,
      ...(latencyMs === undefined ? {} : { [agentAttribute.latency]: Math.round(latencyMs) }),
    });
  }

  tool({ name, startMs, durationMs, outcome }: ToolRun): void {
    const span = this.#child(agentSpans.tool, { startMs, endMs: startMs + durationMs });
    span.setAttributes({ [agentAttribute.tool]: cutName(name), [agentAttribute.toolOutcome]: outcome });
  }

  end(outcome: string): void {
    this.#span.setAttribute(agentAttribute.outcome, outcome);
    if (outcome === 'failed') this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end(this.#at());
  }

  /** Attributes may still be set in the same turn. */
  #child(name: string, { startMs, endMs }: { readonly startMs: number; readonly endMs: number }): Span {
    const span = this.#tracer.startSpan(
      name,
      { startTime: this.#at(startMs) },
      trace.setSpan(context.active(), this.#span),
    );
    queueMicrotask(() => span.end(this.#at(endMs)));
    return span;
  }

  #at(callMs: number = this.#callMs()): Date {
    return new Date(this.#clock.wallTime() - (this.#callMs() - callMs));
  }
}
