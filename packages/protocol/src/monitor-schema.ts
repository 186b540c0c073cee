import * as z from 'zod/mini';
import { ping, pong } from './heartbeat-schema.ts';
import { limits } from './limits.ts';
import { exactly, message, type SchemaTable } from './message-schema.ts';
import type {
  MonitorCall,
  MonitorCallChanged,
  MonitorCallEnded,
  MonitorClientMessage,
  MonitorLevels,
  MonitorSnapshot,
  MonitorSwitchMessage,
  MonitorTimeline,
  MonitorWatch,
} from './monitor-messages.ts';
import {
  agentState,
  callDirection,
  callMode,
  dbfs,
  endedBy,
  endReason,
  id,
  phoneNumber,
  timeMs,
  withheldNumber,
} from './wire-values.ts';

const hearing = z.object({
  caller: z.array(z.enum(['callee', 'agent'])).check(z.maxLength(2)),
  callee: z.array(z.enum(['caller', 'agent'])).check(z.maxLength(2)),
  agent: z.array(z.enum(['caller', 'callee'])).check(z.maxLength(2)),
});

const call = exactly<MonitorCall>()(
  z.object({
    callId: id,
    connectorUuid: id,
    callerNumber: withheldNumber,
    calleeNumber: phoneNumber,
    direction: callDirection,
    state: agentState,
    ringing: z.boolean(),
    mode: z.nullable(callMode),
    startedAtMs: timeMs,
    hearing,
  }),
);

const watch = exactly<MonitorWatch>()(
  message('watch', { callIds: z.array(id).check(z.maxLength(limits.watchedCalls)) }),
);

const snapshot = exactly<MonitorSnapshot>()(
  message('snapshot', { calls: z.array(call).check(z.maxLength(limits.snapshotCalls)) }),
);

const timeline = exactly<MonitorTimeline>()(
  message('timeline', { callId: id, atMs: timeMs, entry: z.looseObject({ kind: id }) }),
);

const levels = exactly<MonitorLevels>()(
  message('levels', { callId: id, callerDb: dbfs, calleeDb: dbfs, agentDb: dbfs }),
);

export const monitorClientSchemas: SchemaTable<MonitorClientMessage> = { watch, ping, pong };
export const monitorSwitchSchemas: SchemaTable<MonitorSwitchMessage> = {
  snapshot,
  call: exactly<MonitorCallChanged>()(message('call', { call })),
  ended: exactly<MonitorCallEnded>()(message('ended', { callId: id, reason: endReason, by: endedBy })),
  timeline,
  levels,
  ping,
  pong,
};
