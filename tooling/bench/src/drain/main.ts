import { parseArgs } from 'node:util';
import { type BenchRow, printBench } from '../bench-report.ts';
import type { Child } from '../chaos/child.ts';
import { openSite } from '../chaos/site.ts';
import { startIdleBaseline } from '../idle-baseline.ts';
import { createDrainWatch } from './drain-watch.ts';

// SIGTERM on an agent, then on the switch, in the middle of calls: real processes, real sockets. Nobody is cut off before the deadline, and
// nothing new is taken.
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '50' },
    /** How long calls may go on after SIGTERM. */
    seconds: { type: 'string', default: '10' },
  },
});
const calls = Number(values.calls);
const drainMs = Number(values.seconds) * 1_000;
/** Calls that are placed while something drains. */
const meanwhile = 10;
/** The share of callers who hang up by themselves while the switch drains. */
const share = 0.2;
/** What is told takes a moment. */
const graceMs = 100;
const lifeMs = 4 * drainMs + 120_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
const watchdog = setTimeout(
  () => {
    console.error('drain: it does not come to its end');
    process.exit(1);
  },
  180_000 + 2 * drainMs,
);
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

using idle = startIdleBaseline();
const watch = createDrainWatch();
await using site = await openSite({
  agents: 2,
  phones: 2,
  lines: [2],
  manner: 'steady',
  acceptsTakeover: () => true,
  switchDrainMs: drainMs,
  agentDrainMs: drainMs,
  onPair: watch.pair,
  onTold: watch.told,
});
const [first, second] = site.agents as [Child, Child];
idle.reset();
for (let index = 0; index < calls; index++) {
  place();
  await wait(50);
}
await until(() => watch.parts.length === calls, 'every call has an agent');
await wait(2_000);

const atFirst = watch.partsOf(first.name).length;
console.log(`${calls} calls, ${atFirst} of them at the agent that is told to stop; switch pid ${site.switch.pid}`);
const agent = await drainAgent();
console.log(`  the agent has stopped after ${(agent.tookMs / 1_000).toFixed(1)} s`);
const inSwitch = site.live;
const ended = await drainSwitch();
console.log(`  the switch has stopped after ${(ended.tookMs / 1_000).toFixed(1)} s`);
const idleWorstMs = await idle.worstLatenessMs();
clearTimeout(watchdog);

const verdict = site.ledger.judge();
for (const line of [...site.crashes, ...verdict.complaints].slice(0, 20)) console.error(`  ${line}`);
for (const [name, count] of verdict.endings) console.log(`  ${String(count).padStart(6)}  ${name}`);
for (const { report } of watch.pairs) {
  const [end] = report.caller?.ends ?? [];
  const wanted = end?.reason === 'shutdown' || (end?.reason === 'hangup' && end.by === 'caller');
  const how = `${JSON.stringify(end)}, the caller's phone ${report.caller?.lost ?? 'was there'}`;
  if (report.callId !== undefined && !wanted) console.error(`  ${report.callId} ended with ${how}`);
}
const exactly = (name: string, value: number, wanted: number): BenchRow => ({
  name,
  value,
  target: String(wanted),
  ok: value === wanted,
});
const none = (name: string, value: number): BenchRow => exactly(name, value, 0);
printBench('drain', [
  { name: 'calls', value: calls },
  { name: 'deadline of both', value: drainMs / 1_000, unit: 's' },
  { name: 'calls at the agent that stops', value: atFirst, target: '> 0', ok: atFirst > 0 },
  none('its calls that it left before the deadline', agent.leftEarly),
  none('its calls that ended', agent.ended),
  exactly('its calls taken over at the deadline', agent.takenOver, atFirst),
  none('new calls that it took', agent.newAtFirst),
  exactly('new calls that the other agent took', agent.newAtSecond, meanwhile),
  { name: 'from SIGTERM to the end of the agent', value: agent.tookMs / 1_000, unit: 's' },
  exactly('calls in the switch when it is told to stop', inSwitch, calls + meanwhile),
  exactly('of them ended by their callers meanwhile', ended.hungUp, ended.hangingUp),
  none('cut before the deadline', ended.cut),
  exactly('ended at the deadline, told so', ended.shutDown, inSwitch - ended.hangingUp),
  none('ended in another way', ended.other),
  none('new calls accepted', ended.accepted),
  exactly('new calls refused', ended.refused, meanwhile),
  { name: 'from SIGTERM to the end of the switch', value: ended.tookMs / 1_000, unit: 's' },
  none('voices at a wrong ear', verdict.foreignVoices),
  none('ended other than once, on any side', verdict.endedOtherThanOnce),
  none('crashes', site.crashes.length),
  { name: "worst gap at a caller's ear", value: verdict.worstGapMs, unit: 'ms' },
  { name: 'worst lateness of an idle process', value: idleWorstMs, unit: 'ms' },
]);

