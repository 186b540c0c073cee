import type { MonitorCall, MonitorSwitchMessage } from '@agentao/protocol';
import { encode } from '@agentao/protocol';
import type { Call, TimelineEntry } from '../calls/call.ts';
import type { OperatorRole } from '../operators/operator-sessions.ts';
import { maskNumber } from './logger.ts';

/** What monitors show of a call, numbers in full. */
export function viewOf(call: Call): MonitorCall {
  const { callId, connectorUuid, callerNumber, calleeNumber, direction, startedAtMs } = call;
  const { state, ringing, mode, hearing } = call;
  return {
    callId,
    connectorUuid,
    callerNumber,
    calleeNumber,
    direction,
    state,
    ringing,
    mode,
    startedAtMs,
    hearing,
  };
}

/** Whether two views of one call look the same. */
export function looksSame(a: MonitorCall, b: MonitorCall): boolean {
  return a.state === b.state && a.ringing === b.ringing && a.mode === b.mode && a.hearing === b.hearing;
}

/** A call as a role may see it: a viewer gets numbers as the log has them, and an empty one empty. */
export function viewFor(role: OperatorRole, view: MonitorCall): MonitorCall {
  if (role === 'operator') return view;
  const { callerNumber, calleeNumber } = view;
  return { ...view, callerNumber: masked(callerNumber), calleeNumber: masked(calleeNumber) };
}

/** A timeline entry as a role may see it. The message of a fault and the data of a note may hold anything and are for operators. */
export function timelineFor(role: OperatorRole, entry: TimelineEntry): MonitorSwitchMessage {
  const { callId, atMs, kind, ...fields } = entry;
  const all = { type: 'timeline', callId, atMs } as const;
  if (role === 'operator') return { ...all, entry: { kind, ...fields } };
  if (kind === 'fault') return { ...all, entry: { kind } };
  if (kind === 'note') return { ...all, entry: { kind, note: fields['note'] } };
  const { from, to } = fields;
  const numbers = {
    ...(typeof from === 'string' ? { from: masked(from) } : {}),
    ...(typeof to === 'string' ? { to: masked(to) } : {}),
  };
  return { ...all, entry: { kind, ...fields, ...numbers } };
}

/** The text of a message per role, made at most once each however many monitors it goes to. */
export function encodeForRoles(build: (role: OperatorRole) => MonitorSwitchMessage): (role: OperatorRole) => string {
  const texts = new Map<OperatorRole, string>();
  return (role) => {
    let text = texts.get(role);
    if (text === undefined) {
      text = encode(build(role));
      texts.set(role, text);
    }
    return text;
  };
}

function masked(number: string): string {
  return number === '' ? '' : maskNumber(number);
}
