import { once } from 'node:events';
import { type Clock, createSystemClock, withDeadline } from '@agentao/clock';
import { type ControlOffer, paths } from '@agentao/protocol';
import type { SocketFactory } from '@agentao/transport';
import { createWsConnector } from '@agentao/transport/ws';
import { filter, firstValueFrom, type Observable } from 'rxjs';
import type { ActiveCall } from './active-call.ts';
import { checkHandler, checkOptionsObject, checkTimeout } from './call-arguments.ts';
import { CallHandling } from './call-handling.ts';
import { clientName } from './client-name.ts';
import { type AgenTaoClientConfig, checkConfig, type Credentials, credentialsOf } from './config.ts';
import { type ConnectionState, type ControlConnection, createControlConnection } from './control-connection.ts';
import { invalidArgument, toError, WSSMediaError } from './errors.ts';
import { ClientEvent } from './events.ts';
import { handled } from './handled.ts';
import type { CallHandler } from './handler-claim.ts';
import type { MediaCall } from './media-call.ts';
import { type MediaPlace, type MediaRequest, openMedia } from './media-connection.ts';
import { resolveMediaUrl } from './media-url.ts';
import { type Runnable, runForever, type RunForeverOptions } from './run-forever.ts';
import { TracedCall } from './telemetry/traced-call.ts';

/** The seams of a client, for tests and other transports. */
export interface ClientOptions {
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Opens control and media sockets. Default: WebSocket. */
  readonly transport?: SocketFactory;
  /** Uniform in [0, 1), for the jitter between attempts to connect. Default `Math.random`. */
  readonly random?: () => number;
}

const defaultDrainTimeoutMs = 30_000;

/** Offers that are accepted at once, whatever a switch sends and however many calls may run. */
const maxAccepting = 1_000;

/** An offer that is being accepted. */
interface Accepting {
  readonly callId: string;
  readonly abort: AbortController;
}

/** One drain, which a later `connect` calls off. */
interface Drain {
  readonly done: Promise<void>;
  readonly abort: AbortController;
}

/**
 * Connects an agent to its switch and brings it calls. Ready for calls = connected, and a handler (`on`) or `handleCalls` in place.
 * The control connection is opened again whenever it is lost; running calls do not need it.
 */
export class AgenTaoClient {
  /** Every call that comes, to observe; `handleCalls` makes it the way calls are handled. */
  readonly calls$: Observable<ActiveCall>;
  /** The control connection, beginning with its current state. */
  readonly connection$: Observable<ConnectionState>;
  readonly #config: AgenTaoClientConfig;
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #transport: SocketFactory;
  readonly #controlUrl: string;
  readonly #control: ControlConnection;
  readonly #handling: CallHandling;
  readonly #calls = new Map<string, ActiveCall>();
  /** Those of which the connection is there, or may come back: also for a while after their end. */
  readonly #held = new Set<MediaCall>();
  /** Offers being accepted, by their id. */
  readonly #accepting = new Map<string, Accepting>();
  #handlerThere = false;
  #draining: Drain | undefined;

