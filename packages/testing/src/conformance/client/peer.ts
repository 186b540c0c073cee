import { type CloseCodeName, closeCodes, type FrameHeader } from '@agentao/protocol';
import type { Socket } from '@agentao/transport';
import { NonConformance } from '../check.ts';
import { breach } from './breach.ts';
import { clock, patienceMs } from './clock.ts';
import type { Wire } from './gate.ts';
import { Inbox, type Wanted } from './inbox.ts';

/** A message of the client: text that was understood, or a frame of audio. */
export type Heard =
  | { readonly kind: 'text'; readonly message: ClientMessage; readonly atMs: number }
  | { readonly kind: 'audio'; readonly header: FrameHeader; readonly samples: Int16Array; readonly atMs: number };

/** What a text of a client is taken for; its fields have been checked by who read it. */
export interface ClientMessage {
  readonly type: string;
  readonly id?: number;
  readonly [field: string]: unknown;
}

/** Reads what comes on one connection and judges it. Throws `NonConformance`. */
export interface Reader {
  text(raw: string): ClientMessage;
  binary(bytes: Uint8Array): { readonly header: FrameHeader; readonly samples: Int16Array };
}

/** Ids of the kit's own pings are greater; checks use smaller ones. */
const firstPing = 1_000_000;

/** What a peer is made of. */
export interface PeerOptions {
  readonly socket: Socket;
  readonly wire: Wire;
  readonly reader: Reader;
  /** Told of a rule that the client breaks. */
  readonly onBreach: (error: NonConformance) => void;
}

/** One open connection of the client under test. Answers its pings until told not to. */
export class Peer {
  /** What has come and is not taken yet, but `ping` and `pong`. */
  readonly heard: Inbox<Heard> = new Inbox(describe);
  /** `ping` and `pong` of the client. */
  readonly beats: Inbox<ClientMessage> = new Inbox((message) => message.type);
  readonly wire: Wire;
  readonly openedMs: number = clock.now();
  readonly #socket: Socket;
  readonly #ends: Inbox<number> = new Inbox((code) => `a close with ${code}`);
  /** How the connection ended; 1006 where it ended without a close frame. */
  closed: { readonly code: number; readonly atMs: number } | undefined;
  /** Whether pings of the client are answered, and whether the kit sends its own where it has begun to. */
  answersPings = true;
  #pings = firstPing;
  /** Pings of the kit whose answer somebody waits for. */
  readonly #asked: Set<number> = new Set();

  constructor({ socket, wire, reader, onBreach }: PeerOptions) {
    this.#socket = socket;
    this.wire = wire;
    const guarded = (read: () => void): void => {
      try {
        read();
      } catch (error) {
        const fault =
          error instanceof NonConformance ? error : breach('G-04', 'a message that can be read', String(error));
        onBreach(fault);
        this.heard.fail(fault);
        this.#ends.fail(fault);
      }
    };
    socket.start({
      text: (raw) => guarded(() => this.#take(reader.text(raw))),
      binary: (bytes) => guarded(() => this.heard.push({ kind: 'audio', ...reader.binary(bytes), atMs: clock.now() })),
      closed: ({ code }) => {
        this.closed = { code, atMs: clock.now() };
        this.#ends.push(code);
      },
    });
  }

  /** Sends a message, or a text as it is. */
  send(message: object | string): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  close(name: CloseCodeName): void {
    this.#socket.close(closeCodes[name].code, closeCodes[name].reason);
  }

  /** Closes with a code that is in no table. */
  closeWith(code: number): void {
    this.#socket.close(code);
  }

  /** The next text of this type that fits. */
  async message(
    type: string,
    { fits = () => true, ...wanted }: Partial<Wanted> & { readonly fits?: (message: ClientMessage) => boolean } = {},
  ): Promise<ClientMessage> {
    const isWanted = (item: Heard): boolean => item.kind === 'text' && item.message.type === type && fits(item.message);
    const found = await this.heard.next(isWanted, { expected: `\`${type}\``, ...wanted });
    if (found.kind !== 'text') throw new TypeError('audio is no message');
    return found.message;
  }

  /** Resolves with the code of the close. */
  end(wanted: Wanted): Promise<number> {
    return this.#ends.next(() => true, wanted);
  }

  /** The client closes with this code, in time; one that is not among them is a failure. */
  async endsWith(
    names: readonly (CloseCodeName | 'LOST')[],
    { expected, withinMs = patienceMs }: Partial<Wanted> = {},
  ): Promise<void> {
    const text = expected ?? `a close with ${names.join(' or ')}`;
    const code = await this.end({ expected: text, withinMs });
    const codes: readonly number[] = names.map((name) => (name === 'LOST' ? 1006 : closeCodes[name].code));
    if (!codes.includes(code)) throw new NonConformance(text, `a close with ${code}`);
  }

  /** Asks the client for a sign that it has taken in everything sent before (G-08, G-12). */
  async roundTrip(id: number = ++this.#pings): Promise<void> {
    this.#asked.add(id);
    this.send({ type: 'ping', id });
    await this.beats.next((beat) => beat.type === 'pong' && beat.id === id, {
      expected: `a \`pong\` for \`ping\` ${id}, and the connection open`,
    });
  }

  /** Sends `ping` so often, as a switch does on a control connection (G-14). */
  beatEvery(ms: number): void {
    if (this.closed !== undefined || !this.answersPings) return;
    clock.setTimer(clock.now() + ms, () => {
      if (this.answersPings) this.send({ type: 'ping', id: ++this.#pings });
      this.beatEvery(ms);
    });
  }

  #take(message: ClientMessage): void {
    if (message.type === 'ping' && this.answersPings) this.send({ type: 'pong', id: message.id });
    if (message.type === 'pong' && Number(message.id) > firstPing && !this.#asked.delete(Number(message.id))) return;
    if (message.type === 'ping' || message.type === 'pong') this.beats.push(message);
    else this.heard.push({ kind: 'text', message, atMs: clock.now() });
  }
}

function describe(item: Heard): string {
  if (item.kind === 'text') return `\`${item.message.type}\``;
  return `audio at ${item.header.position} of generation ${item.header.generation}`;
}
