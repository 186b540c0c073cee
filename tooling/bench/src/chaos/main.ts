import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchRow, printBench } from '../bench-report.ts';
import { createSeededRandom } from '../cuts/seeded-random.ts';
import { startIdleBaseline } from '../idle-baseline.ts';
import type { Child } from './child.ts';
import { type Fault, type FaultKind, faultKinds, planFaults } from './fault-plan.ts';
import type { PairPlan } from './messages.ts';
import { searchRecordings } from './search-recordings.ts';
import { openSite, type Site } from './site.ts';

// Calls at once over real sockets and real processes while everything goes wrong that can: nobody may ever hear who is not meant for their ears,
// and nothing may be left behind.
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    calls: { type: 'string', default: '50' },
    seed: { type: 'string', default: '1' },
  },
});
const durationMs = Number(values.minutes) * 60_000;
const wanted = Number(values.calls);
const random = createSeededRandom(Number(values.seed));
const faults = planFaults(durationMs, random);
/** Every call is over by then, and every wait has settled: the longest stall, the time in which an agent is waited for, and that of a takeover. */
const settleMs = 45_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    console.error(`chaos: ended by ${signal}`);
    process.exit(130);
  });
}
const watchdog = setTimeout(() => {
  console.error('chaos: it does not come to its end');
  process.exit(1);
}, durationMs + 180_000);
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const folder = mkdtempSync(join(tmpdir(), 'agentao-chaos-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let placing = true;
const startedMs = performance.now();
using idle = startIdleBaseline();
await using site = await openSite({
  agents: 4,
  phones: 2,
  lines: [2, 3, 4],
  recorded: { line: 4, folder },
  manner: 'restless',
  acceptsTakeover: (agent) => agent !== 3,
  switchDrainMs: 5_000,
  agentDrainMs: 5_000,
  onPair: ({ refusal }) => {
    // Whoever was refused tries again a little later.
    setTimeout(placeCall, refusal === undefined ? 20 : 500);
  },
});
console.log(`${wanted} calls, ${faults.length} faults, seed ${values.seed}; switch pid ${site.switch.pid}`);
idle.reset();
for (let index = 0; index < wanted; index++) {
  placeCall();
  await wait(100);
}

const done = new Map<FaultKind, number>(faultKinds.map((kind) => [kind, 0]));
const killing = new Set<Promise<void>>();
const live: number[] = [];
const rssMb: number[] = [];
const beganMs = performance.now();
const sampling = setInterval(() => {
  void site.switch.status().then(
    (status) => {
      live.push(status.calls);
      rssMb.push(status.rssMb);
    },
    () => undefined,
  );
}, 2_000);
let toldMs = 0;
for (const fault of faults) {
  await wait(Math.max(0, beganMs + fault.atMs - performance.now()));
  if (site.crashes.length > 0) break;
  if (commit(fault, site)) done.set(fault.kind, (done.get(fault.kind) ?? 0) + 1);
  if (fault.atMs - toldMs < 30_000) continue;
  toldMs = fault.atMs;
  console.log(`  ${(fault.atMs / 1_000).toFixed(0)} s, ${live.at(-1) ?? 0} calls in the switch`);
}
clearInterval(sampling);

// All is well again: everybody hangs up, and whatever was under way comes to its end.
placing = false;
await Promise.all(killing);
for (const phones of site.phones) phones.ask({ type: 'finish', withinMs: 3_000 });
const settled = await until(() => site.live === 0 && site.ledger.unsettled === 0 && site.ledger.orphans === 0);
await wait(1_500);
const everybody = [site.switch, ...site.agents, ...site.phones];
const statuses = await Promise.all(everybody.map(async (child) => child?.status().catch(() => undefined)));
const [atSwitch, ...others] = statuses;
// Agents, phones and then the switch are told to stop, and do.
const stopped = await stopAll([...site.agents, ...site.phones]);
await wait(500);
const socketsLeft = (await site.switch.status().catch(() => undefined))?.busy ?? -1;
const switchStopped = await stopAll([site.switch]);
const idleWorstMs = await idle.worstLatenessMs();
clearTimeout(watchdog);

const verdict = site.ledger.judge();
const recordings = searchRecordings(folder);
const errors = statuses.flatMap((status) => status?.errors ?? []);
for (const line of [...site.crashes, ...errors, ...verdict.complaints, ...recordings.complaints].slice(0, 40))
  console.error(`  ${line}`);
const list = (title: string, counts: ReadonlyMap<string, number>): void => {
  console.log(`  ${title}`);
  for (const [name, count] of [...counts].toSorted(([, a], [, b]) => b - a)) {
    console.log(`  ${String(count).padStart(6)}  ${name}`);
  }
};
list('faults', new Map<string, number>(done));
list('calls by ending', verdict.endings);
list('recordings', recordings.states);
if (verdict.refusals.size > 0) list('calls that did not come about', verdict.refusals);

const exactly = (name: string, value: number, target: number): BenchRow => ({
  name,
  value,
  target: String(target),
  ok: value === target,
});
const none = (name: string, value: number): BenchRow => exactly(name, value, 0);
const least = (name: string, value: number, target: number): BenchRow => ({
  name,
  value,
  target: `>= ${target}`,
  ok: value >= target,
});
const meanLive = live.reduce((sum, calls) => sum + calls, 0) / Math.max(1, live.length);
printBench('chaos', [
  { name: 'time', value: (performance.now() - startedMs) / 1_000, unit: 's' },
  { name: 'faults', value: [...done.values()].reduce((sum, count) => sum + count, 0) },
  { name: 'calls', value: verdict.calls },
  least('calls at once in the switch, mean', meanLive, wanted * 0.8),
  none('orphan calls', (atSwitch?.calls ?? -1) + site.ledger.orphans),
  none('voices at a wrong ear', verdict.foreignVoices),
  none('voices at a wrong place in recordings', recordings.complaints.length),
  none('crashes', site.crashes.length),
  none('errors logged by the switch and in handlers', errors.length),
  none('faults in calls', verdict.faults),
  none('ended other than once, on any side', verdict.endedOtherThanOnce),
  none('callers told another end than the call had', verdict.disagreements),
  none('handlers not settled', site.ledger.unsettled + others.reduce((sum, status) => sum + (status?.calls ?? 0), 0)),
  none(
    'other complaints',
    settled
      ? Math.max(0, verdict.complaints.length - verdict.foreignVoices - verdict.endedOtherThanOnce - verdict.faults)
      : 1,
  ),
  none('sockets left at the switch', socketsLeft),
  none('processes that did not stop when told', stopped + switchStopped),
  { name: 'ears searched', value: verdict.ears },
  { name: 'audio searched', value: verdict.secondsHeard, unit: 's' },
  least('of it with a voice that was to be heard', verdict.secondsOfVoices, verdict.calls),
  { name: 'tracks of recordings searched', value: recordings.tracks },
  { name: 'audio searched in them', value: recordings.seconds, unit: 's' },
  least('of it with a voice that belongs there', recordings.secondsOfVoices, 10),
  exactly('calls in the records', recordings.calls.length, verdict.calls),
  { name: 'taken over', value: verdict.takenOver },
  { name: 'media connections resumed', value: verdict.resumes },
  { name: 'parts in calls killed with their process', value: verdict.partsKilled },
  { name: "worst gap at a caller's ear", value: verdict.worstGapMs, unit: 'ms' },
  { name: 'most memory of the switch', value: Math.max(0, ...rssMb), unit: 'MB' },
  { name: 'worst lateness of an idle process', value: idleWorstMs, unit: 'ms' },
]);

/** Places a call whose people do anything. */
function placeCall(): void {
  if (!placing) return;
  const between = (lowest: number, highest: number): number => Math.round(lowest + random() * (highest - lowest));
  const dice = random();
  const callee: PairPlan['callee'] =
    dice < 0.65 ? 'answers' : dice < 0.78 ? 'rejects' : dice < 0.9 ? 'ignores' : 'absent';
  site.place({
    // Every eighth call is recorded.
    line: random() < 0.125 ? 4 : random() < 0.5 ? 2 : 3,
    lifeMs: between(5_000, 30_000),
    callee,
    answerAfterMs: between(100, 2_000),
    ...(random() < 0.3 ? { calleeTalkMs: between(1_000, 10_000) } : {}),
    ...(random() < 0.2 ? { pressAfterMs: between(200, 3_000) } : {}),
  });
}

/** Has it happen; false if there is nobody to whom it could. */
function commit(fault: Fault, { agents, phones, proxies, killAgent, ...all }: Site): boolean {
  const { pick } = fault;
  const index = pick % agents.length;
  const agent = agents[index];
  const somePhones = phones[pick % phones.length];
  switch (fault.kind) {
    case 'agent killed': {
      if (agent === undefined) return false;
      const killed = killAgent(index, fault.awayMs).finally(() => killing.delete(killed));
      killing.add(killed);
      return true;
    }
    case 'agent stalled':
      agent?.stall(fault.ms);
      return agent !== undefined;
    case 'phones stalled':
      somePhones?.stall(fault.ms);
      return true;
    case 'sockets cut':
      return (proxies[index]?.break(fault.breakage, fault) ?? 0) > 0;
    case 'phone cut':
      somePhones?.ask({ type: 'cut', pick });
      return true;
    case 'wall clock stepped':
      for (const child of pick % 2 === 0 ? [all.switch] : [...agents, ...phones])
        child?.ask({ type: 'step', ms: fault.ms });
      return true;
    case 'disk full':
      all.switch.fillDisk(fault.ms);
      return process.platform === 'linux';
    case 'switch blocked':
      all.switch.ask({ type: 'block', ms: fault.ms });
      return true;
    case 'agent blocked':
      (pick % 3 === 0 ? somePhones : agent)?.ask({ type: 'block', ms: fault.ms });
      return true;
  }
}

async function until(holds: () => boolean): Promise<boolean> {
  for (const lateMs = performance.now() + settleMs; !holds(); await wait(100))
    if (performance.now() > lateMs) return false;
  return true;
}

/** Tells them to stop; how many of them have not 20 s later. */
async function stopAll(children: readonly (Child | undefined)[]): Promise<number> {
  const stopping = children
    .filter((child) => child !== undefined)
    .map(async (child) => {
      site.expectEnd(child);
      child.signal('SIGTERM');
      const late = Symbol('late');
      return (await Promise.race([child.exited, wait(20_000).then(() => late)])) === late ? 1 : 0;
    });
  return (await Promise.all(stopping)).reduce<number>((sum, late) => sum + late, 0);
}