/** Tells one of the two agents to stop. */
async function drainAgent() {
  site.expectEnd(first);
  const toldMs = performance.now();
  first.signal('SIGTERM');
  await wait(500);
  for (let index = 0; index < meanwhile; index++) place();
  const { code } = await first.exited;
  const tookMs = performance.now() - toldMs;
  if (code !== 0) console.error(`  the agent ended with ${code}`);
  await until(() => watch.partsOf(second.name).length === calls + meanwhile, 'the other agent has every call');
  const since = watch.parts.filter(({ beganMs }) => beganMs > toldMs);
  return {
    tookMs,
    leftEarly: watch.parts.filter(
      ({ agent: name, overMs }) => name === first.name && overMs !== undefined && overMs < toldMs + drainMs - graceMs,
    ).length,
    ended: watch.pairs.length,
    takenOver: since.filter(({ agent: name, takenOver }) => name === second.name && takenOver).length,
    newAtFirst: since.filter(({ agent: name }) => name === first.name).length,
    newAtSecond: since.filter(({ agent: name, takenOver }) => name === second.name && !takenOver).length,
  };
}

/** Tells the switch to stop; some callers hang up before the deadline. */
async function drainSwitch() {
  site.expectEnd(site.switch);
  const before = watch.pairs.length;
  const toldMs = performance.now();
  site.switch.signal('SIGTERM');
  await wait(500);
  for (const phones of site.phones) phones.ask({ type: 'finish', withinMs: drainMs / 2, share });
  const hangingUp = (await Promise.all(site.phones.map((phones) => phones.status())))
    .map((status) => Math.ceil(status.calls * share))
    .reduce((sum, count) => sum + count, 0);
  for (let index = 0; index < meanwhile; index++) place();
  await site.switch.exited;
  const tookMs = performance.now() - toldMs;
  await until(() => site.live === 0, 'the phones are done');
  await until(() => site.ledger.unsettled === 0, 'the agent is done');
  const pairs = watch.pairs.slice(before);
  const called = pairs.filter(({ report }) => report.callId !== undefined);
  const endOf = (reason: string, by: string) =>
    called.filter(({ report }) => report.caller?.ends[0]?.reason === reason && report.caller.ends[0].by === by);
  const hungUp = endOf('hangup', 'caller').length;
  const shutDown = endOf('shutdown', 'switch');
  const early = ({ atMs }: { readonly atMs: number }): boolean => atMs < toldMs + drainMs - graceMs;
  return {
    tookMs,
    hangingUp,
    hungUp,
    shutDown: shutDown.length,
    other: called.length - hungUp - shutDown.length,
    cut: called.filter(early).length - endOf('hangup', 'caller').filter(early).length,
    accepted: called.length - inSwitch,
    refused: pairs.length - called.length,
  };
}

function place(): void {
  site.place({ line: 2, lifeMs, callee: 'absent', answerAfterMs: 0 });
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (const lateMs = performance.now() + 30_000; !holds(); await wait(50)) {
    if (performance.now() > lateMs) return console.error(`  not within 30 s: ${what}`);
  }
}
