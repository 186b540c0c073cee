import { parseArgs } from 'node:util';
import { type BenchRow, printBench } from '../bench-report.ts';
import { runDay } from './run-day.ts';

const { values } = parseArgs({
  options: { calls: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
});
const calls = Number(values.calls);
/** How much more memory the end of the day may need than its first quarter: for what the engine itself keeps. */
const growthMb = 8;
const targetSeconds = 300;

const heapMb: number[] = [];
const startedMs = performance.now();
const seconds = (): number => (performance.now() - startedMs) / 1_000;
const outcome = await runDay({
  calls,
  seed: Number(values.seed),
  onQuarter: (quarter) => {
    globalThis.gc?.();
    const usedMb = process.memoryUsage().heapUsed / 1e6;
    heapMb.push(usedMb);
    console.log(`  ${quarter * 25} % of the day after ${seconds().toFixed(0)} s, heap ${usedMb.toFixed(1)} MB`);
  },
});
const wallSeconds = seconds();
const { user, system } = process.cpuUsage();
const cpuSeconds = (user + system) / 1e6;
/** Others had so much of the machine that the wall time says nothing: what this process itself took is judged then. */
const crowded = cpuSeconds < 0.8 * wallSeconds;
if (crowded)
  console.log(`  this machine gave ${((100 * cpuSeconds) / wallSeconds).toFixed(0)} % of a core: CPU time is judged`);
for (const fault of outcome.faults) console.error(fault);
const endings = [...outcome.endings].toSorted(([, a], [, b]) => b - a);
for (const [name, count] of endings) console.log(`  ${String(count).padStart(6)}  ${name}`);

const none = (name: string, value: number): BenchRow => ({ name, value, target: '0', ok: value === 0 });
const all = (name: string, value: number, wanted: number): BenchRow => ({
  name,
  value,
  target: String(wanted),
  ok: value === wanted,
});
const inTime = (name: string, value: number, judged: boolean): BenchRow => {
  const target = `< ${targetSeconds}`;
  return { name, value, unit: 's', ...(judged ? { target, ok: value < targetSeconds } : { target: `(${target})` }) };
};
const { agents, phones, left } = outcome;
const growth = Math.max(...heapMb) - (heapMb[0] ?? 0);
printBench('day', [
  all('calls', outcome.accepted, calls),
  none('calls refused', outcome.refused),
  all(
    'calls by reason, all together',
    endings.reduce((sum, [, count]) => sum + count, 0),
    calls,
  ),
  none('calls that did not end once on each side', outcome.endedOtherThanOnce),
  { name: 'mean length', value: outcome.meanSeconds, unit: 's' },
  { name: 'most calls at once', value: outcome.mostAtOnce },
  { name: 'ticks', value: outcome.ticks },
  { name: 'ticks heard by phones', value: phones.heardTicks },
  { name: 'of them not silent', value: phones.loudTicks },
  { name: 'handlers run', value: agents.handled },
  none('handlers not settled', agents.unsettled),
  all('ends told by event', agents.endings.events, agents.handled),
  all('ends told by promise', agents.endings.promises, agents.handled),
  none('faults', outcome.faults.length),
  none('calls left', left.calls),
  none('legs left', phones.openLegs),
  none('connections left', left.connections),
  none('timers left', left.timers),
  ...heapMb.map((value, index): BenchRow => ({ name: `heap at ${(index + 1) * 25} %`, value, unit: 'MB' })),
  { name: 'heap growth', value: growth, unit: 'MB', target: `<= ${growthMb}`, ok: growth <= growthMb },
  inTime('wall time', wallSeconds, !crowded),
  inTime('CPU time', cpuSeconds, crowded),
]);
