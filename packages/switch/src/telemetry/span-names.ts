import type { AgentVerb } from '../calls/agent-table.ts';

/** Spans of a call in the switch. */
export const spanName = {
  /** From its arrival to its end. */
  call: 'agentao.switch.call',
  /** The call was offered to a client. */
  offer: 'agentao.switch.offer',
  /** The callee's phone rang. */
  ringing: 'agentao.switch.ringing',
  /** A client had the call. */
  agent: 'agentao.switch.agent',
} as const;

/** Commands of the agent that have spans, and the names of these. */
export const commandSpans: { readonly [Verb in AgentVerb]: string } = {
  answer: 'agentao.switch.answer',
  connect: 'agentao.switch.connect',
  'connect.cancel': 'agentao.switch.connect_cancel',
  mode: 'agentao.switch.mode',
  clear: 'agentao.switch.clear',
  dtmf: 'agentao.switch.dtmf',
  disconnect: 'agentao.switch.disconnect',
  close: 'agentao.switch.close',
  tracks: 'agentao.switch.tracks',
  context: 'agentao.switch.context',
  annotate: 'agentao.switch.annotate',
};

/** Attributes of spans and of their events. None of them holds a number, a digit, a text that was said or stored, or a secret. */
export const attribute = {
  callId: 'agentao.call.id',
  connectorUuid: 'agentao.connector.uuid',
  clientId: 'agentao.client.id',
  stage: 'agentao.call.stage',
  mode: 'agentao.call.mode',
  endReason: 'agentao.call.end.reason',
  endedBy: 'agentao.call.end.by',
  offerOutcome: 'agentao.offer.outcome',
  ringingOutcome: 'agentao.ringing.outcome',
  commandOutcome: 'agentao.command.outcome',
  wait: 'agentao.media.wait_ms',
  outage: 'agentao.media.outage_ms',
  replayed: 'agentao.audio.replayed_samples',
  dropped: 'agentao.audio.dropped_samples',
  party: 'agentao.party',
  errorType: 'error.type',
} as const;
