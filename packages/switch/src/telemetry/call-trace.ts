import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Clock } from '@agentao/clock';
import type { AgentState, MediaCommand } from '@agentao/protocol';
import { allowsVerb } from '../calls/agent-table.ts';
import type { TimelineEntry } from '../calls/call.ts';
import { eventAttributes } from './event-attributes.ts';
import { attribute, commandSpans, spanName } from './span-names.ts';

/** What a call's spans are made of. */
export interface CallTraceOptions {
  readonly clock: Clock;
  readonly connectorUuid: string | undefined;
}

type Verb = MediaCommand['type'];

/** The events that tell how a command came out that is not done at once. */
const outcomes: ReadonlyMap<unknown, { readonly verb: Verb; readonly outcome: 'ok' | 'failed' }> = new Map([
  ['call.answered', { verb: 'answer', outcome: 'ok' }],
  ['call.answer_failed', { verb: 'answer', outcome: 'failed' }],
  ['call.connected', { verb: 'connect', outcome: 'ok' }],
  ['call.connect_failed', { verb: 'connect', outcome: 'failed' }],
]);

/** The spans of one call, told by its timeline. */
export class CallTrace {
  readonly #tracer: Tracer;
  readonly #call: Span;
  readonly #now: () => Date;
  #offer: Span | undefined;
  #ringing: Span | undefined;
  #agent: Span | undefined;
  #state: AgentState = 'PENDING';
  #stage: unknown = 'waiting';
  /** Commands that are not done yet, oldest first. */
  #commands: { readonly verb: Verb; readonly span: Span }[] = [];

  private constructor(call: Span, tracer: Tracer, now: () => Date) {
    this.#call = call;
    this.#tracer = tracer;
    this.#now = now;
  }

  /** Begins the span of a call that has arrived; `undefined` where nobody records it. */
  static start({ callId }: TimelineEntry, { clock, connectorUuid }: CallTraceOptions): CallTrace | undefined {
    const tracer = trace.getTracer('@agentao/switch');
    const originMs = clock.wallTime() - clock.now();
    const now = (): Date => new Date(originMs + clock.now());
    const attributes = { [attribute.callId]: callId, [attribute.connectorUuid]: connectorUuid ?? '' };
    const options = { root: true, kind: SpanKind.SERVER, startTime: now(), attributes };
    const span = tracer.startSpan(spanName.call, options);
    return span.isRecording() ? new CallTrace(span, tracer, now) : undefined;
  }

  /** What has happened next. */
  entry(entry: TimelineEntry): void {
    switch (entry.kind) {
      case 'offered':
        this.#offered(entry);
        return;
      case 'attached':
        this.#offer = this.#end(this.#offer, { [attribute.offerOutcome]: 'accepted' });
        this.#agent = this.#child(spanName.agent, SpanKind.INTERNAL, { [attribute.clientId]: text(entry['clientId']) });
        return;
      case 'command':
        this.#command(entry['command'] as Verb);
        return;
      case 'event':
        this.#event(entry);
        return;
      case 'state':
        this.#stands(entry);
        return;
      case 'agent_lost':
        this.#agentGone({ [attribute.endReason]: 'media_lost', [attribute.endedBy]: 'switch' }, true);
        return;
      case 'agent_away':
        this.#agent?.addEvent(entry.kind, { [attribute.wait]: Number(entry['waitMs']) }, this.#now());
        return;
      case 'ended':
        this.#ended(entry);
        return;
      case 'fault':
      case 'first_audio':
      case 'prompt':
      case 'seeking':
        this.#call.addEvent(entry.kind, {}, this.#now());
    }
  }

  /** Ends the span of a call that could not be made. */
  abandon(): void {
    this.#ended({ reason: 'failed', by: 'switch' });
  }

  #offered({ clientId }: Readonly<Record<string, unknown>>): void {
    this.#notTaken();
    this.#offer = this.#child(spanName.offer, SpanKind.CLIENT, { [attribute.clientId]: text(clientId) });
  }

  /** The timeline does not tell when an offer lapses: it has when the call goes on without it. */
  #notTaken(): void {
    this.#offer = this.#end(this.#offer, { [attribute.offerOutcome]: 'not_taken' });
  }

  #stands({ stage, ringing, state }: Readonly<Record<string, unknown>>): void {
    // At the end the question is how far the call had come.
    if (stage !== 'ended') this.#stage = stage;
    if (this.#agent !== undefined) this.#state = state as AgentState;
    if (ringing === true && this.#ringing === undefined) {
      if (this.#agent === undefined) this.#notTaken();
      this.#ringing = this.#child(spanName.ringing, SpanKind.CLIENT, {});
    } else if (ringing === false) {
      const outcome = stage === 'connected' ? 'connected' : stage === 'ended' ? 'ended' : 'failed';
      this.#ringing = this.#end(this.#ringing, { [attribute.ringingOutcome]: outcome });
    }
  }

  #command(verb: Verb): void {
    const span = this.#child(commandSpans[verb], SpanKind.SERVER, {}, this.#agent);
    if (!allowsVerb(verb, this.#state, this.#ringing !== undefined)) {
      this.#end(span, { [attribute.commandOutcome]: 'refused', [attribute.errorType]: 'INVALID_STATE' }, true);
    } else if (verb === 'answer' || verb === 'connect') {
      this.#commands.push({ verb, span });
    } else {
      this.#end(span, { [attribute.commandOutcome]: 'taken' });
    }
  }

  #event(entry: TimelineEntry): void {
    const attributes = eventAttributes(entry);
    if (entry['event'] === 'call.terminated') {
      this.#agentGone(attributes, entry['reason'] === 'media_lost' || entry['reason'] === 'failed');
      return;
    }
    this.#agent?.addEvent(text(entry['event']), attributes, this.#now());
    const told = outcomes.get(entry['event']);
    const index = this.#commands.findIndex(({ verb }) => verb === told?.verb);
    const [done] = index < 0 ? [] : this.#commands.splice(index, 1);
    this.#end(done?.span, { ...attributes, [attribute.commandOutcome]: told?.outcome ?? 'ok' });
  }

  #agentGone(attributes: Attributes, isFault: boolean): void {
    for (const { span } of this.#commands.splice(0)) this.#end(span, { [attribute.commandOutcome]: 'ended' });
    this.#agent = this.#end(this.#agent, attributes, isFault);
    this.#state = 'PENDING';
  }

  #ended({ reason, by }: Readonly<Record<string, unknown>>): void {
    const attributes = { [attribute.endReason]: text(reason), [attribute.endedBy]: text(by) };
    this.#notTaken();
    this.#ringing = this.#end(this.#ringing, { [attribute.ringingOutcome]: 'ended' });
    this.#agentGone(attributes, reason === 'failed');
    this.#end(this.#call, { ...attributes, [attribute.stage]: text(this.#stage) }, reason === 'failed');
  }

  #child(name: string, kind: SpanKind, attributes: Attributes, parent: Span = this.#call): Span {
    const options = { kind, startTime: this.#now(), attributes };
    return this.#tracer.startSpan(name, options, trace.setSpan(ROOT_CONTEXT, parent));
  }

  #end(span: Span | undefined, attributes: Attributes, isFault: boolean = false): undefined {
    span?.setAttributes(attributes);
    if (isFault) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end(this.#now());
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
