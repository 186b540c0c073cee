import type { ActiveCall } from './active-call.ts';

/** What `JSON.stringify` and `inspect` show of a call: neither a number in full nor what it is made of. */
export function shownCall(call: ActiveCall): object {
  const { callId, direction, callerNumber, calleeNumber, state, mode, takenOver } = call;
  return {
    callId,
    direction,
    callerNumber: masked(callerNumber),
    calleeNumber: masked(calleeNumber),
    state,
    mode,
    takenOver,
  };
}

/** As much of a number as tells two calls apart. A withheld one stays empty. */
function masked(number: string): string {
  if (number === '') return '';
  return number.length > 4 ? `*${number.slice(-2)}` : '*';
}
