import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  type Link,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Clock } from '@agentao/clock';
import type { AgentState } from '@agentao/protocol';
import type { ActiveCall } from '../active-call.ts';
import { WSSCallClosedError, WSSCallCommandError, WSSCallCommandTimeoutError, WSSError } from '../errors.ts';
import type { AnyCallEvent } from '../events.ts';
import { handled } from '../handled.ts';
import { attribute, callSpan, type TracedVerb, verbSpans } from './span-names.ts';

/** What is known of a call when it is accepted. */
export interface CallTraceOptions {
  readonly call: ActiveCall;
  readonly clock: Clock;
  readonly connectorUuid: string | undefined;
  /** When this side began to accept it, by the clock. */
  readonly acceptedMs: number;
}

/** What is written of a verb. */
export interface VerbTrace<Result> {
  readonly verb: TracedVerb;
  readonly attributes?: Attributes;
  /** What its result adds. */
  readonly result?: (result: Result) => Attributes;
}

/** Ways in which a call ends that are nobody's intention. */
const faults: ReadonlySet<string> = new Set(['failed', 'media_lost']);

/** Refusals that are answers and no faults: the callee did not want to, or the agent no longer. */
const answers: ReadonlySet<string> = new Set(['CALL_UNANSWERED', 'CALL_REJECTED', 'CONNECT_CANCELLED']);

/** The span of one call and those of its verbs. Without a registered tracer provider all of it is next to nothing. */
export class CallTrace {
  readonly #tracer: Tracer = trace.getTracer('@agentao/calls');
  readonly #span: Span;
  readonly #now: (atMs?: number) => Date;
  readonly #clock: Clock;
  #state: AgentState;
  #over = false;

  constructor({ call, clock, connectorUuid, acceptedMs }: CallTraceOptions) {
    const originMs = clock.wallTime() - clock.now();
    this.#clock = clock;
    this.#now = (atMs = this.#clock.now()) => new Date(originMs + atMs);
    this.#state = call.state;
    // Whatever was under way when the client was connected is not what the call is part of.
    this.#span = this.#tracer.startSpan(callSpan, {
      root: true,
      kind: SpanKind.SERVER,
      startTime: this.#now(acceptedMs),
      attributes: {
        [attribute.callId]: call.callId,
        ...(connectorUuid === undefined ? {} : { [attribute.connectorUuid]: connectorUuid }),
        [attribute.direction]: call.direction,
        [attribute.takenOver]: call.takenOver,
        [attribute.sampleRate]: call.sampleRateHz,
      },
    });
    call.events$.subscribe((event) => this.#event(event, call));
  }

  /** Runs `run` so that spans begun in it are children of the call's, where a context manager is registered. */
  within<T>(run: () => T): T {
    return context.with(trace.setSpan(context.active(), this.#span), run);
  }

  /** Runs a verb and returns its promise as it is. After the end of the call verbs have no spans. */
  verb<Result>({ verb, attributes = {}, result }: VerbTrace<Result>, run: () => Promise<Result>): Promise<Result> {
    if (this.#over) return run();
    const { parent, links } = this.#surroundings();
    const options = { kind: SpanKind.CLIENT, startTime: this.#now(), links, attributes };
    const span = this.#tracer.startSpan(verbSpans[verb], options, parent);
    const running = run();
    const written = running.then(
      (value) => void span.setAttributes({ [attribute.outcome]: 'ok', ...result?.(value) }),
      (error: unknown) => fail(span, error),
    );
    void handled(written.then(() => span.end(this.#now())));
    return running;
  }

  /** A span of the program's own that belongs to this call takes its verbs; any other one is linked to. */
  #surroundings(): { readonly parent: Context; readonly links: Link[] } {
    const active = trace.getSpanContext(context.active());
    const own = this.#span.spanContext();
    if (active === undefined || !isSpanContextValid(active))
      return { parent: trace.setSpan(context.active(), this.#span), links: [] };
    if (active.traceId === own.traceId) return { parent: context.active(), links: [] };
    return { parent: trace.setSpan(context.active(), this.#span), links: [{ context: active }] };
  }

  #event(event: AnyCallEvent, { state }: ActiveCall): void {
    if (event.type === 'call.terminated') {
      this.#end(event);
      return;
    }
    this.#state = state;
    this.#span.addEvent(event.type, attributesOf(event), this.#now());
  }

  #end({ reason, by }: AnyCallEvent & { readonly type: 'call.terminated' }): void {
    this.#over = true;
    this.#span.setAttributes({
      [attribute.state]: this.#state,
      [attribute.endReason]: reason,
      [attribute.endedBy]: by,
    });
    if (faults.has(reason)) {
      this.#span.setAttribute(attribute.errorType, reason);
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end(this.#now());
  }
}

/** What of an event may be written: which key was pressed, and what somebody says of an error, is not. */
function attributesOf(event: AnyCallEvent): Attributes {
  switch (event.type) {
    case 'call.connected':
    case 'call.mode_changed':
      return { [attribute.mode]: event.mode };
    case 'call.dtmf':
      return { [attribute.party]: event.party };
    case 'call.resumed':
      return { [attribute.outage]: event.outageMs, [attribute.replayed]: event.replayedSamples };
    case 'call.audio_overflow':
      return { [attribute.party]: event.party, [attribute.dropped]: event.droppedSamples };
    case 'call.answer_failed':
    case 'call.connect_failed':
    case 'call.error':
      return { [attribute.errorType]: event.errorCode };
    default:
      return {};
  }
}

/** How a verb failed. The text of an error may hold anything, and stays away. */
function fail(span: Span, error: unknown): void {
  const code = error instanceof WSSError ? error.code : 'other';
  span.setAttributes({ [attribute.outcome]: outcomeOf(error), [attribute.errorType]: code });
  if (!(error instanceof WSSCallClosedError) && !answers.has(code)) span.setStatus({ code: SpanStatusCode.ERROR });
}

function outcomeOf(error: unknown): 'refused' | 'timeout' | 'ended' | 'failed' {
  if (error instanceof WSSCallCommandError) return 'refused';
  if (error instanceof WSSCallCommandTimeoutError) return 'timeout';
  return error instanceof WSSCallClosedError ? 'ended' : 'failed';
}
