import type { ErrorCode, Party } from '@agentao/protocol';
import type { LegEnd } from '../legs/leg.ts';
import type { CallEnding } from './call.ts';

/** Why the callee was not reached. */
export interface AttemptFailure {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What the end of a leg that was being rung means, or that had been picked up before the caller's line was open. */
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

/** How a call ends whose callee was rung in vain while no agent was left. */
export function failedEnding(code: ErrorCode): CallEnding {
  switch (code) {
    case 'CALL_UNANSWERED':
      return { reason: 'unanswered', by: 'callee' };
    case 'CALL_REJECTED':
      return { reason: 'rejected', by: 'callee' };
    case 'CALLEE_UNREACHABLE':
      return { reason: 'unanswered', by: 'switch' };
    default:
      return { reason: 'failed', by: 'switch' };
  }
}

/** How a call ends that a party has left. */
export function endingBy(party: Party, end: LegEnd): CallEnding {
  return { reason: end === 'hangup' || end === 'rejected' ? 'hangup' : 'failed', by: party };
}
