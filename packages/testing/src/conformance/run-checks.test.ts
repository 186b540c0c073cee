import { createVirtualClock, sleep, type VirtualClock } from '@agentao/clock';
import { expect, it } from 'vitest';
import { type ConformanceCheck, NonConformance, Untried } from './check.ts';
import type { CheckResult, ConformanceReport } from './report.ts';
import { runChecks, type RunChecksOptions } from './run-checks.ts';

interface Bench extends AsyncDisposable {
  readonly number: number;
}

type Run = ConformanceCheck<Bench>['run'];

const passes: Run = () => Promise.resolve();

/** Runs checks with these bodies; `open` is the number of benches that are open in the end, `most` the most at once. */
async function run(bodies: readonly Run[], options: Partial<RunChecksOptions<Bench>> = {}) {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  let opened = 0;
  let open = 0;
  let most = 0;
  const told: CheckResult[] = [];
  const openBench = (): Promise<Bench> => {
    most = Math.max(most, ++open);
    const close = (): Promise<void> => {
      open--;
      return Promise.resolve();
    };
    return Promise.resolve({ number: ++opened, [Symbol.asyncDispose]: close });
  };
  const checks = bodies.map((body, index) => ({ name: `check ${index}`, clauses: ['G-01'], run: body }));
  const onResult = (result: CheckResult): void => void told.push(result);
  const running = runChecks(checks, { side: 'switch', target: 'it', openBench, onResult, clock, ...options });
  const report = await clock.runUntil(running, { maxMs: 600_000 });
  return { report, told, open: () => open, opened: () => opened, most, clock };
}

function outcomes({ results }: ConformanceReport): readonly string[] {
  return results.map((result) => `${result.outcome}${result.outcome === 'passed' ? '' : `: ${result.why}`}`);
}

it('tells what became of each check, in their order', async () => {
  const { report, told } = await run([
    passes,
    () => Promise.reject(new NonConformance('an answer', 'nothing')),
    () => Promise.reject(new Untried('there is no phone')),
    () => Promise.reject(new RangeError('a fault')),
  ]);
  expect(outcomes(report)).toEqual([
    'passed',
    'failed: expected an answer, saw nothing',
    'untried: there is no phone',
    'failed: RangeError: a fault',
  ]);
  expect(told).toEqual(report.results);
  expect(report).toMatchObject({ side: 'switch', target: 'it', pass: false });
});

it('gives every check a bench of its own, and closes it whatever happens', async () => {
  const seen: number[] = [];
  const looks: Run = ({ number }) => {
    seen.push(number);
    return number === 2 ? Promise.reject(new Error('no')) : Promise.resolve();
  };
  const { open } = await run([looks, looks, looks]);
  expect(seen).toEqual([1, 2, 3]);
  expect(open()).toBe(0);
});

it('passes only if something passed and nothing failed', async () => {
  const untried: Run = () => Promise.reject(new Untried('no'));
  expect((await run([passes, untried])).report.pass).toBe(true);
  expect((await run([untried])).report.pass).toBe(false);
  expect((await run([])).report.pass).toBe(false);
});

it('ends a check at its deadline, and one that asks for more at that', async () => {
  const hangs: Run = () => new Promise(() => {});
  const { report, open } = await run([hangs, passes], { checkTimeoutMs: 5_000 });
  expect(outcomes(report)).toEqual(['failed: Error: the check took more than 5000 ms', 'passed']);
  expect(report.results[0]?.durationMs).toBe(5_000);
  expect(open()).toBe(0);
});

it('runs as many side by side as it is told', async () => {
  const takesLong =
    (clock: () => VirtualClock): Run =>
    () =>
      sleep(clock(), 1_000);
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const bodies = Array.from({ length: 6 }, () => takesLong(() => clock));
  const checks = bodies.map((body, index) => ({ name: `${index}`, clauses: [], run: body }));
  const openBench = (): Promise<Bench> =>
    Promise.resolve({ number: 0, [Symbol.asyncDispose]: () => Promise.resolve() });
  const running = runChecks(checks, { side: 'client', target: () => 'late', openBench, clock, concurrency: 3 });
  const report = await clock.runUntil(running, { maxMs: 60_000 });
  expect(clock.now()).toBe(2_000);
  expect(report.target).toBe('late');
  expect(report.results.map(({ name }) => name)).toEqual(['0', '1', '2', '3', '4', '5']);
});

it('begins nothing more once it is stopped', async () => {
  const stop = new AbortController();
  const stops: Run = () => {
    stop.abort();
    return Promise.resolve();
  };
  const { report, opened } = await run([stops, passes], { signal: stop.signal });
  expect(outcomes(report)).toEqual(['passed', 'untried: the run was stopped']);
  expect(opened()).toBe(1);
});

it('counts a bench that does not open as a failure, and closes it should it open later', async () => {
  let closed = 0;
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const openBench = async (): Promise<Bench> => {
    await sleep(clock, 9_000);
    return { number: 1, [Symbol.asyncDispose]: () => Promise.resolve(void closed++) };
  };
  const checks = [{ name: 'one', clauses: [], run: passes }];
  const running = runChecks(checks, { side: 'switch', target: '', openBench, clock, checkTimeoutMs: 1_000 });
  const report = await clock.runUntil(running, { maxMs: 60_000 });
  expect(outcomes(report)).toEqual(['failed: Error: opening the bench took more than 1000 ms']);
  await clock.advance(10_000);
  expect(closed).toBe(1);
});

it('says why a check cannot be tried on its bench', async () => {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const openBench = (): Promise<Bench> =>
    Promise.resolve({ number: 0, [Symbol.asyncDispose]: () => Promise.resolve() });
  const never: Run = () => Promise.reject(new Error('it was run'));
  const checks = [{ name: 'one', clauses: [], skipWhy: () => 'nobody is there', run: never }];
  const running = runChecks(checks, { side: 'switch', target: '', openBench, clock });
  expect(outcomes(await clock.runUntil(running, { maxMs: 1_000 }))).toEqual(['untried: nobody is there']);
});
