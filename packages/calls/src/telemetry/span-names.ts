/** The span of a call, from its acceptance to the end of the agent's part. */
export const callSpan = 'agentao.call';

/** Verbs that have spans, and the names of these; `sendAudio` and what only listens have none. */
export const verbSpans = {
  answer: 'agentao.call.answer',
  connect: 'agentao.call.connect',
  whisper: 'agentao.call.whisper',
  barge: 'agentao.call.barge',
  spy: 'agentao.call.spy',
  disconnect: 'agentao.call.disconnect',
  close: 'agentao.call.close',
  forceDisconnect: 'agentao.call.force_disconnect',
  clear: 'agentao.call.clear',
  play: 'agentao.call.play',
  dtmf: 'agentao.call.dtmf',
  context: 'agentao.call.context',
  annotate: 'agentao.call.annotate',
} as const;

/** A verb that has spans. */
export type TracedVerb = keyof typeof verbSpans;

/** Attributes of spans and of their events. None of them holds a number, a digit, a text that was said or stored, or a secret. */
export const attribute = {
  callId: 'agentao.call.id',
  connectorUuid: 'agentao.connector.uuid',
  direction: 'agentao.call.direction',
  takenOver: 'agentao.call.taken_over',
  sampleRate: 'agentao.audio.sample_rate',
  state: 'agentao.call.state',
  mode: 'agentao.call.mode',
  endReason: 'agentao.call.end.reason',
  endedBy: 'agentao.call.end.by',
  outcome: 'agentao.verb.outcome',
  ringTime: 'agentao.connect.ring_time',
  afterPlayout: 'agentao.mode.after_playout',
  keepQueued: 'agentao.mode.keep_queued',
  cleared: 'agentao.audio.cleared_samples',
  dropped: 'agentao.audio.dropped_samples',
  replayed: 'agentao.audio.replayed_samples',
  outage: 'agentao.media.outage_ms',
  party: 'agentao.party',
  errorType: 'error.type',
} as const;
