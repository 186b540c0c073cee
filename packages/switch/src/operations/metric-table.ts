/** One metric: what it is called in OpenTelemetry, what it counts, and the labels it has. */
export interface MetricDescription {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** In UCUM, as OpenTelemetry has it: `s`, `By`, or a thing in braces. */
  readonly unit: string;
  readonly description: string;
  /** Names of its labels; each has a closed set of values, or the uuids of the connectors that are configured. */
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets, in its unit. */
  readonly buckets?: readonly number[];
}

/** The rows of the table of metrics. */
export type SwitchMetric =
  | 'calls'
  | 'callsActive'
  | 'callsRefused'
  | 'callDuration'
  | 'callAccept'
  | 'callRing'
  | 'offers'
  | 'agentsConnected'
  | 'agentsReady'
  | 'agentResumes'
  | 'agentTakeovers'
  | 'agentLosses'
  | 'audioDropped'
  | 'connectionsOpen'
  | 'connectionsRefused'
  | 'ticks'
  | 'ticksLate'
  | 'ticksSkipped'
  | 'tickLateness'
  | 'shedding'
  | 'recordings'
  | 'recordingsActive'
  | 'recordingsWritten'
  | 'recordingsDropped'
  | 'recordsChanges'
  | 'recordsWaiting'
  | 'recordsFailures'
  | 'recordsDeleted';

const waits = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120];
const lengths = [5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400];
const lateness = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

/** Every metric of the switch. Documented for operators in `docs/metrics.md`. */
export const switchMetrics: Readonly<Record<SwitchMetric, MetricDescription>> = {
  calls: {
    name: 'agentao.calls',
    kind: 'counter',
    unit: '{call}',
    description: 'Calls that have ended.',
    labels: ['connector', 'reason', 'by'],
  },
  callsActive: {
    name: 'agentao.calls.active',
    kind: 'gauge',
    unit: '{call}',
    description: 'Calls that are live now.',
    labels: ['connector'],
  },
  callsRefused: {
    name: 'agentao.calls.refused',
    kind: 'counter',
    unit: '{call}',
    description: 'Calls that were refused on arrival.',
    labels: ['connector', 'reason'],
  },
  callDuration: {
    name: 'agentao.call.duration',
    kind: 'histogram',
    unit: 's',
    description: 'From the arrival of a call to its end.',
    labels: ['connector'],
    buckets: lengths,
  },
  callAccept: {
    name: 'agentao.call.accept.duration',
    kind: 'histogram',
    unit: 's',
    description: 'From the arrival of a call to its first agent.',
    labels: ['connector'],
    buckets: waits,
  },
  callRing: {
    name: 'agentao.call.ring.duration',
    kind: 'histogram',
    unit: 's',
    description: 'How long the person called was rung.',
    labels: ['connector', 'outcome'],
    buckets: waits,
  },
  offers: {
    name: 'agentao.offers',
    kind: 'counter',
    unit: '{offer}',
    description: 'Offers that are settled.',
    labels: ['connector', 'outcome'],
  },
  agentsConnected: {
    name: 'agentao.agents.connected',
    kind: 'gauge',
    unit: '{client}',
    description: 'Clients with a control connection.',
    labels: ['connector'],
  },
  agentsReady: {
    name: 'agentao.agents.ready',
    kind: 'gauge',
    unit: '{client}',
    description: 'Clients that say they take calls.',
    labels: ['connector'],
  },
  agentResumes: {
    name: 'agentao.agent.resumes',
    kind: 'counter',
    unit: '{resume}',
    description: 'Times an agent came back to its call on a new media connection.',
    labels: ['connector'],
  },
  agentTakeovers: {
    name: 'agentao.agent.takeovers',
    kind: 'counter',
    unit: '{takeover}',
    description: 'Times a call got another agent after it had lost one.',
    labels: ['connector'],
  },
  agentLosses: {
    name: 'agentao.agent.losses',
    kind: 'counter',
    unit: '{agent}',
    description: 'Agents that were lost for good during a call.',
    labels: ['connector'],
  },
  audioDropped: {
    name: 'agentao.audio.dropped',
    kind: 'counter',
    unit: '{sample}',
    description: 'Samples that an agent did not read in time, at the rate of its connection.',
    labels: ['connector', 'track'],
  },
  connectionsOpen: {
    name: 'agentao.connections.open',
    kind: 'gauge',
    unit: '{connection}',
    description: 'WebSockets that are open now.',
    labels: ['path'],
  },
  connectionsRefused: {
    name: 'agentao.connections.refused',
    kind: 'counter',
    unit: '{connection}',
    description: 'WebSockets that were refused.',
    labels: ['path', 'code'],
  },
  ticks: {
    name: 'agentao.ticks',
    kind: 'counter',
    unit: '{tick}',
    description: 'Ticks of 20 ms that calls got.',
    labels: [],
  },
  ticksLate: {
    name: 'agentao.ticks.late',
    kind: 'counter',
    unit: '{tick}',
    description: 'Of these, the ones that came more than 20 ms late.',
    labels: [],
  },
  ticksSkipped: {
    name: 'agentao.ticks.skipped',
    kind: 'counter',
    unit: '{tick}',
    description: 'Ticks that were left out after a stall.',
    labels: [],
  },
  tickLateness: {
    name: 'agentao.tick.lateness',
    kind: 'histogram',
    unit: 's',
    description: 'Of each half second with calls, how late its latest tick came.',
    labels: [],
    buckets: lateness,
  },
  shedding: {
    name: 'agentao.shedding',
    kind: 'gauge',
    unit: '1',
    description: '1 while new calls are refused because ticks are missed, 0 otherwise.',
    labels: [],
  },
  recordings: {
    name: 'agentao.recordings',
    kind: 'counter',
    unit: '{recording}',
    description: 'Recordings that are over: complete, or stopped before their call.',
    labels: ['outcome'],
  },
  recordingsActive: {
    name: 'agentao.recordings.active',
    kind: 'gauge',
    unit: '{recording}',
    description: 'Recordings that are being written now.',
    labels: [],
  },
  recordingsWritten: {
    name: 'agentao.recordings.written',
    kind: 'counter',
    unit: 'By',
    description: 'Size of the recordings that are over.',
    labels: [],
  },
  recordingsDropped: {
    name: 'agentao.recordings.dropped',
    kind: 'counter',
    unit: '{tick}',
    description: 'Ticks of 20 ms that were not recorded because the disk was behind.',
    labels: [],
  },
  recordsChanges: {
    name: 'agentao.records.changes',
    kind: 'counter',
    unit: '{change}',
    description:
      'Changes of call records: on the medium, dropped because the database was behind, or refused by its schema.',
    labels: ['outcome'],
  },
  recordsWaiting: {
    name: 'agentao.records.waiting',
    kind: 'gauge',
    unit: '{change}',
    description: 'Changes of call records on their way to the database.',
    labels: [],
  },
  recordsFailures: {
    name: 'agentao.records.failures',
    kind: 'counter',
    unit: '{attempt}',
    description: 'Attempts to write call records that failed; what they were to write is tried again.',
    labels: [],
  },
  recordsDeleted: {
    name: 'agentao.records.deleted',
    kind: 'counter',
    unit: '{call}',
    description: 'Calls that retention has deleted.',
    labels: [],
  },
};
