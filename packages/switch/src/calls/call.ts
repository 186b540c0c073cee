import type {
  AgentState,
  CallDirection,
  CallMode,
  EndedBy,
  EndReason,
  FrameHeader,
  MediaCommand,
  MonitorHearing,
  TakeoverState,
} from '@agentao/protocol';
import type { CallLevels } from '../media/level-tap.ts';
import type { AgentAbsence, AgentAttachment, AgentLink, AgentResumption, AgentReturn } from './agent-link.ts';
import type { Annotation } from './call-notes.ts';

/** How a call ended, for records, logs and whoever waits for it. */
export interface CallEnding {
  readonly reason: EndReason;
  readonly by: EndedBy;
}

/**
 * One call in the switch: two legs, at most one agent, a matrix and a clock. Made by the switch when a provider reports it.
 * All methods are synchronous; what takes time is reported through the {@link AgentLink}, the legs and the timeline.
 */
export interface Call {
  readonly callId: string;
  readonly connectorUuid: string;
  readonly callerNumber: string;
  readonly calleeNumber: string;
  readonly direction: CallDirection;
  /** Wall time of its arrival, Unix ms. */
  readonly startedAtMs: number;
  /** Milliseconds since its arrival. */
  readonly atMs: number;
  /** What the agent sees, or the one that is sought; DISCONNECTED once it left or is gone. */
  readonly state: AgentState;
  readonly mode: CallMode | null;
  /** Whether the callee is being rung. */
  readonly ringing: boolean;
  /** Who hears whom, from the next tick on; another object once it is another. */
  readonly hearing: MonitorHearing;
  /** Whether the call itself is over. */
  readonly ended: boolean;
  /** What a client that takes the call now takes over in mid-call; `undefined` unless one is sought for that. */
  readonly takeover: TakeoverState | undefined;
  /** What an agent stored last for whoever takes over; `null` if nothing. */
  readonly context: unknown;
  /** What agents added to the record. */
  readonly annotations: readonly Annotation[];
  /** Gives the call to an agent that takes it, or takes it over. Returns `undefined` if it has one, wants none, or has ended. */
  attach(link: AgentLink): AgentAttachment | undefined;
  /** Runs one command of the attached agent; answers through `link.response`, a repeated id with the first answer. */
  command(command: MediaCommand): void;
  /** Outgoing audio of the attached agent. Throws `ProtocolError` (`BAD_AUDIO`, `CREDIT_EXCEEDED`), which the owner of the socket turns into a close. */
  audio(header: FrameHeader, samples: Int16Array): void;
  /** Asks for a playout report when `position` has been heard. Throws `ProtocolError` beyond the bound of waiting marks. */
  mark(position: number): void;
  /** The agent tore the call down (close code FORCE_DISCONNECT): the same as `disconnect`. */
  forceDisconnect(): void;
  /**
   * The agent's connection is lost. The call stays as it is and waits for the agent; told again while it is away, it waits less long, never longer.
   * Does nothing unless `link` is the agent's newest connection.
   */
  agentAway(link: AgentLink, absence: AgentAbsence): void;
  /**
   * The agent is back on `link`, whether its last connection is known to be lost or not. `answer` is told how things stand before anything else
   * goes out on `link`. False, and nothing happens, if that agent has no part in the call any more.
   */
  resume(link: AgentLink, back: AgentReturn, answer: (resumption: AgentResumption) => void): boolean;
  /** The agent is gone for good: DESIGN's table of what the call does without it. */
  agentLost(): void;
  /** No client takes the call, or takes it over: the callee is rung without an agent, and those who talk already talk on. */
  nobodyReady(): void;
  /** Tells `listener` five times a second how loud each party speaks; the result ends that. It is told in the tick and must not throw. */
  onLevels(listener: (levels: CallLevels) => void): () => void;
  /** Ends the call for all. Idempotent. */
  end(ending: CallEnding): void;
  /** Tells people with open lines that the call ends, by the prompt for a switch that stops, and ends it behind that; at once where nobody has one. */
  endSaying(ending: CallEnding): void;
}

/** One line of a call's timeline. Never holds audio, keys or digits; numbers only where `kind` is `arrived`, what was said only where it is `note`. */
export interface TimelineEntry {
  readonly callId: string;
  readonly atMs: number;
  /** `arrived`, `offered`, `attached`, `command`, `event`, `state`, `cleared`, `first_audio`, `note`, `agent_away`, `agent_resumed`, `agent_lost`, `seeking`, `prompt`, `fault`, `ended`. */
  readonly kind: string;
  readonly [field: string]: unknown;
}
