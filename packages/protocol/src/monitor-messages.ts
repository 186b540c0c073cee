import type { AgentState, CallDirection, CallMode, EndedBy, EndReason } from './call-model.ts';
import type { Ping, Pong } from './heartbeat-messages.ts';

/** Who is heard by whom right now, as speaker -> hearers. */
export interface MonitorHearing {
  readonly caller: readonly ('callee' | 'agent')[];
  readonly callee: readonly ('caller' | 'agent')[];
  readonly agent: readonly ('caller' | 'callee')[];
}

/** One live call as the console shows it. An operator gets numbers in full, a viewer masked (O-05). */
export interface MonitorCall {
  readonly callId: string;
  readonly connectorUuid: string;
  readonly callerNumber: string;
  readonly calleeNumber: string;
  readonly direction: CallDirection;
  readonly state: AgentState;
  readonly ringing: boolean;
  readonly mode: CallMode | null;
  /** Unix milliseconds. */
  readonly startedAtMs: number;
  readonly hearing: MonitorHearing;
}

/** Switch -> monitor, first message: live calls, at most 64; further ones follow at once as `call`. */
export interface MonitorSnapshot {
  readonly type: 'snapshot';
  readonly calls: readonly MonitorCall[];
}
/** Switch -> monitor: a call is new or has changed. */
export interface MonitorCallChanged {
  readonly type: 'call';
  readonly call: MonitorCall;
}
/** Switch -> monitor: a call is over. */
export interface MonitorCallEnded {
  readonly type: 'ended';
  readonly callId: string;
  readonly reason: EndReason;
  readonly by: EndedBy;
}
/** What happened, and whatever belongs to it. Kinds and fields may grow. */
export interface TimelineEntry {
  readonly kind: string;
  readonly [field: string]: unknown;
}
/** Switch -> monitor: one entry of a watched call's timeline; `atMs` since the call reached the switch. */
export interface MonitorTimeline {
  readonly type: 'timeline';
  readonly callId: string;
  readonly atMs: number;
  readonly entry: TimelineEntry;
}
/** Switch -> monitor: levels of a watched call in dBFS, five times a second; -120 is silence. */
export interface MonitorLevels {
  readonly type: 'levels';
  readonly callId: string;
  readonly callerDb: number;
  readonly calleeDb: number;
  readonly agentDb: number;
}
/** Monitor -> switch: wants the timeline and levels of these calls from now on (replaces the last wish). */
export interface MonitorWatch {
  readonly type: 'watch';
  readonly callIds: readonly string[];
}

/** Everything a monitor may send on `agentao.monitor.v1`. */
export type MonitorClientMessage = MonitorWatch | Ping | Pong;
/** Everything a switch may send on `agentao.monitor.v1`. */
export type MonitorSwitchMessage =
  | MonitorSnapshot
  | MonitorCallChanged
  | MonitorCallEnded
  | MonitorTimeline
  | MonitorLevels
  | Ping
  | Pong;
