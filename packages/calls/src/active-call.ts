import type {
  AgentState,
  CallDirection,
  CallMode,
  EndedBy,
  EndReason,
  IncomingTrack,
  MediaRateHz,
} from '@agentao/protocol';
import type { Clock } from '@agentao/clock';
import type { Observable } from 'rxjs';
import type { AnyCallEvent, CallEventName, CallEvents } from './events.ts';

/** A piece of incoming audio. `samples` are 16-bit mono PCM and belong to the reader that got them. */
export interface AudioChunk {
  readonly samples: Int16Array;
  /** Position of the first sample, counted from the call's arrival at the switch; a jump is a gap. */
  readonly positionSamples: number;
  readonly party: IncomingTrack;
  readonly sampleRateHz: MediaRateHz;
}

/** Audio that can be sent: 16-bit little-endian mono PCM at the call's rate, whole samples. */
export type Pcm = Uint8Array | Int16Array | AudioChunk;

/** What `play` takes: a WAV file of any rate and layout, PCM at the call's rate, or PCM piece by piece. */
export type PlaySource = Pcm | AsyncIterable<Pcm>;

/** How a playback came out: heard to the end, cut off by a clear, or by the end of the call. */
export type PlayOutcome = 'played' | 'cleared' | 'ended';

/** Why and by whom the agent's part in the call ended. */
export interface CallEnd {
  readonly reason: EndReason;
  readonly by: EndedBy;
}

/** What a clear took away, in samples. */
export interface ClearResult {
  /** Handed in, and nobody will hear them. */
  readonly clearedSamples: number;
  /** Position after the last sample that was heard. */
  readonly playedSamples: number;
}

/** How the callee is rung. */
export interface ConnectOptions {
  /** 1 to 120, default 60. */
  readonly ringTimeSeconds?: number;
  /** Who hears the agent from the first tick of the conference on. Default `barge`. */
  readonly mode?: CallMode;
  /** Stops the ringing; the verb then rejects with `CONNECT_CANCELLED`. */
  readonly signal?: AbortSignal;
}

/** What becomes of audio that is queued when the mode changes. By default it is discarded where somebody new would hear it. */
export interface ModeOptions {
  /**
   * Change only when the audio queued so far has been heard; resolves then. A newer mode verb supersedes it: `INVALID_STATE`. Its deadline counts
   * from when all of it is queued: a source that yields nothing holds it up until a clear.
   */
  readonly afterPlayout?: boolean;
  /** Let the new listener hear what is queued. Adds nothing to `afterPlayout`. */
  readonly keepQueued?: boolean;
}

/** How the agent leaves. */
export interface CloseOptions {
  /**
   * The call is to go on without this agent: in ANSWERED another client that accepts takeovers gets it, with its context; where none does, the
   * callee is rung. Elsewhere as without it. Default false.
   */
  readonly handOver?: boolean;
}

/** How audio is queued. */
export interface SendAudioOptions {
  /** Wait for room instead of failing; first come, first served. At most one more buffer may wait. */
  readonly wait?: boolean;
  /** Gives up waiting; rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Which audio is wanted: the mix without the agent (default), or one party alone. */
export interface AudioOptions {
  readonly party?: IncomingTrack;
}

/**
 * One call, from the agent's side. Every verb but `annotate` rejects with `WSSCallClosedError` once the call has ended (`close`, `disconnect`,
 * `forceDisconnect` resolve), with `WSSCallCommandError` when the switch refuses it, and with `WSSCallCommandTimeoutError`
 * when it is not answered in time. A rejection nobody awaits ends nothing;
 * the log has it at debug.
 *
 * A media connection that is lost is opened again for up to ten seconds, and all goes on: verbs wait, their deadlines running; audio queues. If it
 * does not come back the call ends with `media_lost`, or `taken_over`, and so do `close` and `disconnect` resolve by then.
 */
export interface ActiveCall {
  readonly callId: string;
  /** Empty when withheld. */
  readonly callerNumber: string;
  readonly calleeNumber: string;
  readonly direction: CallDirection;
  /** Rate of all audio of this call, both ways. */
  readonly sampleRateHz: MediaRateHz;
  /** The client's clock; a program that measures and waits by it runs in virtual time in tests. */
  readonly clock: Clock;

