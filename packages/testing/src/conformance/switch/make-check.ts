import { type ConformanceCheck, NonConformance } from '../check.ts';
import type { SwitchBench } from './bench.ts';

/** A check of a switch. */
export type SwitchCheck = ConformanceCheck<SwitchBench>;

/** Makes one; `clauses` are separated by spaces. */
export function check(clauses: string, name: string, run: (bench: SwitchBench) => Promise<void>): SwitchCheck {
  return { name, clauses: clauses.split(' '), run };
}

/** Fails unless both are the same, as JSON. */
export function same(seen: unknown, expected: unknown, what: string): void {
  const [a, b] = [JSON.stringify(seen), JSON.stringify(expected)];
  if (a !== b) throw new NonConformance(`${what} ${b}`, a ?? 'nothing');
}

/** Fails with what was seen unless it holds. */
export function must(holds: boolean, expected: string, seen: unknown): asserts holds {
  if (!holds) throw new NonConformance(expected, typeof seen === 'string' ? seen : (JSON.stringify(seen) ?? 'nothing'));
}
