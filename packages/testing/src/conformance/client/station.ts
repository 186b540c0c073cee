import { randomBytes, randomUUID } from 'node:crypto';
import { paths, subprotocols } from '@agentao/protocol';
import { NonConformance, Untried } from '../check.ts';
import { type Arrival, openUpgrader, type Upgrader } from './arrival.ts';
import { breach } from './breach.ts';
import { patienceMs, wait } from './clock.ts';
import { createControlReader } from './control-reader.ts';
import { type Gate, openGate } from './gate.ts';
import { Inbox } from './inbox.ts';
import type { ClientMessage, Peer } from './peer.ts';

/** What the client under test needs to find the kit; its environment carries the same. */
export interface ClientLine {
  /** `AGENTAO_BASE_URL` */
  readonly url: string;
  /** `AGENTAO_API_KEY` */
  readonly apiKey: string;
  /** `AGENTAO_CONNECTOR_UUID` */
  readonly connectorUuid: string;
}

/** Starts one conformance agent, which ends when it is disposed of. */
export type StartClient = (line: ClientLine) => AsyncDisposable | Promise<AsyncDisposable>;

/** What a station is made of. */
export interface StationOptions {
  readonly host: string;
  readonly port: number;
  readonly apiKey: string | undefined;
  /** Left out: somebody starts the client by hand, as often as it takes. */
  readonly start: StartClient | undefined;
  /** How long the client may take to be there. */
  readonly arriveWithinMs: number;
  /** Told when a client is needed and nobody is there. */
  readonly onNeedClient?: () => void;
}

/** A switch played by the kit, and the one client that serves it. */
export class Station implements AsyncDisposable {
  readonly line: ClientLine;
  /** Requests that nobody has taken yet. */
  readonly arrivals: Inbox<Arrival> = new Inbox(({ request }) => `a request for ${request.target}`);
  /** What the client has broken since the last `reset`, whatever was tried. */
  breaches: NonConformance[] = [];
  /** Every bearer token with the number of requests that carried it. */
  readonly uses: Map<string, number> = new Map();
  /** What the client says it is. */
  clientName = '';
  /** How long the client waits for a frame before it asks for one; told by `welcome`. */
  heartbeatMs = 2_000;
  readonly #options: StationOptions;
  readonly #gate: Gate;
  readonly #upgrader: Upgrader;
  /** The request that became the present control connection, and its `hello`. */
  opened: { readonly arrival: Arrival; readonly hello: ClientMessage } | undefined;
  /** Nobody came when a client was needed: nothing more can be tried. */
  isDeserted = false;
  #client: AsyncDisposable | undefined;
  #control: Peer | undefined;

  private constructor(
    options: StationOptions,
    parts: { readonly gate: Gate; readonly upgrader: Upgrader; readonly line: ClientLine },
  ) {
    this.#options = options;
    this.#gate = parts.gate;
    this.#upgrader = parts.upgrader;
    this.line = parts.line;
  }

  static async open(options: StationOptions): Promise<Station> {
    const { host, port, apiKey = `ak_kit_${randomBytes(24).toString('base64url')}` } = options;
    // The two tell of what comes, and nothing comes before they listen.
    const told: { station?: Station } = {};
    const upgrader = await openUpgrader({ host, onBreach: (error) => told.station?.breaches.push(error) });
    const gate = await openGate({
      host,
      port,
      innerPort: upgrader.port,
      onRequest: (request) => told.station?.take(upgrader.arrival(request)),
    });
    const line = { url: `ws://${host}:${gate.port}`, apiKey, connectorUuid: randomUUID() };
    told.station = new Station(options, { gate, upgrader, line });
    return told.station;
  }

  /** Whether the kit starts the client, and so knows how often it has failed before. */
  get startsClient(): boolean {
    return this.#options.start !== undefined;
  }

