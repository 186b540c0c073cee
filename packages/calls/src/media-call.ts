import type { Clock } from '@agentao/clock';
import { inspect } from 'node:util';
import {
  type AgentState,
  type CallDirection,
  type CallMode,
  type CloseCodeName,
  type ControlOffer,
  type IncomingTrack,
  limits,
  type MediaAttached,
  type MediaRateHz,
} from '@agentao/protocol';
import type { Observable } from 'rxjs';
import type {
  ActiveCall,
  AudioChunk,
  AudioOptions,
  CallEnd,
  ClearResult,
  CloseOptions,
  ConnectOptions,
  ModeOptions,
  Pcm,
  PlayOutcome,
  PlaySource,
  SendAudioOptions,
} from './active-call.ts';
import { checkDigits, checkEvent, checkHandler, checkKind, checkSignal, jsonOf, trackOf } from './call-arguments.ts';
import { CallLife } from './call-life.ts';
import { type CommandDesk, createCommandDesk, type Verb } from './command-desk.ts';
import { connectCallee } from './connect-callee.ts';
import { BufferClosedError, WSSError, type WSSMediaError } from './errors.ts';
import type { AnyCallEvent, CallEventName, CallEvents } from './events.ts';
import { goOn } from './go-on.ts';
import { handled } from './handled.ts';
import { IncomingAudio } from './incoming-audio.ts';
import { LateNotes } from './late-notes.ts';
import type { MediaConnection, MediaListener, MediaPlace } from './media-connection.ts';
import { createMediaLine, type MediaLine } from './media-line.ts';
import { ModeVerbs } from './mode-verbs.ts';
import { OrderedCommands } from './ordered-commands.ts';
import { OutgoingAudio } from './outgoing-audio.ts';
import { samplesOf } from './pcm.ts';
import { Player } from './player.ts';
import { Playout } from './playout.ts';
import { type PlayoutWaitOptions, waitForPlayout } from './playout-wait.ts';
import { shownCall } from './shown-call.ts';
import { createVerbRunner, type RunVerb } from './verb-runner.ts';

/** What a call on a media connection is made of. */
export interface MediaCallOptions extends MediaPlace {
  readonly offer: ControlOffer;
  readonly attached: Omit<MediaAttached, 'type'>;
  readonly connection: MediaConnection;
  readonly sampleRateHz: MediaRateHz;
  readonly bufferBytes: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** The one implementation of {@link ActiveCall}. The switch is the judge of every verb; nothing here second-guesses it. */
export class MediaCall implements ActiveCall {
  readonly callId: string;
  readonly callerNumber: string;
  readonly calleeNumber: string;
  readonly direction: CallDirection;
  readonly sampleRateHz: MediaRateHz;
  readonly clock: Clock;
  readonly takenOver: boolean;
  /** Resolves when the call has ended and its connection is given up: nothing can be added to its record any more. Never rejects. */
  readonly released: Promise<void>;

  readonly #run: RunVerb;
  readonly #line: MediaLine;
  readonly #life: CallLife;
  readonly #desk: CommandDesk;
  readonly #notes: LateNotes;
  readonly #outgoing: OutgoingAudio;
  readonly #playout: Playout;
  readonly #player: Player;
  readonly #incoming: IncomingAudio;
  /** What a wait for the end of all that was handed in looks at. */
  readonly #sound: PlayoutWaitOptions;
  readonly #commands: OrderedCommands;
  readonly #modes: ModeVerbs;
  #context: unknown;
  #goodbye: CloseCodeName = 'NORMAL';

  static {
    Object.defineProperty(MediaCall.prototype, inspect.custom, {
      value(this: MediaCall) {
        return shownCall(this);
      },
    });
  }

