import type { Clock } from '@agentao/clock';
import {
  type AgentState,
  type CallEventMessage,
  type CallMode,
  type CloseCodeName,
  closeCodes,
  type CommandResult,
  type ControlOffer,
  decodeFrame,
  decodeMediaClient,
  encode,
  encodeFrame,
  type IncomingTrack,
  type MediaAttach,
  type MediaClientMessage,
  type MediaCommand,
  type MediaResume,
  type MediaResumed,
  type MediaSwitchMessage,
  tracks,
} from '@agentao/protocol';
import type { Socket } from '@agentao/transport';
import { ScriptedPlayout } from './scripted-playout.ts';

type Untimed<Event> = Event extends unknown ? Omit<Event, 'atMs'> : never;

/** What a command is answered with: a result, a refusal, or nothing. */
export type Reply =
  | { readonly result: CommandResult }
  | { readonly code: string; readonly message: string }
  | 'silence';

/** The switch's side of one call, as far as a client can tell it from a real one. Commands succeed unless told otherwise. */
export class ScriptedCall {
  readonly offer: ControlOffer;
  readonly commands: MediaCommand[] = [];
  readonly playout: ScriptedPlayout;
  /** Answers instead of the default; `undefined` falls back to it. */
  onCommand: (command: MediaCommand) => Reply | undefined = () => undefined;
  /** What it says to a `resume`, beside how things stand. Left out: resumes are refused. */
  onResume: ((resume: MediaResume) => Partial<MediaResumed>) | undefined;
  /** The token of the next resume. */
  resumeToken = 'resume-1';
  /** Everything that came on the newest connection. */
  readonly received: (MediaClientMessage['type'] | 'audio')[] = [];
  /** Does not answer `attach` and `resume`. */
  mute = false;
  attach: MediaAttach | undefined;
  closedWith: number | undefined;
  state: AgentState = 'PENDING';
  mode: CallMode | null = null;
  readonly #clock: Clock;
  #socket: Socket | undefined;
  readonly #events: string[] = [];
  #seq = 0;

  constructor(offer: ControlOffer, clock: Clock) {
    this.offer = offer;
    this.#clock = clock;
    this.playout = new ScriptedPlayout({ clock, send: (message) => this.send(message) });
  }

