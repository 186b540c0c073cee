import { type Clock, sleep } from '@agentao/clock';
import {
  closeCodes,
  type ControlSwitchMessage,
  encodeFrame,
  type Frame,
  type MediaSwitchMessage,
  type MonitorSwitchMessage,
  type PhoneSwitchMessage,
  tracks,
  type UnknownMessage,
} from '@agentao/protocol';
import type { Socket, SocketClose } from '@agentao/transport';
import { NonConformance } from '../check.ts';
import type { Observer, SocketKind } from './observer.ts';

/** Every message that a switch may send, and those of types that version 1 does not know. */
export type SwitchMessage =
  | ControlSwitchMessage
  | MediaSwitchMessage
  | PhoneSwitchMessage
  | MonitorSwitchMessage
  | UnknownMessage;

/** The messages of one type, of any socket. */
export type MessageOf<Type extends SwitchMessage['type']> = Extract<SwitchMessage, { readonly type: Type }>;

/** One thing that came from the switch, and when. */
export type Heard =
  | { readonly kind: 'message'; readonly message: SwitchMessage; readonly atMs: number }
  | { readonly kind: 'audio'; readonly frame: Frame; readonly atMs: number }
  | { readonly kind: 'closed'; readonly close: SocketClose; readonly atMs: number };

/** Outgoing audio; what is left out is right for the first message of an agent. */
export interface AudioToSend {
  readonly samples: Int16Array | number;
  readonly position?: number;
  readonly generation?: number;
  readonly track?: number;
  readonly flags?: number;
}

/** Ids of the kit's own pings, far from those of the checks. */
const firstOwnPing = 4_000_000_000;
const recentShown = 6;

/** The name of a close code, or the bare number of one that is not in the table. */
export function closeName(code: number): string {
  const entry = Object.entries(closeCodes).find(([, value]) => value.code === code);
  return entry === undefined ? String(code) : entry[0];
}

/** What makes a {@link Peer}. */
export interface PeerContext {
  readonly clock: Clock;
  readonly kind: SocketKind;
  readonly observer: Observer;
  /** How long the kit waits for what the switch owes it at once. */
  readonly patienceMs: number;
}

/** One connection of the kit: says what a check wants, keeps all that comes, answers pings while it is told to. */
export class Peer {
  readonly socket: Socket;
  /** Everything that came, in order. */
  readonly heard: readonly Heard[];
  /** Whether `ping` is answered. */
  answersPings = true;
  /** Id of the last command; a connection that takes the place of another goes on from there. */
  commands = 0;
  readonly #heard: Heard[] = [];
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #patienceMs: number;
  readonly #wakes = new Set<() => void>();
  #pings = firstOwnPing;

  constructor(socket: Socket, { clock, kind, observer, patienceMs }: PeerContext) {
    this.socket = socket;
    this.heard = this.#heard;
    this.#clock = clock;
    this.#observer = observer;
    this.#patienceMs = patienceMs;
    socket.start({
      text: (text) => {
        const message = observer.text(kind, text);
        if (message === undefined) return;
        if (message.type === 'ping' && this.answersPings) this.send({ type: 'pong', id: message.id });
        this.#keep({ kind: 'message', message, atMs: clock.now() });
      },
      binary: (bytes) => {
        const frame = observer.binary(kind, bytes);
        if (frame !== undefined) this.#keep({ kind: 'audio', frame, atMs: clock.now() });
      },
      closed: (close) => this.#keep({ kind: 'closed', close, atMs: clock.now() }),
    });
  }

  /** Messages only, in order. */
  get messages(): readonly SwitchMessage[] {
    return this.#heard.flatMap((entry) => (entry.kind === 'message' ? [entry.message] : []));
  }

  /** Audio only, in order. */
  get frames(): readonly Frame[] {
    return this.#heard.flatMap((entry) => (entry.kind === 'audio' ? [entry.frame] : []));
  }

  /** How the connection ended, once it has. */
  get close(): SocketClose | undefined {
    const last = this.#heard.at(-1);
    return last?.kind === 'closed' ? last.close : undefined;
  }

  send(message: object): void {
    this.#observer.sent(message);
    this.socket.send(JSON.stringify(message));
  }

  /** Sends a text as it is, JSON or not. */
  sendText(text: string): void {
    this.#observer.sent(parsed(text));
    this.socket.send(text);
  }

