import type {
  AgentState,
  CallEventMessage,
  CallMode,
  IncomingTrack,
  MediaRateHz,
  MediaResponse,
} from '@agentao/protocol';

/** The agent's end of a call, as the core sees it. Implemented by the media server; none of these may throw or wait. */
export interface AgentLink {
  /** Identity of the client process, for logs and for not asking the same one again. */
  readonly clientId: string;
  readonly sampleRateHz: MediaRateHz;
  readonly tracks: readonly IncomingTrack[];
  /** Measured round trip of the media connection; part of the credit window. */
  readonly roundTripMs: number;
  /** One tick of one incoming track at the link's rate; `position` is that of its first sample. Array and `frame` are reused after the call returns. */
  audio(
    track: IncomingTrack,
    samples: Int16Array,
    frame: { readonly position: number; readonly gapBefore: boolean },
  ): void;
  event(event: CallEventMessage): void;
  response(response: MediaResponse): void;
  credit(generation: number, upTo: number): void;
  playout(generation: number, played: number): void;
  /** The agent's part is over; `call.terminated` was the last event. The link closes its connection. */
  ended(): void;
}

/** What an agent is told when it takes the call. */
export interface AgentAttachment {
  readonly state: AgentState;
  readonly mode: CallMode | null;
  readonly atMs: number;
  readonly generation: number;
  readonly upTo: number;
  readonly windowSamples: number;
}
