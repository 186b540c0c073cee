import {
  type CloseCodeName,
  encodeFrame,
  type ErrorCode,
  type IncomingTrack,
  limits,
  type MediaCommand,
  type MediaRateHz,
  tracks,
} from '@agentao/protocol';
import { NonConformance } from '../check.ts';
import type { Arrival } from './arrival.ts';
import { AudioLedger, sampleModulus } from './audio-ledger.ts';
import { clock, wait } from './clock.ts';
import type { Wanted } from './inbox.ts';
import { type CallBooks, createMediaReader } from './media-reader.ts';
import type { ClientMessage, Heard, Peer } from './peer.ts';
import type { Station } from './station.ts';

/** How a call begins. */
export interface AttachOptions {
  /** First credit and window. Default: ten seconds at 24,000 Hz, so that nothing waits for credit. */
  readonly windowSamples?: number;
  readonly resumeWithinMs?: number;
  /** Whether the agent says samples that tell their position. Default true. */
  readonly counting?: boolean;
  /** Done before `attached` is sent. */
  readonly before?: (peer: Peer) => Promise<void>;
  /** Further fields of `attached`. */
  readonly more?: object;
}

/** What `resumed` says. */
export interface ResumeOptions {
  /** Default: all that has come. */
  readonly received?: number;
  /** Default: the present one. */
  readonly generation?: number;
  readonly upTo?: number;
  readonly state?: 'PENDING' | 'ANSWERED' | 'CONNECTED' | 'DISCONNECTED';
  readonly replayFrom?: Readonly<Partial<Record<IncomingTrack, number>>>;
  readonly played?: number;
  /** Done after `resume` has come and before `resumed` is sent. `false`: it is not sent, as when the connection is lost again. */
  readonly before?: (peer: Peer) => Promise<void | false>;
}

const defaultWindow = 240_000;
let calls = 0;

/** One call of the kit with the client under test, across its media connections. */
export class ScriptedCall {
  readonly callId: string;
  readonly mediaToken: string;
  /** The token that opens the next media connection. */
  resumeToken = '';
  rateHz: MediaRateHz = 24_000;
  /** The wish of `attach`. */
  tracks: readonly string[] = [];
  /** Whether `attach` has asked for time to annotate after the end. */
  annotatesAfterEnd = false;
  lastSeq = 0;
  state: 'PENDING' | 'ANSWERED' | 'CONNECTED' | 'DISCONNECTED' = 'PENDING';
  /** How long after a loss the client may come back, as last told. */
  resumeWithinMs = 10_000;
  readonly #station: Station;
  readonly #startMs = clock.now();
  #books: CallBooks | undefined;
  #peer: Peer | undefined;
  #tokens = 0;

  constructor(station: Station) {
    this.#station = station;
    this.callId = `call-${++calls}`;
    this.mediaToken = this.#token('mt');
  }

  /** The media connection. */
  get peer(): Peer {
    if (this.#peer === undefined) throw new Error('the call has no media connection');
    return this.#peer;
  }

  get books(): CallBooks {
    if (this.#books === undefined) throw new Error('the call is not attached');
    return this.#books;
  }

  get audio(): AudioLedger {
    return this.books.audio;
  }

  get isOpen(): boolean {
    return this.#peer !== undefined && this.#peer.closed === undefined;
  }

  /** The attempt to open the media connection, by the offer's token. */
  arrival(wanted: Partial<Wanted> = {}): Promise<Arrival> {
    return this.#arrival(this.mediaToken, {
      expected: 'a media connection with the token of the offer',
      withinMs: limits.acceptTimeoutMs + 500,
      ...wanted,
    });
  }

  /** The attempt to open a media connection in the place of a lost one. */
  resumeArrival(wanted: Partial<Wanted> = {}): Promise<Arrival> {
    return this.#arrival(this.resumeToken, { expected: 'a media connection with the newest `resumeToken`', ...wanted });
  }

