import type {
  AgentState,
  CallEventMessage,
  CallMode,
  EndReason,
  IncomingTrack,
  MediaCommand,
  MediaRateHz,
  MediaResponse,
} from '@agentao/protocol';

/** What is said of one tick of audio on its way to the agent. */
export interface HeardFrame {
  /** Position of its first sample. */
  readonly position: number;
  /** Samples are missing in front of it. */
  readonly gapBefore: boolean;
  /** It is from an outage. */
  readonly replayed: boolean;
}

/** One connection of an agent, as the core sees it. Implemented by the media server; none of these may throw or wait. */
export interface AgentLink {
  /** Identity of the client process, for logs and for not asking the same one again. */
  readonly clientId: string;
  readonly sampleRateHz: MediaRateHz;
  readonly tracks: readonly IncomingTrack[];
  /** Measured round trip of the media connection; part of the credit window. */
  readonly roundTripMs: number;
  /**
   * One tick of one incoming track at the link's rate. Array and `frame` are reused after the call returns. False: it was not sent, because
   * the peer leaves too much unread.
   */
  audio(track: IncomingTrack, samples: Int16Array, frame: HeardFrame): boolean;
  /** The event numbered `seq`. */
  event(event: CallEventMessage, seq: number): void;
  response(response: MediaResponse): void;
  credit(generation: number, upTo: number): void;
  playout(generation: number, played: number): void;
  /** The agent's part is over; `call.terminated` was the last event. The link closes its connection, if that is still there. */
  ended(farewell: AgentFarewell): void;
}

/** An event with its number. */
export interface NumberedEvent {
  readonly seq: number;
  readonly event: CallEventMessage;
}

/** What is left of an agent whose part is over: enough to tell it so, should it have been away, and to take what it adds to the record. */
export interface AgentFarewell {
  readonly reason: EndReason;
  readonly atMs: number;
  readonly generation: number;
  readonly received: number;
  readonly played: number;
  readonly windowSamples: number;
  /** The newest events, the terminal one last. */
  readonly events: readonly NumberedEvent[];
  /**
   * The answer to a command that comes after the end: an `annotate` adds to the record, anything new besides is too late. A repeat gets
   * the answer that it had.
   */
  answer(command: MediaCommand): MediaResponse;
}

/** What an agent is told when it takes the call. */
export interface AgentAttachment {
  /** Which of the call's agents it is: 1, 2, 3 ... */
  readonly epoch: number;
  readonly state: AgentState;
  readonly mode: CallMode | null;
  readonly atMs: number;
  readonly generation: number;
  readonly upTo: number;
  readonly windowSamples: number;
}

/** An absence of an agent: since when its connection is of no use, and how much longer it is waited for. */
export interface AgentAbsence {
  readonly sinceMs: number;
  readonly forMs: number;
}

/** What an agent says when it is back. */
export interface AgentReturn {
  /** That of its {@link AgentAttachment}. */
  readonly epoch: number;
  /** Monotonic time since which its last connection was of no use, where the call was not told of an absence. */
  readonly sinceMs: number;
  /** For each track: position after the last sample it has. */
  readonly received: Readonly<Partial<Record<IncomingTrack, number>>>;
  readonly lastEventSeq: number;
  readonly generation: number;
}

/** What an agent that is back is told first. */
export interface AgentResumption extends Omit<AgentAttachment, 'epoch'> {
  readonly received: number;
  readonly played: number;
  readonly replayFrom: Readonly<Partial<Record<IncomingTrack, number>>>;
}
