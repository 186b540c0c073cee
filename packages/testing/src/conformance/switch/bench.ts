import { sleep } from '@agentao/clock';
import {
  type ControlOffer,
  limits,
  type MediaAttached,
  type MediaRateHz,
  paths,
  subprotocols,
} from '@agentao/protocol';
import { SocketOpenError } from '@agentao/transport';
import { NonConformance, Untried } from '../check.ts';
import { ask, askUpgrade, type HttpAnswer, type HttpQuestion } from './http-request.ts';
import { createObserver, type SocketKind } from './observer.ts';
import { Peer } from './peer.ts';
import { RawPeer } from './raw-peer.ts';
import type { Site } from './site.ts';

/** A call of which a check has every end in hand. */
export interface TestCall {
  readonly offer: ControlOffer;
  readonly caller: Peer;
  readonly media: Peer;
  readonly attached: MediaAttached;
  readonly calleeNumber: string;
}

/** A call in CONNECTED. */
export interface ConnectedCall extends TestCall {
  readonly callee: Peer;
}

/** How a call is taken. */
export interface CallOptions {
  readonly sampleRateHz?: MediaRateHz;
  readonly tracks?: readonly string[];
  readonly annotateAfterEnd?: boolean;
}

/** Rate of everything unless a check wants another one; the least there is. */
export const rateHz = 8_000;
/** Samples of one tick at that rate. */
export const tickSamples = 160;

/** How often a call is placed anew where the kit itself was too slow to take it. */
const mostAttempts = 3;

/** What a check tries a switch with. Everything it opens is closed at the end, its calls are hung up. */
export class SwitchBench implements AsyncDisposable {
  readonly site: Site;
  readonly #peers: Peer[] = [];
  readonly #raws: RawPeer[] = [];
  #number: Promise<string> | undefined;

  constructor(site: Site) {
    this.site = site;
  }

  /** Opens a socket with a credential; `''` for none. Rejects with SocketOpenError where it is refused. */
  async open(kind: SocketKind, credential: string, more: readonly string[] = []): Promise<Peer> {
    const { clock, connect, url, violations, patienceMs } = this.site;
    const socket = await connect({
      url: new URL(paths[kind], url).href,
      subprotocols: [subprotocols[kind], ...more],
      headers: credential === '' ? {} : { authorization: `Bearer ${credential}` },
      // Twice what is allowed: a message beyond it is to be seen, not to close the connection.
      maxMessageBytes: 2 * limits.controlMessageBytes,
      openTimeoutMs: 5_000,
    });
    const observer = createObserver(kind, (clause, why) => void violations.push({ clause, why }));
    const peer = new Peer(socket, { clock, kind, observer, patienceMs });
    this.#peers.push(peer);
    return peer;
  }

  /** A control connection that has said `hello`; `fields` are added to that. */
  async control(fields: object = {}): Promise<Peer> {
    const control = await this.open('control', this.site.apiKey);
    control.send({ ...this.hello, ...fields });
    await control.message('welcome');
    return control;
  }

  /** The `hello` of this run. */
  get hello(): object {
    const { connectorUuid } = this.site;
    return { type: 'hello', client: 'agentao-conformance', ...(connectorUuid === undefined ? {} : { connectorUuid }) };
  }

  /** A control connection that may be offered calls. */
  async readyControl(fields: object = {}): Promise<Peer> {
    const control = await this.control(fields);
    control.send({ type: 'ready', ready: true });
    await control.pong();
    return control;
  }

  /** A registered phone. */
  async phone(number: string, fields: object = {}): Promise<Peer> {
    const phone = await this.open('phone', this.operatorToken);
    phone.send({ type: 'register', number, sampleRateHz: rateHz, ...fields });
    await phone.message('registered');
    return phone;
  }

  async monitor(): Promise<Peer> {
    const monitor = await this.open('monitor', this.operatorToken);
    await monitor.message('snapshot');
    return monitor;
  }

  /** Untried without one. */
  get operatorToken(): string {
    const { operatorToken, whyNoOperators } = this.site;
    if (operatorToken === undefined || whyNoOperators !== undefined) {
      throw new Untried(whyNoOperators ?? 'needs the operator token');
    }
    return operatorToken;
  }

  /** The number that this check calls, and nobody else. */
  number(): Promise<string> {
    const { whyNoCalls, numbers } = this.site;
    if (whyNoCalls !== undefined) throw new Untried(whyNoCalls);
    this.#number ??= numbers.take();
    return this.#number;
  }

  /** A phone that has dialled this check's number. */
  async dial(fields: object = {}): Promise<{ readonly caller: Peer; readonly callerNumber: string }> {
    const to = await this.number();
    const callerNumber = this.site.nextCaller();
    const caller = await this.phone(callerNumber, fields);
    caller.send({ type: 'dial', to });
    return { caller, callerNumber };
  }

  /** A call that is offered, and not taken yet. */
  async offered(): Promise<{ readonly caller: Peer; readonly offer: ControlOffer }> {
    await this.number();
    await this.site.desk.open();
    const { caller, callerNumber } = await this.dial();
    const offer = await this.site.desk.offer(callerNumber);
    return { caller, offer };
  }

  /** The media connection of an offer, before its first message. */
  openMedia(token: string): Promise<Peer> {
    return this.open('media', token);
  }

