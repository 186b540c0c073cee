import type { EndedBy, EndReason, MonitorCall, TimelineEntry } from '@agentao/protocol';

/** One line of a call's timeline; `atMs` since the call reached the switch. */
export interface TimelineLine {
  readonly atMs: number;
  readonly entry: TimelineEntry;
}

/** A call as the page shows it; live until `ending` is there, whose `atMs` counts since the call reached the switch. */
export interface WatchedCall extends MonitorCall {
  readonly ending?: { readonly reason: EndReason; readonly by: EndedBy; readonly atMs: number };
}

/** What is shown of the switch's calls; a new object for each change. */
export interface MonitorState {
  readonly connection: 'connecting' | 'live' | 'lost';
  /** Live calls, oldest first, then at most 20 ended ones, newest first. */
  readonly calls: readonly WatchedCall[];
  /** The call whose timeline and levels are watched. */
  readonly selectedId: string | undefined;
  /** Of the selected call, oldest first. */
  readonly timeline: readonly TimelineLine[];
}

/** What the parties of the selected call say, in dBFS, -120 for silence. */
export interface CallLevels {
  readonly callerDb: number;
  readonly calleeDb: number;
  readonly agentDb: number;
}

/** The live view of calls over `agentao.monitor.v1`; connects again by itself. */
export interface Monitor {
  readonly state: MonitorState;
  /** Called after each change of `state`. Returns what unsubscribes. */
  subscribe(listener: () => void): () => void;
  /** For meters, to be read as often as they are drawn. */
  readonly levels: CallLevels;
  select(callId: string | undefined): void;
  close(): void;
}