  /** Resolves when nobody has tried to come back for so long. */
  noReturn(forMs: number, expected: string): Promise<void> {
    return this.#station.arrivals.none(({ bearer }) => bearer === this.resumeToken, { expected, withinMs: forMs });
  }

  /** Takes the media connection up to `attached`. */
  async attach(options: AttachOptions = {}, arrival?: Arrival): Promise<Peer> {
    const { windowSamples = defaultWindow, counting = true, resumeWithinMs = this.resumeWithinMs } = options;
    const books: CallBooks = {
      audio: new AudioLedger({ upTo: windowSamples, windowSamples, counting }),
      commands: new Map(),
      unanswered: new Set(),
      repeatable: new Set(),
      played: 0,
    };
    this.#books = books;
    const reader = createMediaReader('attach', books);
    const peer = await this.#open(arrival ?? (await this.arrival()), reader);
    const attach = await peer.message('attach');
    this.rateHz = attach['sampleRateHz'] as MediaRateHz;
    this.tracks = (attach['tracks'] as readonly string[] | undefined) ?? ['mix'];
    this.annotatesAfterEnd = attach['annotateAfterEnd'] === true;
    await options.before?.(peer);
    this.resumeWithinMs = resumeWithinMs;
    this.resumeToken = this.#token('rt');
    reader.answered = true;
    const { atMs } = this;
    peer.send({
      type: 'attached',
      state: 'PENDING',
      mode: null,
      atMs,
      generation: 0,
      upTo: windowSamples,
      windowSamples,
      resumeToken: this.resumeToken,
      resumeWithinMs,
      ...options.more,
    });
    return peer;
  }

  /** Takes a media connection in the place of a lost one up to `resumed`, and returns the client's `resume`. */
  async resume(options: ResumeOptions = {}, arrival?: Arrival): Promise<ClientMessage> {
    const { audio } = this;
    const reader = createMediaReader('resume', this.books);
    for (const id of this.books.unanswered) this.books.repeatable.add(id);
    const peer = await this.#open(arrival ?? (await this.resumeArrival()), reader);
    const resume = await peer.message('resume');
    if ((await options.before?.(peer)) === false) return resume;
    const {
      received = audio.received,
      generation = audio.generation,
      played = this.books.played,
      replayFrom = {},
      state = this.state,
    } = options;
    const upTo = options.upTo ?? Math.max(received, audio.upTo);
    audio.resumes({ received, generation, upTo });
    this.resumeToken = this.#token('rt');
    reader.answered = true;
    const { atMs, resumeWithinMs } = this;
    const mode = state === 'CONNECTED' ? 'barge' : null;
    peer.send({
      type: 'resumed',
      state,
      mode,
      atMs,
      generation,
      received,
      played,
      upTo,
      windowSamples: audio.windowSamples,
      replayFrom,
      resumeToken: this.resumeToken,
      resumeWithinMs,
    });
    return resume;
  }

  /** The next command of this type. It is answered by `ok` or `refuse`. */
  async command<Type extends MediaCommand['type']>(
    type: Type,
    wanted: Partial<Wanted> = {},
  ): Promise<Extract<MediaCommand, { readonly type: Type }>> {
    return (await this.peer.message(type, wanted)) as unknown as Extract<MediaCommand, { readonly type: Type }>;
  }

  ok({ id }: { readonly id: number }, result: object = {}): void {
    this.books.unanswered.delete(id);
    this.audio.answered(id, true);
    this.peer.send({ type: 'response', id, ok: true, result });
  }

  refuse({ id }: { readonly id: number }, code: ErrorCode | 'SOLAR_FLARE'): void {
    this.books.unanswered.delete(id);
    this.audio.answered(id, false);
    this.peer.send({ type: 'response', id, ok: false, error: { code, message: 'the conformance kit says no' } });
  }

