import { NonConformance } from '../check.ts';

/** A rule that the client has broken in passing, whatever the check was about: the report names it in front. */
export function breach(rule: string, expected: string, seen: string): NonConformance {
  return new NonConformance(`${expected} (${rule})`, seen);
}