  /** Opens nothing. */
  constructor(config: AgenTaoClientConfig, options: ClientOptions = {}) {
    checkConfig(config);
    checkOptionsObject(options);
    const { logger, connectorUuid, maxCalls, acceptsTakeover } = config;
    this.#config = config;
    this.#credentials = credentialsOf(config);
    this.#random = options.random ?? Math.random;
    this.#clock = options.clock ?? createSystemClock(globalThis);
    this.#transport = options.transport ?? createWsConnector({ clock: this.#clock });
    this.#controlUrl = config.baseUrl.replace(/\/$/, '') + paths.control;
    const { apiKey, certificate } = this.#credentials;
    this.#control = createControlConnection({
      url: this.#controlUrl,
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      tls: () => certificate?.read(),
      hello: {
        client: clientName,
        acceptsTakeover,
        ...(connectorUuid === undefined ? {} : { connectorUuid }),
        ...(maxCalls === Number.POSITIVE_INFINITY ? {} : { maxCalls }),
      },
      clock: this.#clock,
      transport: this.#transport,
      random: this.#random,
      logger,
      onOffer: (offer) => void this.#accept(offer),
      onOfferCancelled: (offerId) => this.#accepting.get(offerId)?.abort.abort(),
    });
    this.#handling = new CallHandling({
      logger,
      onHandlerError: config.onHandlerError,
      onTaken: (taken) => {
        this.#handlerThere = taken;
        this.#declareReadiness();
      },
    });
    this.calls$ = this.#handling.calls$;
    this.connection$ = this.#control.state$;
  }

  /** A connected client that is drained and closed at the end: `await using client = await AgenTaoClient.open(config)`. */
  static open(config: AgenTaoClientConfig, options: ClientOptions = {}): Promise<AgenTaoClient> {
    const client = new AgenTaoClient(config, options);
    return handled(client.connect().then(() => client));
  }

  /** Opens the control connection. Idempotent. Rejects with `WSSConnectionError` or `WSSAuthenticationError`. */
  connect(): Promise<void> {
    if (this.#control.state.name === 'closed') {
      this.#draining?.abort.abort();
      this.#draining = undefined;
    }
    this.#declareReadiness();
    return handled(this.#control.open());
  }

  /** Closes the control connection; running calls go on. Idempotent. */
  disconnect(): Promise<void> {
    this.#control.close();
    for (const { abort } of this.#accepting.values()) abort.abort();
    return Promise.resolve();
  }

  /** Until closed; connects first if nobody has. Rejects with the error that closed the connection for good. */
  runForever(options: RunForeverOptions = {}): Promise<void> {
    const calls = this.#calls;
    const control = this.#control;
    const isClosed = (state: ConnectionState): state is ConnectionState & { name: 'closed' } => state.name === 'closed';
    const runnable: Runnable = {
      get calls() {
        return calls.values();
      },
      get connection() {
        return control.state;
      },
      connect: () => this.connect(),
      drain: (drainOptions) => this.drain(drainOptions),
      disconnect: () => this.disconnect(),
      closed: () => firstValueFrom(this.connection$.pipe(filter(isClosed))),
    };
    return handled(runForever(runnable, options));
  }

  /**
   * Takes the calls: `handler` runs for each, with its media connected; what it throws is dealt with by `onHandlerError`.
   * Returns an unsubscribe function. Throws `HANDLER_EXISTS` while there is another handler.
   */
  on(event: typeof ClientEvent.INCOMING_CALL, handler: CallHandler): () => void {
    if (event !== ClientEvent.INCOMING_CALL) throw invalidArgument(`a client has no event ${String(event)}`);
    checkHandler(handler);
    return this.#handling.on(handler);
  }

  /** The active call, or `undefined` once it has ended. */
  getCall(callId: string): ActiveCall | undefined {
    return this.#calls.get(callId);
  }

  /** Takes no new calls, waits for the running ones and what is added to their records, hands over those that are left, and disconnects. Idempotent. */
  drain(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    try {
      checkOptionsObject(options);
      checkTimeout('timeoutMs', options.timeoutMs);
    } catch (error) {
      return handled(Promise.reject(error));
    }
    if (this.#draining === undefined) {
      const abort = new AbortController();
      const done = handled(this.#drain(options.timeoutMs ?? defaultDrainTimeoutMs, abort.signal));
      this.#draining = { done, abort };
    }
    return this.#draining.done;
  }

  /** `drain()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.drain();
  }

  #declareReadiness(): void {
    this.#control.setReady(this.#handlerThere && this.#draining === undefined);
  }

  async #drain(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { logger } = this.#config;
    this.#control.setReady(false);
    for (const { abort } of this.#accepting.values()) abort.abort();
    const allReleased = Promise.all([...this.#held].map((call) => call.released));
    const calledOff = once(signal, 'abort');
    try {
      await withDeadline(this.#clock, Promise.race([allReleased, calledOff]), {
        timeoutMs,
        error: () => new Error('drain deadline'),
      });
    } catch {
      logger.warn({ calls: this.#calls.size }, 'calls left at the end of draining are handed over');
      await Promise.allSettled([...this.#calls.values()].map((call) => call.close({ handOver: true })));
    }
    if (!signal.aborted) await this.disconnect();
  }

  async #accept(offer: ControlOffer): Promise<void> {
    const { offerId, callId } = offer;
    const { logger, maxCalls, acceptsTakeover, allowedMediaOrigins: allowedOrigins } = this.#config;
    // It is being accepted; a switch that says so twice has one offer all the same.
    if (this.#accepting.has(offerId)) return;
    const busy = this.#calls.size + this.#accepting.size >= maxCalls || this.#accepting.size >= maxAccepting;
    const unwanted = offer.takeover !== undefined && !acceptsTakeover;
    if (busy || unwanted || this.#has(offer) || !this.#handlerThere || this.#draining !== undefined) {
      this.#control.decline(offerId);
      return;
    }
    const url = resolveMediaUrl(offer.mediaUrl, { controlUrl: this.#controlUrl, allowedOrigins });
    if (url === undefined) {
      logger.error({ callId }, 'offer declined: its media URL is of an origin that is not allowed');
      this.#control.decline(offerId);
      return;
    }
    const abort = new AbortController();
    this.#accepting.set(offerId, { callId, abort });
    try {
      const call = await this.#attach(offer, { url, signal: abort.signal });
      logger.info({ callId }, 'call accepted');
      if (call.state !== 'DISCONNECTED') this.#handling.deliver(call);
    } catch (error) {
      if (abort.signal.aborted) {
        logger.debug({ callId }, 'the offer no longer stands');
      } else {
        logger.error({ callId, err: toError(error) }, 'call not accepted');
        this.#control.decline(offerId);
      }
    } finally {
      this.#accepting.delete(offerId);
    }
  }

  /** Whether the call of an offer is here. One that is to be taken over may still be waiting here for the connection that it has lost. */
  #has({ callId, takeover }: ControlOffer): boolean {
    if (takeover === undefined && this.#calls.has(callId)) return true;
    return [...this.#accepting.values()].some((accepting) => accepting.callId === callId);
  }

  async #attach(offer: ControlOffer, at: { readonly url: string; readonly signal: AbortSignal }): Promise<MediaCall> {
    const { callId } = offer;
    const { sampleRate: sampleRateHz, bufferSize, logger } = this.#config;
    const { state } = this.#control;
    const connectorUuid = state.name === 'connected' ? state.connectorUuid : this.#config.connectorUuid;
    const accepted = { connectorUuid, acceptedMs: this.#clock.now() };
    let call: TracedCall | undefined;
    const place: MediaPlace = {
      url: at.url,
      callId,
      tls: () => this.#credentials.certificate?.read(),
      clock: this.#clock,
      transport: this.#transport,
      logger,
    };
    const request: MediaRequest = {
      ...place,
      token: offer.mediaToken,
      begin: () => ({ type: 'attach', sampleRateHz, annotateAfterEnd: true }),
      timeoutMs: offer.acceptWithinMs,
      signal: at.signal,
    };
    await openMedia(request, (connection, attached) => {
      const of = { offer, attached, connection, sampleRateHz, bufferBytes: bufferSize, random: this.#random };
      const made = new TracedCall({ ...place, ...of, ...accepted });
      call = made;
      this.#calls.set(callId, made);
      this.#held.add(made);
      void made.released.then(() => this.#held.delete(made));
      void made.ended.then(() => {
        if (this.#calls.get(callId) === made) this.#calls.delete(callId);
      });
      return made.listener;
    });
    if (call === undefined) throw new WSSMediaError('attached without a call', { code: 'MEDIA_REFUSED' });
    return call;
  }
}
