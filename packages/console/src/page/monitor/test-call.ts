import type { MonitorCall } from '@agentao/protocol';

/** A call in which the agent and the caller talk. */
export function testCall(callId: string): MonitorCall {
  return {
    callId,
    connectorUuid: 'connector-1',
    callerNumber: '+15550001',
    calleeNumber: '+15559999',
    direction: 'MT',
    state: 'ANSWERED',
    ringing: false,
    mode: null,
    startedAtMs: 1_000_000,
    hearing: { caller: ['agent'], callee: [], agent: ['caller'] },
  };
}