  constructor(options: MediaCallOptions) {
    const { offer, attached, sampleRateHz, clock, logger } = options;
    const { callId } = offer;
    this.callId = callId;
    this.callerNumber = offer.callerNumber;
    this.calleeNumber = offer.calleeNumber;
    this.direction = offer.direction;
    this.sampleRateHz = sampleRateHz;
    this.clock = clock;
    this.takenOver = offer.takeover !== undefined;
    this.#context = offer.takeover?.context ?? null;
    this.#run = createVerbRunner({ callId, logger });

    const life = new CallLife({
      callId,
      attached,
      clock,
      logger,
      onEnd: (error) => this.#settleAll(error),
      onWork: (work) => this.hold(work),
    });
    this.#life = life;
    const { promise: over, resolve: resolveOver } = Promise.withResolvers<void>();
    this.released = life.ended.then(() => over);
    this.#notes = new LateNotes({
      clock,
      onOver: () => {
        if (life.closed !== undefined) this.#desk.close(life.closed);
        this.#line.close(this.#goodbye);
        resolveOver();
      },
    });
    const line = createMediaLine({
      ...options,
      owner: {
        response: (response) => this.#desk.respond(response),
        credit: (generation, upTo) => this.#outgoing.credit(generation, upTo),
        playout: (played) => this.#playout.report(this.#said(played)),
        event: (seq, event) => life.receive(seq, event),
        frame: (header, samples) => this.#incoming.frame(header, samples),
        whereabouts: () => ({
          received: this.#incoming.received,
          lastEventSeq: life.lastSeq,
          generation: this.#outgoing.generation,
        }),
        room: () => this.#outgoing.flush(),
        lost: () => this.#outgoing.pause(),
        resumed: (resumed) =>
          goOn(
            { ...resumed, played: this.#said(resumed.played) },
            { life, desk: this.#desk, outgoing: this.#outgoing, playout: this.#playout },
          ),
        gone: (error) => this.#gone(error),
        left: () => this.#notes.end(),
      },
    });
    this.#line = line;
    const closed = (type: Verb['type']) => (type === 'annotate' && this.#notes.open ? undefined : life.closed);
    this.#desk = createCommandDesk({ callId, clock, transmit: line.send, closed });
    this.#outgoing = new OutgoingAudio({
      ...attached,
      bufferBytes: options.bufferBytes,
      sendFrame: line.sendFrame,
      isBehind: () => line.isBehind,
    });
    this.#playout = new Playout({ callId, clock, sendMark: (position) => line.send({ type: 'mark', position }) });
    this.#player = new Player({
      callId,
      sampleRateHz,
      outgoing: this.#outgoing,
      playout: this.#playout,
      discard: () => void handled(this.#clear()),
    });
    this.#sound = { clock, player: this.#player, outgoing: this.#outgoing, playout: this.#playout };
    this.#commands = new OrderedCommands({ ...this.#sound, callId, desk: this.#desk, closed: () => life.closed });
    this.#modes = new ModeVerbs({ life, sampleRateHz, commands: this.#commands, sound: this.#sound });
    this.#incoming = new IncomingAudio({
      sampleRateHz,
      report: life.report,
      onTracks: (wanted) => this.#requestTracks(wanted),
      onDropped: (party, droppedSamples) => life.applyLocal({ type: 'call.audio_overflow', party, droppedSamples }),
    });
  }

  /** What the owner of the connection tells this call. */
  get listener(): MediaListener {
    return this.#line.listener;
  }

  get state(): AgentState {
    return this.#life.state;
  }

  get mode(): CallMode | null {
    return this.#life.mode;
  }

  get state$(): Observable<AgentState> {
    return this.#life.state$;
  }

  get events$(): Observable<AnyCallEvent> {
    return this.#life.events$;
  }

  get ended(): Promise<CallEnd> {
    return this.#life.ended;
  }

  get signal(): AbortSignal {
    return this.#life.signal;
  }

  get context(): unknown {
    return this.#context;
  }

  get queuedSamples(): number {
    return this.#outgoing.end;
  }

  get playedSamples(): number {
    return this.#playout.played;
  }

  answer(): Promise<void> {
    return this.#run('answer', () => this.#verb({ type: 'answer' }));
  }

  connect(options: ConnectOptions = {}): Promise<void> {
    const cancel = (connectId: number) => this.#verb({ type: 'connect.cancel', connectId });
    const of = { callId: this.callId, desk: this.#desk, cancel };
    return this.#run('connect', () => connectCallee(of, options), options);
  }

  whisper(options: ModeOptions = {}): Promise<void> {
    return this.#run('whisper', () => this.#modes.change('whisper', options), options);
  }

  barge(options: ModeOptions = {}): Promise<void> {
    return this.#run('barge', () => this.#modes.change('barge', options), options);
  }

  spy(options: ModeOptions = {}): Promise<void> {
    return this.#run('spy', () => this.#modes.change('spy', options), options);
  }

  disconnect(): Promise<void> {
    return this.#run('disconnect', () => this.#leave({ type: 'disconnect' }));
  }

  close(options: CloseOptions = {}): Promise<void> {
    const leave = () => this.#leave({ type: 'close', ...(options.handOver && { handOver: true }) });
    return this.#run('close', leave, options);
  }

  forceDisconnect(): Promise<void> {
    this.#goodbye = 'FORCE_DISCONNECT';
    this.#life.end({ reason: 'disconnected', by: 'agent' });
    return Promise.resolve();
  }

  sendDtmf(digits: string): Promise<void> {
    return this.#run('sendDtmf', async () => {
      checkDigits(digits);
      await this.#commands.send({ type: 'dtmf', digits });
    });
  }

  sendAudio(pcm: Pcm, options: SendAudioOptions = {}): Promise<void> {
    const send = (): Promise<void> => {
      checkSignal(options.signal);
      return this.#outgoing.send(samplesOf(pcm, this.sampleRateHz), options);
    };
    return this.#run('sendAudio', send, options);
  }

  clearSendAudioBuffer(): Promise<ClearResult> {
    this.#player.stop();
    return this.#run('clearSendAudioBuffer', () => this.#clear());
  }

  getSendAudioBufferSize(): number {
    return this.#outgoing.queuedBytes;
  }

  play(source: PlaySource, options: { readonly signal?: AbortSignal } = {}): Promise<PlayOutcome> {
    return this.#run('play', () => this.#player.play(source, options.signal), options);
  }

  waitForPlayout(options: { readonly timeoutMs?: number } = {}): Promise<PlayOutcome | 'timeout'> {
    return this.#run('waitForPlayout', () => waitForPlayout(this.#sound, options.timeoutMs), options);
  }

  audioStream(options: AudioOptions & { readonly signal?: AbortSignal } = {}): AsyncIterable<AudioChunk> {
    const track = trackOf(options);
    checkSignal(options.signal);
    return this.#incoming.stream(track, options.signal);
  }

  audio$(options: AudioOptions = {}): Observable<AudioChunk> {
    return this.#incoming.observe(trackOf(options));
  }

  on<Name extends CallEventName>(event: Name, handler: (event: CallEvents[Name]) => unknown): () => void {
    checkEvent(event);
    checkHandler(handler);
    return this.#life.on(event, handler);
  }

  setContext(json: unknown): Promise<void> {
    return this.#run('setContext', async () => {
      const context = jsonOf('context', json, limits.contextBytes);
      await this.#desk.send({ type: 'context', context }).result;
      this.#context = context;
    });
  }

  annotate(kind: string, data: unknown): Promise<void> {
    return this.#run('annotate', () => {
      checkKind(kind);
      const noted = this.#verb({ type: 'annotate', kind, data: jsonOf('data', data, limits.annotationBytes) });
      this.hold(noted);
      return noted;
    });
  }

  /** The program is at work with the call for as long, and may have something to add to its record after the end. */
  hold(work: PromiseLike<unknown>): void {
    this.#notes.hold(work);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toJSON(): object {
    return shownCall(this);
  }

  async #clear(): Promise<ClearResult> {
    const { position = 0, clearedSamples = 0 } = await this.#commands.clear();
    return { clearedSamples, playedSamples: this.#said(position) };
  }

  /** `close` and `disconnect` want the call to be over: it does not matter who ended it. */
  async #leave(verb: Verb & { readonly type: 'close' | 'disconnect' }): Promise<void> {
    if (this.#life.closed !== undefined) return;
    try {
      await this.#desk.send(verb).result;
      this.#life.end({ reason: verb.type === 'close' ? 'left' : 'disconnected', by: 'agent' });
    } catch (error) {
      if (this.#life.closed === undefined) throw error;
    }
  }

  #verb(verb: Verb): Promise<void> {
    return handled(this.#desk.send(verb).result.then(() => undefined));
  }

  /** A position as far as anything was said: no switch can have played more. */
  #said(position: number): number {
    return Math.min(position, this.#outgoing.end);
  }

  #requestTracks(tracks: readonly IncomingTrack[]): void {
    this.#desk.send({ type: 'tracks', tracks }).result.catch((error: unknown) => {
      if (this.#life.closed !== undefined) return;
      const errorCode = error instanceof WSSError ? error.code : 'INTERNAL';
      const errorMessage = `the incoming tracks stay as they are: ${tracks.join(', ')} were asked for`;
      this.#life.applyLocal({ type: 'call.error', errorCode, errorMessage });
    });
  }

  #gone(error: WSSMediaError): void {
    this.#life.end({ reason: error.code === 'TAKEN_OVER' ? 'taken_over' : 'media_lost', by: 'switch' }, error);
  }

  /** The call is over: everything that waits is told, and the connection goes, unless something may still be noted on it. */
  #settleAll(error: Error): void {
    const mayNote = this.#goodbye === 'NORMAL' && this.#line.leave();
    this.#desk.close(error, mayNote ? 'annotate' : undefined);
    this.#player.end();
    this.#playout.end();
    this.#outgoing.close(new BufferClosedError('the call has ended', { cause: error }));
    this.#incoming.end();
    if (mayNote) this.#notes.begin();
    else this.#notes.end();
  }
}
