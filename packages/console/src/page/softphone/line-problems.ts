import type { LinkEnd } from '../socket/link.ts';

const waitingProblems: Partial<Record<LinkEnd, string>> = {
  UNREACHABLE: 'The switch cannot be reached; trying again.',
  NOT_OPENED: 'The switch does not open the line; trying again.',
  LOST: 'The line was lost; trying again.',
  LIVENESS_LOST: 'The switch has gone silent; trying again.',
  GOING_AWAY: 'The switch is stopping; trying again.',
  SLOW_READER: 'This page could not keep up; trying again.',
  RATE_LIMITED: 'The switch asks for patience; trying again.',
};

const finalProblems: Partial<Record<LinkEnd, string>> = {
  DISPLACED: 'This number is now on another phone; plug in to take it back.',
  SIGNED_OUT: 'The session is over; sign in again.',
  UNAUTHENTICATED: 'The session is over; sign in again.',
  NO_TICKET: 'This session may not use a softphone.',
  FORBIDDEN: 'This session may not use this number.',
  NORMAL: 'The switch has closed the line; plug in to open it again.',
};

/** What is said while the line comes back by itself. */
export function waitingProblem(why: LinkEnd): string {
  return waitingProblems[why] ?? 'The switch has a fault; trying again.';
}

/** What is said when the line stays down, and what to do. */
export function finalProblem(why: LinkEnd): string {
  return finalProblems[why] ?? `The line broke off by a fault (${why}); plug in to try again.`;
}

/** Why a number could not be had. */
export function registerProblem(code: string, message: string): string {
  if (code === 'NUMBER_IN_USE') return 'Another phone has this number; plug in again to take it.';
  return message === '' ? `The switch refused this number (${code}).` : message;
}

const dialProblems = new Map([
  ['FORBIDDEN', 'This switch lets no softphone dial.'],
  ['LIMIT_REACHED', 'All lines are busy; try again later.'],
  ['CALLEE_UNREACHABLE', 'No agent serves this number.'],
  ['SHUTTING_DOWN', 'The switch takes no new calls.'],
]);

/** Why a call could not be placed: by the code of the switch, or its own words where the code is a new one. */
export function dialProblem(code: string, message: string): string {
  return dialProblems.get(code) ?? (message === '' ? `The switch refused the call (${code}).` : message);
}
