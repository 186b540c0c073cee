import type { Clock } from '@agentao/clock';
import type { AgentState, CallEventMessage, CallMode, CallTerminated, MediaAttached } from '@agentao/protocol';
import type { Observable } from 'rxjs';
import type { CallEnd } from './active-call.ts';
import { Emitter } from './emitter.ts';
import { tellsOfTheEnd, WSSCallClosedError } from './errors.ts';
import { type AnyCallEvent, type CallEventName, type CallEvents, toCallEvent } from './events.ts';
import type { Logger } from './logger.ts';

/** What a call's life is made of. */
export interface CallLifeOptions {
  readonly callId: string;
  readonly attached: Pick<MediaAttached, 'state' | 'mode' | 'atMs'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once, before anybody is told of the end: whatever waits is settled here. */
  readonly onEnd: (error: Error) => void;
  /** A handler of an event is at work for as long. */
  readonly onWork?: (work: PromiseLike<unknown>) => void;
}

type Untimed<Event> = Event extends unknown ? Omit<Event, 'atMs'> : never;

/** State, mode, events and the end of one call, as told by the switch. */
export class CallLife {
  readonly callId: string;
  readonly ended: Promise<CallEnd>;
  readonly #options: CallLifeOptions;
  readonly #arrivedMs: number;
  readonly #states: Emitter<AgentState>;
  readonly #events: Emitter<AnyCallEvent>;
  readonly #abort = new AbortController();
  #resolveEnded: (end: CallEnd) => void = () => undefined;
  #state: AgentState;
  #mode: CallMode | null;
  #closed: WSSCallClosedError | undefined;
  #standing: CallLifeOptions['attached'] | undefined;
  #lastSeq = 0;

  constructor(options: CallLifeOptions) {
    const { callId, attached, clock } = options;
    this.callId = callId;
    this.#options = options;
    this.#arrivedMs = clock.now() - attached.atMs;
    this.#state = attached.state;
    this.#mode = attached.mode;
    this.#states = new Emitter('current', this.report);
    this.#states.emit(attached.state);
    this.#events = new Emitter('last', this.report);
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  get state(): AgentState {
    return this.#state;
  }

  get mode(): CallMode | null {
    return this.#mode;
  }

  get state$(): Observable<AgentState> {
    return this.#states.observable;
  }

  get events$(): Observable<AnyCallEvent> {
    return this.#events.observable;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The error for verbs once the call has ended. */
  get closed(): WSSCallClosedError | undefined {
    return this.#closed;
  }

  /** Number of the last event of the switch. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** The event numbered `seq`, `undefined` if it is not known here. Each counts once, however many connections it comes on. */
  receive(seq: number, event: CallEventMessage | undefined): void {
    if (seq <= this.#lastSeq) return;
    this.#lastSeq = seq;
    if (event !== undefined) this.apply(event);
  }

  /** An event. Nothing follows the terminal one. */
  apply(event: CallEventMessage): void {
    if (this.#closed !== undefined) return;
    if (event.type === 'call.terminated') {
      this.#end(event, undefined);
      return;
    }
    if (event.type === 'call.answered') this.#become('ANSWERED');
    if (event.type === 'call.connected') {
      this.#mode = event.mode;
      this.#become('CONNECTED');
    }
    if (event.type === 'call.mode_changed') this.#mode = event.mode;
    if (event.type === 'call.resumed') this.#reconcile(event.atMs);
    this.#options.logger.info({ callId: this.callId, event: event.type }, 'call event');
    this.#events.emit(toCallEvent(this.callId, event));
  }

  /** How the call stood when the connection was resumed; it holds once the events that were missed have been told. */
  standsAt(standing: CallLifeOptions['attached']): void {
    this.#standing = standing;
  }

  /** An event seen on this side alone. */
  applyLocal(event: Untimed<Exclude<CallEventMessage, CallTerminated>>): void {
    this.apply({ ...event, atMs: this.#atMs() });
  }

  /** The end, as this side sees it. `cause` is what whoever waits is told. */
  end(end: CallEnd, cause?: Error): void {
    if (this.#closed === undefined) this.#end({ type: 'call.terminated', atMs: this.#atMs(), ...end }, cause);
  }

  on<Name extends CallEventName>(name: Name, handler: (event: CallEvents[Name]) => unknown): () => void {
    const matches = (event: AnyCallEvent): event is CallEvents[Name] => event.type === name;
    const subscribe = (): (() => void) => {
      const subscription = this.#events.observable.subscribe((event) => {
        if (matches(event)) this.#run(() => handler(event));
      });
      return () => subscription.unsubscribe();
    };
    if (this.#closed === undefined) return subscribe();
    let wanted = true;
    // The terminal event is replayed, but not before this has returned.
    queueMicrotask(() => {
      if (wanted) subscribe();
    });
    return () => {
      wanted = false;
    };
  }

  /** Logs what a handler or a subscriber threw; an error that only says that the call has ended is no failure. */
  readonly report = (error: unknown): void => {
    const { logger } = this.#options;
    const fields = { callId: this.callId, err: error };
    if (this.#closed !== undefined && tellsOfTheEnd(error))
      logger.debug(fields, 'a handler was still at work when the call ended');
    else logger.error(fields, 'a handler or subscriber of the call failed');
  };

  #atMs(): number {
    return Math.max(0, Math.round(this.#options.clock.now() - this.#arrivedMs));
  }

  /**
   * Events beyond those that the switch keeps are lost; what they led to is not. A resume that broke before it was told of is told of again, and
   * what happened behind that one is still to come.
   */
  #reconcile(resumedAtMs: number): void {
    if (this.#standing === undefined || this.#standing.state === 'DISCONNECTED') return;
    if (resumedAtMs < this.#standing.atMs) return;
    this.#mode = this.#standing.mode;
    this.#become(this.#standing.state);
    this.#standing = undefined;
  }

  #become(state: AgentState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#states.emit(state);
  }

  #run(handle: () => unknown): void {
    try {
      const outcome = handle();
      if (!isThenable(outcome)) return;
      outcome.then(undefined, this.report);
      this.#options.onWork?.(outcome);
    } catch (error) {
      this.report(error);
    }
  }

  #end(event: CallTerminated, cause: Error | undefined): void {
    const { callId } = this;
    const { reason, by } = event;
    const closed = new WSSCallClosedError(`the call has ended: ${reason}, by ${by}`, { callId, cause });
    this.#closed = closed;
    this.#mode = null;
    this.#options.logger.info({ callId, reason, by }, 'call ended');
    this.#options.onEnd(cause ?? closed);
    this.#become('DISCONNECTED');
    this.#states.complete();
    this.#events.emit(toCallEvent(callId, event));
    this.#events.complete();
    this.#resolveEnded({ reason, by });
    this.#abort.abort(closed);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
