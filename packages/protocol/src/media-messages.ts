import type { AgentState, CallMode, IncomingTrack, MediaRateHz } from './call-model.ts';
import type { CallEventMessage } from './call-events.ts';
import type { ErrorCode } from './error-codes.ts';
import type { Ping, Pong } from './heartbeat-messages.ts';
import type { MediaCommand } from './media-commands.ts';

/** Client -> switch, first message on a fresh media connection: accepts the call. */
export interface MediaAttach {
  readonly type: 'attach';
  /** Rate of all PCM on this connection, both ways, and the unit of all positions. */
  readonly sampleRateHz: MediaRateHz;
  /** Incoming tracks wanted; left out = `['mix']`. */
  readonly tracks?: readonly IncomingTrack[];
  /** The client may have something to add to the record after the end, and closes the connection itself; left out = false. */
  readonly annotateAfterEnd?: boolean;
}

/** Client -> switch, first message on a connection that takes the place of a lost one. */
export interface MediaResume {
  readonly type: 'resume';
  /** Per incoming track: position after the last sample received. */
  readonly received: Readonly<Partial<Record<IncomingTrack, number>>>;
  /** Sequence number of the last event received, 0 for none. */
  readonly lastEventSeq: number;
  /** The client's current generation. */
  readonly generation: number;
}

/** Switch -> client, answer to `attach`: the call is this client's. */
export interface MediaAttached {
  readonly type: 'attached';
  readonly state: AgentState;
  readonly mode: CallMode | null;
  /** Milliseconds since the call reached the switch; the clock of every `atMs`. */
  readonly atMs: number;
  readonly generation: number;
  /** Outgoing audio may be sent up to this position (exclusive). */
  readonly upTo: number;
  /** Credit a new generation starts with: after a `clear` audio may be sent up to its position + this. */
  readonly windowSamples: number;
  /** Opens the connection that takes the place of this one, should it be lost. */
  readonly resumeToken: string;
  readonly resumeWithinMs: number;
}

/** Switch -> client, answer to `resume`: the call goes on, or has ended (`DISCONNECTED`). */
export interface MediaResumed {
  readonly type: 'resumed';
  readonly state: AgentState;
  readonly mode: CallMode | null;
  readonly atMs: number;
  readonly generation: number;
  /** Position after the last outgoing sample the switch has; sending goes on from here. */
  readonly received: number;
  readonly played: number;
  readonly upTo: number;
  readonly windowSamples: number;
  /** Per incoming track of which something is replayed: position at which that starts. */
  readonly replayFrom: Readonly<Partial<Record<IncomingTrack, number>>>;
  readonly resumeToken: string;
  readonly resumeWithinMs: number;
}

/** Switch -> client: exactly one per command, after the events it caused. */
export type MediaResponse =
  | { readonly type: 'response'; readonly id: number; readonly ok: true; readonly result: CommandResult }
  | {
      readonly type: 'response';
      readonly id: number;
      readonly ok: false;
      readonly error: { readonly code: ErrorCode | (string & {}); readonly message: string };
    };

/** What a successful command tells; each field only where the command's page in PROTOCOL.md says so. */
export interface CommandResult {
  /** `mode`: the outgoing position at which it was applied; `clear` and `mode` with `discard`: position after the last sample heard. */
  readonly position?: number;
  /** `clear` and `mode` with `discard`: samples accepted by the client that nobody will hear. */
  readonly clearedSamples?: number;
}

/** Switch -> client: outgoing audio of `generation` may be sent up to `upTo` (exclusive, absolute). Never falls within a generation. */
export interface MediaCredit {
  readonly type: 'credit';
  readonly generation: number;
  readonly upTo: number;
}

/** Switch -> client: outgoing audio mixed for the legs so far. Every 200 ms of playing, at a mark, at a clear, and when the queue runs dry. */
export interface MediaPlayout {
  readonly type: 'playout';
  readonly generation: number;
  /** Position after the last sample heard. */
  readonly played: number;
  /** `false` while nobody hears the agent (spy): the audio runs at its pace and is heard by none. */
  readonly audible: boolean;
  readonly atMs: number;
}

/** Client -> switch: asks for a `playout` on the very tick in which `position` has been heard (or jumped over by a clear). */
export interface MediaMark {
  readonly type: 'mark';
  readonly position: number;
}

/** Switch -> client: one event of the call. */
export interface MediaEvent {
  readonly type: 'event';
  /** 1, 2, 3 ... per call, for resume. */
  readonly seq: number;
  readonly event: CallEventMessage;
}

/** Everything a client may send as text on `agentao.media.v1`. */
export type MediaClientMessage = MediaAttach | MediaResume | MediaCommand | MediaMark | Ping | Pong;
/** Everything a switch may send as text on `agentao.media.v1`. */
export type MediaSwitchMessage =
  | MediaAttached
  | MediaResumed
  | MediaResponse
  | MediaCredit
  | MediaPlayout
  | MediaEvent
  | Ping
  | Pong;
