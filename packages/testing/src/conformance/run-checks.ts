import { type Clock, createSystemClock, withDeadline } from '@agentao/clock';
import { type ConformanceCheck, NonConformance, Untried } from './check.ts';
import type { CheckOutcome, CheckResult, ConformanceReport } from './report.ts';

/** How checks are run. */
export interface RunChecksOptions<Bench extends AsyncDisposable> {
  readonly side: ConformanceReport['side'];
  /** What is tried, for people; a function is asked at the end, when the peer may have said its name. */
  readonly target: string | (() => string);
  /** Makes what a check works with; disposed of after the check, whatever became of it. */
  readonly openBench: () => Promise<Bench>;
  /** For opening the bench and running the check, each; a check may ask for more. Default 30,000. */
  readonly checkTimeoutMs?: number;
  /** How many checks run side by side. Default 1: one after another. */
  readonly concurrency?: number;
  /** Told of each result as it comes. */
  readonly onResult?: (result: CheckResult) => void;
  /** Begins no further check; those that have not run are `untried`. */
  readonly signal?: AbortSignal;
  /** Default: the system's. */
  readonly clock?: Clock;
}

const defaultTimeoutMs = 30_000;

/** Tries every check on a bench of its own and tells what came of it, in the order of `checks`. Never rejects because of a check. */
export async function runChecks<Bench extends AsyncDisposable>(
  checks: readonly ConformanceCheck<Bench>[],
  options: RunChecksOptions<Bench>,
): Promise<ConformanceReport> {
  const { clock = createSystemClock(globalThis), checkTimeoutMs = defaultTimeoutMs, concurrency = 1 } = options;
  const results: CheckResult[] = [];
  const waiting = checks.entries();

  const work = async (): Promise<void> => {
    for (const [index, check] of waiting) {
      const startMs = clock.now();
      const timeoutMs = Math.max(check.timeoutMs ?? 0, checkTimeoutMs);
      const outcome = await tryCheck(check, { ...options, clock, timeoutMs });
      const { name, clauses } = check;
      const result: CheckResult = { ...outcome, name, clauses, durationMs: clock.now() - startMs };
      results[index] = result;
      options.onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, concurrency) }, work));

  const { side, target } = options;
  return { side, target: typeof target === 'string' ? target : target(), results, pass: passes(results) };
}

/** Whether results amount to a pass: no check failed, and at least one could be tried. */
export function passes(results: readonly CheckResult[]): boolean {
  return results.every(({ outcome }) => outcome !== 'failed') && results.some(({ outcome }) => outcome === 'passed');
}

interface Trial<Bench> {
  readonly openBench: () => Promise<Bench>;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

async function tryCheck<Bench extends AsyncDisposable>(
  check: ConformanceCheck<Bench>,
  { openBench, clock, timeoutMs, signal }: Trial<Bench>,
): Promise<CheckOutcome> {
  if (signal?.aborted) return { outcome: 'untried', why: 'the run was stopped' };
  const inTime = <T>(promise: Promise<T>, what: string): Promise<T> =>
    withDeadline(clock, promise, { timeoutMs, error: () => new Error(`${what} took more than ${timeoutMs} ms`) });

  const opening = openBench();
  let bench: Bench;
  try {
    bench = await inTime(opening, 'opening the bench');
  } catch (error) {
    // One that opens after its deadline is still closed.
    opening.then(async (late) => await late[Symbol.asyncDispose]()).catch(() => undefined);
    return toOutcome(error);
  }
  let outcome: CheckOutcome;
  try {
    const why = check.skipWhy?.(bench);
    if (why !== undefined) throw new Untried(why);
    await inTime(check.run(bench), 'the check');
    outcome = { outcome: 'passed' };
  } catch (error) {
    outcome = toOutcome(error);
  }
  try {
    await inTime(Promise.resolve(bench[Symbol.asyncDispose]()), 'closing the bench');
  } catch (error) {
    if (outcome.outcome === 'passed') outcome = toOutcome(error);
  }
  return outcome;
}

function toOutcome(error: unknown): CheckOutcome {
  if (error instanceof Untried) return { outcome: 'untried', why: error.message };
  if (error instanceof NonConformance) return { outcome: 'failed', why: error.message };
  return { outcome: 'failed', why: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}
