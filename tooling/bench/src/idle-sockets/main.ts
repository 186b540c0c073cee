import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { createSystemClock, sleep } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { createScriptedPhones, type Phone } from '@agentao/switch/testing';
import { listenWs } from '@agentao/transport/ws';
import { type BenchRow, printBench } from '../bench-report.ts';
import { startIdleBaseline } from '../idle-baseline.ts';
import { type Idling, startStrangers, type StrangersReport } from './strangers.ts';

// Thousands of connections of one address that say nothing, or next to nothing, beside calls that go on: how many get in, what one costs, how
// soon they are put out, and what the calls notice.
const { values } = parseArgs({
  options: { sockets: { type: 'string', default: '10000' }, calls: { type: 'string', default: '20' } },
});
const calls = Number(values.calls);
/** Files that this process may have open, and the other one, which inherits the limit. */
const mostFiles = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' })) || 1_024;
const sockets = Math.min(Number(values.sockets), mostFiles - 300);
/** 128 sessions of one key. */
const keys = Array.from({ length: Math.ceil(sockets / 128) }, () => createApiKey());
const socketsPerAddress = 4_096;
const handshakeMs = 5_000;
/** A machine on which a process that does nothing is this late says nothing about the switch. */
const busyMs = 60;
/** What the wheel makes good without leaving a tick out. */
const longestTurnMs = 100;