  /** A request has come. */
  take(arrival: Arrival): void {
    const { bearer, request } = arrival;
    if (bearer !== '') this.uses.set(bearer, (this.uses.get(bearer) ?? 0) + 1);
    for (const secret of this.uses.keys()) {
      if (request.target.includes(secret)) this.breaches.push(breach('G-11', 'no secret in a URL', 'one'));
    }
    if (request.target.includes(this.line.apiKey)) this.breaches.push(breach('G-11', 'no key in a URL', 'the API key'));
    this.arrivals.push(arrival);
  }

  /** The control connection of a client that is ready; starts one if there is none, and waits for one that comes again. */
  async ready(): Promise<Peer> {
    if (this.#control !== undefined && this.#control.closed === undefined) return this.#control;
    this.arrivals.drop((arrival) => !isControl(arrival));
    const { start, arriveWithinMs } = this.#options;
    if (start !== undefined) await this.restart();
    else if (!this.arrivals.items.some(isControl)) this.#options.onNeedClient?.();
    return this.welcome(await this.#first(start === undefined ? arriveWithinMs : Math.min(arriveWithinMs, 20_000)));
  }

  /** Ends the client that the kit has started, and starts another one. */
  async restart(): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
    this.#client = await this.#options.start?.(this.line);
  }

  /** The next attempt to open a control connection. */
  arrival({
    withinMs = patienceMs,
    expected = 'a control connection',
  }: {
    readonly withinMs?: number;
    readonly expected?: string;
  } = {}): Promise<Arrival> {
    return this.arrivals.next(isControl, { expected, withinMs });
  }

  /** The client that is to be there now. One that never was, or that somebody does not start again, is not judged. */
  async #first(withinMs: number): Promise<Arrival> {
    try {
      return await this.arrival({ withinMs });
    } catch (error) {
      if (this.startsClient && this.opened !== undefined) throw error;
      this.isDeserted = true;
      throw new Untried(`no client came within ${withinMs} ms`);
    }
  }

  /** Takes a control connection as a switch does, up to `ready`. */
  async welcome(arrival: Arrival): Promise<Peer> {
    const peer = await this.greeted(arrival);
    this.sendWelcome(peer);
    await peer.message('ready', { fits: ({ ready }) => ready === true, expected: '`ready` with `true`' });
    return peer;
  }

  /** Takes a control connection up to `hello`. */
  async greeted(arrival: Arrival): Promise<Peer> {
    if (!arrival.subprotocols.includes(subprotocols.control)) {
      throw new NonConformance(
        `${subprotocols.control} among the offered subprotocols (H-01)`,
        arrival.subprotocols.join(', '),
      );
    }
    const peer = await arrival.accept(createControlReader(), { subprotocol: subprotocols.control });
    this.#control = peer;
    const hello = await peer.message('hello');
    this.opened = { arrival, hello };
    this.clientName = String(hello['client']);
    return peer;
  }

  sendWelcome(peer: Peer, more: object = {}): void {
    const { connectorUuid } = this.line;
    peer.send({
      type: 'welcome',
      sessionId: `session-${randomUUID()}`,
      connectorUuid,
      heartbeatMs: this.heartbeatMs,
      ...more,
    });
    peer.beatEvery(this.heartbeatMs / 2);
  }

  /** What the next check is to begin with: nothing held against the client. */
  reset(): void {
    this.breaches = [];
    this.heartbeatMs = 2_000;
  }

  /** The client is of no more use: the next check needs another one. */
  async retire(): Promise<void> {
    this.#control?.wire.cut();
    this.#control = undefined;
    if (this.#options.start === undefined) return;
    await this.#client?.[Symbol.asyncDispose]();
    this.#client = undefined;
    // What it had under way when it ended.
    await wait(20);
    for (const stale of this.arrivals.drop(() => true)) stale.request.wire.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
    await this.#gate[Symbol.asyncDispose]();
    await this.#upgrader[Symbol.asyncDispose]();
  }
}

/** Whether it is for the control connection. */
export function isControl({ path }: Arrival): boolean {
  return path === paths.control;
}