  /** A call in PENDING. */
  async call(options: CallOptions = {}): Promise<TestCall> {
    const { clock } = this.site;
    for (let attempt = 1; ; attempt++) {
      const dialledMs = clock.now();
      const { caller, offer } = await this.offered();
      try {
        return { caller, ...(await this.take(offer, options)) };
      } catch (error) {
        // An offer that expires because this process was held up is not the switch's fault: another call, then.
        if (attempt === mostAttempts || clock.now() - dialledMs < offer.acceptWithinMs / 2) throw error;
        caller.send({ type: 'hangup' });
        await caller.message('ended');
      }
    }
  }

  /** Takes an offer. */
  async take(offer: ControlOffer, options: CallOptions = {}): Promise<Omit<TestCall, 'caller'>> {
    const media = await this.openMedia(offer.mediaToken);
    media.send({ type: 'attach', sampleRateHz: rateHz, ...options });
    const attached = await media.message('attached');
    return { offer, media, attached, calleeNumber: offer.calleeNumber };
  }

  /** A call in ANSWERED. */
  async answered(options?: CallOptions): Promise<TestCall> {
    const call = await this.call(options);
    await succeeds(call.media, call.media.command('answer'));
    await call.caller.message('answered');
    return call;
  }

  /** A call whose callee is being rung, from PENDING; `connectId` is that of the command. */
  async ringing(
    from: 'PENDING' | 'ANSWERED' = 'PENDING',
    ringTimeMs = 30_000,
  ): Promise<ConnectedCall & { readonly connectId: number }> {
    const callee = await this.phone(await this.number());
    const call = from === 'PENDING' ? await this.call() : await this.answered();
    const connectId = call.media.command('connect', { ringTimeMs, mode: 'barge' });
    await callee.message('incoming');
    return { ...call, callee, connectId };
  }

  /** A call in CONNECTED. */
  async connected(mode = 'barge', options?: CallOptions): Promise<ConnectedCall> {
    const callee = await this.phone(await this.number());
    const call = await this.answered(options);
    const id = call.media.command('connect', { ringTimeMs: 30_000, mode });
    await callee.message('incoming');
    callee.send({ type: 'answer' });
    await succeeds(call.media, id);
    return { ...call, callee };
  }

  /** Asks over HTTP. */
  ask(path: string, question?: HttpQuestion): Promise<HttpAnswer> {
    return ask(new URL(path, this.site.url), question);
  }

  /** Asks for an upgrade with these headers. A connection that opens is closed at once: its answer has status 101. */
  async upgrade(path: string, headers: Readonly<Record<string, string>>): Promise<HttpAnswer> {
    const answer = await askUpgrade(new URL(path, this.site.url), headers);
    if ('status' in answer) return answer;
    answer.net.destroy();
    return { status: 101, headers: answer.headers, body: '', code: undefined };
  }

  /** Opens a connection below the messages of a WebSocket. */
  async raw(kind: SocketKind, credential: string): Promise<RawPeer> {
    const headers = { 'Sec-WebSocket-Protocol': subprotocols[kind], Authorization: `Bearer ${credential}` };
    const answer = await askUpgrade(new URL(paths[kind], this.site.url), headers);
    if ('status' in answer) throw new NonConformance(`an upgrade of ${kind}`, `HTTP ${answer.status} ${answer.code}`);
    const raw = new RawPeer(this.site.clock, answer);
    this.#raws.push(raw);
    return raw;
  }

  /** How a token is taken on `/media`: `opens`, or status and code of the refusal. */
  async mediaAnswer(token: string): Promise<string> {
    try {
      const media = await this.openMedia(token);
      media.socket.close(1000);
      return 'opens';
    } catch (error) {
      if (!(error instanceof SocketOpenError) || error.code !== 'REFUSED') throw error;
      const { code } = JSON.parse(error.body ?? '{}') as { readonly code?: string };
      return `HTTP ${error.status} ${code}`;
    }
  }

  sleep(ms: number): Promise<void> {
    return sleep(this.site.clock, ms);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const raw of this.#raws) raw[Symbol.dispose]();
    // Phones first: a call that has lost its agent and lives on would be offered to the next check.
    const [phones, others] = [this.#peers.filter(isPhone), this.#peers.filter((peer) => !isPhone(peer))];
    for (const group of [phones, others]) {
      for (const peer of group) if (peer.close === undefined) peer.socket.close(1000);
      await Promise.all(
        group.map((peer) => peer.until('the end', () => peer.close).catch(() => peer.socket.terminate())),
      );
    }
    if (this.#number !== undefined) this.site.numbers.giveBack(await this.#number);
  }
}

function isPhone({ socket }: Peer): boolean {
  return socket.subprotocol === subprotocols.phone;
}

/** The command's success; anything else is a failure. */
export async function succeeds(
  media: Peer,
  id: number,
  withinMs?: number,
): Promise<{ readonly position?: number; readonly clearedSamples?: number }> {
  const response = await media.message('response', (message) => message.id === id, withinMs);
  if (response.ok) return response.result;
  throw new NonConformance('success of the command', `${response.error.code}: ${response.error.message}`);
}

/** The command is refused with this code. */
export async function isRefused(media: Peer, id: number, code: string, withinMs?: number): Promise<void> {
  const response = await media.message('response', (message) => message.id === id, withinMs);
  if (response.ok || response.error.code !== code) {
    throw new NonConformance(`\`${code}\``, response.ok ? 'success' : response.error.code);
  }
}
