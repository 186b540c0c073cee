import type { CallMode, ErrorCode } from '@agentao/protocol';
import type { Timer } from '@agentao/clock';
import type { Leg, LegEnd } from '../legs/leg.ts';

/** The callee being rung: by an agent's `connect`, or by the switch where no agent is left. */
export interface CalleeAttempt {
  readonly leg: Leg;
  /** The `connect` command that started it; `undefined` without an agent. */
  readonly connectId: number | undefined;
  /** The mode the agent asked for. */
  readonly mode: CallMode;
  /** The end of the ring time. */
  readonly timer: Timer;
  /** The callee has picked up and waits for the caller's line. */
  pickedUp: boolean;
}

/** Why an attempt came to nothing. */
export interface AttemptFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What the end of a leg that was being rung means. */
export function attemptFailure(end: LegEnd): AttemptFailure {
  switch (end) {
    case 'hangup':
    case 'rejected':
      return { code: 'CALL_REJECTED', message: 'The callee refused the call or is busy.' };
    case 'unreachable':
    case 'failed':
      return { code: 'CALLEE_UNREACHABLE', message: 'The callee could not be reached.' };
  }
}