  /** Takes the media socket. */
  serve(socket: Socket): void {
    this.#socket = socket;
    this.closedWith = undefined;
    this.received.length = 0;
    socket.start({
      text: (raw) => this.#text(raw),
      binary: (bytes) => {
        this.received.push('audio');
        const { header, samples } = decodeFrame(bytes);
        this.playout.receive(header, samples.slice());
      },
      closed: ({ code }) => {
        if (this.#socket !== socket) return;
        this.closedWith = code;
        this.playout.stop();
      },
    });
  }

  send(message: MediaSwitchMessage): void {
    this.#socket?.send(encode(message));
  }

  sendText(text: string): void {
    this.#socket?.send(text);
  }

  /** The events from number `first` on, once more. */
  repeatEvents(first: number): void {
    for (const text of this.#events.slice(first - 1)) this.sendText(text);
  }

  event(event: Untimed<CallEventMessage>): void {
    if (event.type === 'call.answered') this.state = 'ANSWERED';
    if (event.type === 'call.connected') this.state = 'CONNECTED';
    if (event.type === 'call.connected' || event.type === 'call.mode_changed') this.mode = event.mode;
    const timed = { ...event, atMs: Math.round(this.#clock.now()) };
    const text = encode({ type: 'event', seq: ++this.#seq, event: timed });
    this.#events.push(text);
    this.sendText(text);
  }

  /** An event of a type that is not there yet. */
  novelEvent(): void {
    this.sendText(JSON.stringify({ type: 'event', seq: ++this.#seq, event: { type: 'call.novelty', atMs: 1 } }));
  }

  /** The terminal event, and the close behind it. */
  terminate(reason: 'hangup' | 'left' | 'declined' | 'disconnected', by: 'caller' | 'agent'): void {
    this.event({ type: 'call.terminated', reason, by });
    this.close('NORMAL');
  }

  respond(id: number, reply: Reply): void {
    if (reply === 'silence') return;
    if ('result' in reply) this.send({ type: 'response', id, ok: true, result: reply.result });
    else this.send({ type: 'response', id, ok: false, error: { code: reply.code, message: reply.message } });
  }

  /** Gives the call to the client that has attached; unless mute it does so by itself. */
  answerAttach(): void {
    if (this.attach === undefined) throw new Error('no client has attached');
    this.playout.start(this.attach.sampleRateHz);
    this.send({ type: 'attached', ...this.#standing() });
  }

  /** One incoming frame. */
  hear(party: IncomingTrack, position: number, samples: Int16Array, flags: number = 0): void {
    this.#socket?.send(encodeFrame({ track: tracks[party], generation: 0, flags, position }, samples));
  }

  close(name: CloseCodeName): void {
    this.#socket?.close(closeCodes[name].code);
  }

  cut(): void {
    this.#socket?.terminate();
  }

  /** The commands of one type. */
  sent<Type extends MediaCommand['type']>(type: Type): Extract<MediaCommand, { type: Type }>[] {
    return this.commands.filter((command) => command.type === type) as Extract<MediaCommand, { type: Type }>[];
  }

  #text(raw: string): void {
    const message = decodeMediaClient(raw);
    if (message.type !== 'unknown' && message.type !== 'refused') this.received.push(message.type);
    if (message.type === 'ping') this.send({ type: 'pong', id: message.id });
    else if (message.type === 'attach') this.#attach(message);
    else if (message.type === 'mark') this.playout.mark(message.position);
    else if (message.type === 'resume') this.#resume(message);
    else if (message.type === 'refused') throw new Error(`unexpected ${message.type}`);
    else if (message.type !== 'pong' && message.type !== 'unknown') this.#command(message);
  }

  #attach(message: MediaAttach): void {
    this.attach = message;
    if (!this.mute) this.answerAttach();
  }

  #resume(message: MediaResume): void {
    if (this.mute) return;
    this.playout.goOn();
    this.resumeToken = `${this.resumeToken}+`;
    const { received, played } = this.playout;
    const said = this.onResume?.(message);
    this.send({ type: 'resumed', ...this.#standing(), received, played, replayFrom: {}, ...said });
  }

  #standing() {
    const { generation, upTo, windowSamples } = this.playout;
    const { state, mode, resumeToken } = this;
    return { state, mode, atMs: 0, generation, upTo, windowSamples, resumeToken, resumeWithinMs: 10_000 };
  }

  #command(command: MediaCommand): void {
    this.commands.push(command);
    const reply = this.onCommand(command) ?? this.#obey(command);
    this.respond(command.id, reply);
    if (reply === 'silence' || !('result' in reply)) return;
    if (command.type === 'disconnect' || command.type === 'close') this.close('NORMAL');
  }

  #obey(command: MediaCommand): Reply {
    if (command.type === 'answer') this.event({ type: 'call.answered' });
    if (command.type === 'connect') this.event({ type: 'call.connected', mode: command.mode });
    if (command.type === 'disconnect') this.event({ type: 'call.terminated', reason: 'disconnected', by: 'agent' });
    if (command.type === 'close') {
      const reason = this.state === 'PENDING' ? 'declined' : 'left';
      this.event({ type: 'call.terminated', reason, by: 'agent' });
    }
    if (command.type === 'clear') return { result: this.playout.clear(command) };
    if (command.type !== 'mode') return { result: {} };
    const { mode, discard, afterPosition } = command;
    const cleared = discard && this.playout.clear(discard);
    const apply = (): CommandResult => {
      const position = this.playout.played;
      this.event({ type: 'call.mode_changed', mode, position });
      return cleared ?? { position };
    };
    if (afterPosition === undefined || afterPosition <= this.playout.played) return { result: apply() };
    this.playout.whenPlayed(afterPosition, () => this.respond(command.id, { result: apply() }));
    return 'silence';
  }
}