const clock = createSystemClock(globalThis);
using idle = startIdleBaseline();
using strangers = startStrangers();
const phones = createScriptedPhones({ clock });
const callSwitch = createSwitch({
  clock,
  legs: [phones],
  connectors: [{ uuid: 'idle', numbers: ['*'], keys: keys.map(({ stored }) => stored) }],
});
const server = await listenWs({ clock, port: 0, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
const port = Number(new URL(server.url).port);
callSwitch.start();

/** What a phase has shown. */
interface Phase {
  readonly name: string;
  readonly rows: readonly BenchRow[];
}

/** What calls have noticed since the figures were set back. */
async function cadence(name: string): Promise<readonly BenchRow[]> {
  const { ticks, skippedTicks, maxLatenessMs } = callSwitch.pacing.stats();
  const idleMs = await idle.worstLatenessMs();
  return [
    { name: `${name}: ticks`, value: ticks },
    {
      name: `${name}: ticks skipped`,
      value: skippedTicks,
      target: `0, or an idle process > ${busyMs} ms late`,
      ok: skippedTicks === 0 || idleMs > busyMs,
    },
    {
      name: `${name}: longest turn`,
      value: turns.longestMs,
      unit: 'ms of CPU',
      target: `<= ${longestTurnMs}`,
      ok: turns.longestMs <= longestTurnMs,
    },
    { name: `${name}: worst tick lateness`, value: maxLatenessMs, unit: 'ms' },
    { name: `${name}: worst lateness of an idle process`, value: idleMs, unit: 'ms' },
  ];
}

/** The longest turn of the event loop in processor time of its thread: what calls would wait for on a machine of the switch's own. */
const turns = { longestMs: 0, before: process.threadCpuUsage() };
const turnWatch = setInterval(() => {
  const { user, system } = process.threadCpuUsage(turns.before);
  turns.longestMs = Math.max(turns.longestMs, (user + system) / 1_000);
  turns.before = process.threadCpuUsage();
}, 5);

function setBack(): void {
  turns.longestMs = 0;
  callSwitch.pacing.resetStats();
  idle.reset();
}

function memoryMb(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 1e6;
}

/** Waits until the condition holds of the report, or the time is up. */
async function reportWhen(
  condition: (report: StrangersReport) => boolean,
  timeoutMs: number,
): Promise<StrangersReport> {
  const deadlineMs = clock.now() + timeoutMs;
  for (;;) {
    const report = await strangers.report();
    if (condition(report) || clock.now() > deadlineMs) return report;
    await sleep(clock, 100);
  }
}

/** Whether a stranger to all that is answered, from an address of its own. */
async function isAnswered(): Promise<boolean> {
  const { get } = await import('node:http');
  return new Promise((resolve) => {
    const request = get(
      { port, host: '127.0.0.1', localAddress: '127.0.0.2', path: '/readyz', timeout: 5_000 },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      },
    );
    request.on('error', () => resolve(false));
    request.on('timeout', () => request.destroy());
  });
}

async function runPhase(idling: Idling): Promise<Phase> {
  const isSocket = idling === 'a socket';
  const name = isSocket ? 'sockets with a key' : idling;
  const wanted = isSocket ? Math.min(sockets, socketsPerAddress) : sockets;
  setBack();
  const beforeMb = memoryMb();
  const startedMs = clock.now();
  strangers.open(idling, { count: sockets, port, keys: keys.map(({ key }) => key) });
  const full = await reportWhen(
    ({ tried, open, refused, failed }) => tried === sockets && (open < wanted || open + refused + failed >= sockets),
    60_000,
  );
  const openedMs = clock.now() - startedMs;
  const afterMb = memoryMb();
  const answered = await isAnswered();
  if (isSocket) await sleep(clock, 10_000);
  const left = isSocket ? await strangers.report() : await reportWhen(({ open }) => open === 0, 30_000);
  const goneMs = clock.now() - startedMs - openedMs;
  const rows: BenchRow[] = [
    { name: `${name}: tried`, value: full.tried },
    { name: `${name}: most open at once`, value: full.mostOpen },
    { name: `${name}: opened in`, value: openedMs / 1_000, unit: 's' },
    {
      name: `${name}: memory for one`,
      value: ((afterMb - beforeMb) * 1e3) / Math.max(1, full.mostOpen),
      unit: 'KB',
      target: '<= 64',
      ok: (afterMb - beforeMb) * 1e3 <= 64 * Math.max(500, full.mostOpen),
    },
    { name: `${name}: others are answered`, value: answered ? 'yes' : 'no', target: 'yes', ok: answered },
  ];
  if (isSocket) {
    const refused = sockets - wanted;
    rows.push(
      { name: `${name}: refused with 429`, value: full.refused, target: String(refused), ok: full.refused === refused },
      { name: `${name}: open after 10 s more`, value: left.open, target: String(wanted), ok: left.open === wanted },
    );
  } else {
    // The last one has its handshake time, and is found within a second of it.
    const target = (handshakeMs + 3_000) / 1_000;
    rows.push(
      { name: `${name}: left`, value: left.open, target: '0', ok: left.open === 0 },
      {
        name: `${name}: all put out after`,
        value: goneMs / 1_000,
        unit: 's',
        target: `<= ${target}`,
        ok: goneMs <= target * 1_000,
      },
    );
  }
  rows.push(...(await cadence(name)));
  await strangers.leave();
  await sleep(clock, 1_000);
  return { name, rows };
}

try {
  console.log(`${sockets} connections of one address beside ${calls} calls; ${mostFiles} files may be open`);
  const callers: Phone[] = [];
  for (let index = 0; index < calls; index++) {
    const number = `+1555${String(1_000 + index)}`;
    phones.phone(number, { answerAfterMs: 0 });
    const caller = phones.phone(`+1555${String(5_000 + index)}`);
    caller.dial(number);
    callers.push(caller);
  }
  await Promise.all(callers.map((caller) => caller.until('answered')));
  await sleep(clock, 1_000);
  setBack();
  await sleep(clock, 5_000);
  const rows: BenchRow[] = [{ name: 'calls', value: calls }, ...(await cadence('calls alone'))];
  for (const idling of ['silent', 'half a request', 'a socket'] as const) {
    const phase = await runPhase(idling);
    console.log(`  ${phase.name} done`);
    rows.push(...phase.rows);
  }
  const running = callers.filter(({ state }) => state === 'answered').length;
  rows.push({ name: 'calls that go on', value: running, target: String(calls), ok: running === calls });
  for (const caller of callers) caller.hangUp();
  printBench('idle', rows);
} finally {
  clearInterval(turnWatch);
  await callSwitch.close();
  await server.close();
}