  event(type: string, fields: object = {}): void {
    this.peer.send({ type: 'event', seq: ++this.lastSeq, event: { type, atMs: this.atMs, ...fields } });
  }

  /** Waits for `answer` and grants it. */
  async answered(): Promise<void> {
    const command = await this.command('answer');
    this.state = 'ANSWERED';
    this.event('call.answered');
    this.ok(command);
  }

  /** Waits for `connect` and grants it. */
  async connected(): Promise<void> {
    const command = await this.command('connect');
    this.state = 'CONNECTED';
    this.event('call.connected', { mode: command.mode });
    this.ok(command);
  }

  /** A person on the phone presses a key. */
  press(digit: string): void {
    this.event('call.dtmf', { digit, party: 'caller', durationMs: 100 });
  }

  /** Grants credit up to this position. */
  credit(upTo: number): void {
    this.audio.upTo = Math.max(this.audio.upTo, upTo);
    this.peer.send({ type: 'credit', generation: this.audio.generation, upTo });
  }

  playout(played: number): void {
    this.books.played = Math.max(this.books.played, played);
    this.peer.send({ type: 'playout', generation: this.audio.generation, played, audible: true, atMs: this.atMs });
  }

  /** What the client hears; samples are their position modulo 32,768 unless given. */
  say(
    position: number,
    samples: Int16Array | number,
    options: { readonly track?: number; readonly flags?: number } = {},
  ): void {
    const { track = tracks.mix, flags = 0 } = options;
    const data =
      typeof samples === 'number'
        ? Int16Array.from({ length: samples }, (_, i) => (position + i) % sampleModulus)
        : samples;
    this.peer.sendBytes(encodeFrame({ track, generation: 0, flags, position }, data));
  }

  /** Resolves when audio up to this position has come. */
  async hears(position: number, wanted: Partial<Wanted> = {}): Promise<void> {
    const isLast = (item: Heard): boolean =>
      item.kind === 'audio' && item.header.position + item.samples.length >= position;
    if (this.audio.received >= position) return;
    await this.peer.heard.next(isLast, { expected: `audio up to ${position}`, ...wanted });
  }

  /** Fails if there is more audio than now within so long. */
  async silence(forMs: number, expected: string): Promise<void> {
    const { received } = this.audio;
    await wait(forMs);
    if (this.audio.received !== received) throw new NonConformance(expected, `audio up to ${this.audio.received}`);
  }

  /** The caller hangs up: the last event, then the close. */
  async hangUp(reason = 'hangup', by = 'caller'): Promise<void> {
    if (!this.isOpen) return;
    if (this.state !== 'DISCONNECTED') this.event('call.terminated', { reason, by });
    this.state = 'DISCONNECTED';
    this.peer.close('NORMAL');
    await this.peer.end({ expected: 'the connection to end once the call has' });
  }

  /** The connection is lost, without a word or with a code, after the client has taken in what it was sent. */
  async lose(code?: CloseCodeName): Promise<void> {
    await this.peer.roundTrip();
    if (code === undefined) this.peer.wire.cut();
    else this.peer.close(code);
  }

  get atMs(): number {
    return Math.round(clock.now() - this.#startMs);
  }

  #arrival(token: string, wanted: Wanted): Promise<Arrival> {
    return this.#station.arrivals.next(({ bearer }) => bearer === token, wanted);
  }

  async #open(arrival: Arrival, reader: ReturnType<typeof createMediaReader>): Promise<Peer> {
    if (!arrival.subprotocols.includes('agentao.media.v1')) {
      throw new NonConformance(
        'agentao.media.v1 among the offered subprotocols (H-01)',
        arrival.subprotocols.join(', '),
      );
    }
    this.#peer = await arrival.accept(reader, { subprotocol: 'agentao.media.v1' });
    return this.#peer;
  }

  #token(kind: string): string {
    return `${kind}_${this.callId}_${++this.#tokens}_${Math.random().toString(36).slice(2)}`;
  }
}