  sendBytes(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  sendAudio({ samples, position = 0, generation = 0, track = tracks.agent, flags = 0 }: AudioToSend): void {
    const pcm = typeof samples === 'number' ? new Int16Array(samples) : samples;
    this.socket.send(encodeFrame({ track, generation, flags, position }, pcm));
  }

  /** Sends a command with an id of its own, and returns that. */
  command(type: string, fields: object = {}): number {
    const id = ++this.commands;
    this.send({ type, id, ...fields });
    return id;
  }

  /** Waits until `pick` finds something in what came; it is asked again at everything new. */
  async until<T>(what: string, pick: () => T | undefined, withinMs: number = this.#patienceMs): Promise<T> {
    const dueMs = this.#clock.now() + withinMs;
    for (;;) {
      const found = pick();
      if (found !== undefined) return found;
      const leftMs = dueMs - this.#clock.now();
      if (leftMs <= 0 || this.close !== undefined) {
        throw new NonConformance(what, `${this.describe()}${leftMs <= 0 ? ` within ${withinMs} ms` : ''}`);
      }
      await this.#news(leftMs);
    }
  }

  /** The first message of a type for which `where` holds, which may have come long ago. */
  message<Type extends SwitchMessage['type']>(
    type: Type,
    where: (message: MessageOf<Type>) => boolean = () => true,
    withinMs?: number,
  ): Promise<MessageOf<Type>> {
    return this.until(`\`${type}\``, () => this.find(type, where), withinMs);
  }

  /** The same without waiting. */
  find<Type extends SwitchMessage['type']>(
    type: Type,
    where: (message: MessageOf<Type>) => boolean = () => true,
  ): MessageOf<Type> | undefined {
    const isWanted = (message: SwitchMessage): message is MessageOf<Type> =>
      message.type === type && where(message as MessageOf<Type>);
    return this.messages.find(isWanted);
  }

  /** All messages of a type. */
  all<Type extends SwitchMessage['type']>(type: Type): readonly MessageOf<Type>[] {
    return this.messages.filter((message): message is MessageOf<Type> => message.type === type);
  }

  /** Where a message stands among all that came. */
  indexOf(message: SwitchMessage): number {
    return this.#heard.findIndex((entry) => entry.kind === 'message' && entry.message === message);
  }

  /** Waits for the end of the connection, with this code. */
  async closes(name: keyof typeof closeCodes, withinMs?: number): Promise<void> {
    const { code } = await this.until(`close ${name}`, () => this.close, withinMs);
    if (code !== closeCodes[name].code) throw new NonConformance(`close ${name}`, this.describe());
  }

  /** Waits until the switch has taken in all that was sent, and for what waits there for the next tick. */
  async settled(): Promise<void> {
    await this.pong();
    await sleep(this.#clock, 60);
    await this.pong();
  }

  /** One `ping`, answered. */
  async pong(): Promise<void> {
    const id = ++this.#pings;
    this.send({ type: 'ping', id });
    await this.message('pong', (pong) => pong.id === id);
  }

  /** The last things that came, for a report. */
  describe(): string {
    const shown = this.#heard.filter((entry) => entry.kind !== 'message' || !isTalk(entry.message)).map(show);
    const distinct = shown.filter((text, index) => text !== shown[index - 1]);
    return distinct.length === 0 ? 'nothing' : distinct.slice(-recentShown).join(', ');
  }

  #keep(entry: Heard): void {
    this.#heard.push(entry);
    this.#observer.heard(entry);
    for (const wake of this.#wakes) wake();
  }

  async #news(withinMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(this.#clock.now() + withinMs, resolve);
    this.#wakes.add(resolve);
    await promise;
    this.#wakes.delete(resolve);
    timer.cancel();
  }
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function isTalk(message: SwitchMessage): boolean {
  return message.type === 'ping' || message.type === 'pong' || message.type === 'levels';
}

function show(entry: Heard): string {
  if (entry.kind === 'closed') return `close ${closeName(entry.close.code)}`;
  if (entry.kind === 'audio') return `audio of track ${entry.frame.header.track}`;
  const { message } = entry;
  if (message.type === 'response') return message.ok ? `response ${message.id} ok` : `response ${message.error.code}`;
  if (message.type === 'event') return message.event.type;
  if (message.type === 'error') return `error ${message.code}`;
  return message.type;
}