  readonly state: AgentState;
  /** Who hears the agent; `null` before CONNECTED. */
  readonly mode: CallMode | null;
  /** The state, beginning with the current one; completes after DISCONNECTED. */
  readonly state$: Observable<AgentState>;
  /** What happens; replays the terminal event, completes after it, never errors. */
  readonly events$: Observable<AnyCallEvent>;
  /** Resolves when the agent's part is over; never rejects. */
  readonly ended: Promise<CallEnd>;
  /** Aborts when the agent's part is over. */
  readonly signal: AbortSignal;

  /** PENDING -> ANSWERED. */
  answer(): Promise<void>;
  /** Rings the callee; resolves when all three are in conference. Not reached: `CALL_UNANSWERED`, `CALL_REJECTED`, and the call goes on. */
  connect(options?: ConnectOptions): Promise<void>;
  /** The callee alone hears the agent. */
  whisper(options?: ModeOptions): Promise<void>;
  /** Both hear the agent. */
  barge(options?: ModeOptions): Promise<void>;
  /** Nobody hears the agent. */
  spy(options?: ModeOptions): Promise<void>;
  /** Ends the call for all. Idempotent. */
  disconnect(): Promise<void>;
  /** The agent leaves: PENDING declines, ANSWERED ends the call, CONNECTED leaves caller and callee talking. Idempotent. */
  close(options?: CloseOptions): Promise<void>;
  /** Tears the call down from this side and waits for nobody; the switch is told as soon as it can be. Idempotent. */
  forceDisconnect(): Promise<void>;
  /** Sends keys (0-9 * # A-D, at most 32) to those who hear the agent. */
  sendDtmf(digits: string): Promise<void>;

  /** Copies and queues all or nothing. Full: `BufferFullError`; ended: `BufferClosedError`; half a sample: `INVALID_ARGUMENT`. */
  sendAudio(pcm: Pcm, options?: SendAudioOptions): Promise<void>;
  /** Drops all audio not yet heard, here and in the switch; sound stops at once. What is sent next is heard. */
  clearSendAudioBuffer(): Promise<ClearResult>;
  /** Bytes queued on this side. */
  getSendAudioBufferSize(): number;
  /** Samples handed in since the start of the call; never falls. */
  readonly queuedSamples: number;
  /** Samples heard, or jumped over by a clear, since the start of the call as last reported; never falls. */
  readonly playedSamples: number;
  /**
   * Plays to the end, waiting for room. One playback at a time: the next begins when this one is queued whole. Aborting
   * discards what is queued and resolves `cleared`. Copies PCM and WAV; a piece of an iterable may change once the next is asked for. Rejects only
   * for a source that is not audio or that throws, and beyond 256 that are not queued whole (`RATE_LIMITED`).
   */
  play(source: PlaySource, options?: { readonly signal?: AbortSignal }): Promise<PlayOutcome>;
  /** Until what is queued now has been heard. */
  waitForPlayout(options?: { readonly timeoutMs?: number }): Promise<PlayOutcome | 'timeout'>;

  /**
   * Incoming audio from the moment it is iterated until the call ends. Each iteration is a reader of its own; one that
   * lags ten seconds behind loses the oldest (`call.audio_overflow`). `signal` ends it.
   */
  audioStream(options?: AudioOptions & { readonly signal?: AbortSignal }): AsyncIterable<AudioChunk>;
  /** Incoming audio as it comes; each subscriber gets chunks of its own. Completes with the call. */
  audio$(options?: AudioOptions): Observable<AudioChunk>;

  /** Runs `handler` on each such event; one that throws or rejects is logged. Returns an unsubscribe function. */
  on<Name extends CallEventName>(event: Name, handler: (event: CallEvents[Name]) => unknown): () => void;

  /** Whether the call came from another client in mid-call. */
  readonly takenOver: boolean;
  /** What was last stored with `setContext`, by this owner or the last one; `null` if nothing. */
  readonly context: unknown;
  /** Stores JSON of at most 64 KB, nested at most 31 levels deep, for a client that takes over. */
  setContext(json: unknown): Promise<void>;
  /**
   * Adds JSON of at most 16 KB, nested as deep, to the call's record. After the end too, for five seconds, while the handler of the call, or an asynchronous one of its
   * events, is still at work; then `WSSCallClosedError`.
   */
  annotate(kind: string, data: unknown): Promise<void>;
  /** `close()`. */
  [Symbol.asyncDispose](): Promise<void>;
}
