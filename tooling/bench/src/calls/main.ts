import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createSystemClock, sleep } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { listenWs } from '@agentao/transport/ws';
import { type BenchRow, printBench } from '../bench-report.ts';
import { startIdleBaseline } from '../idle-baseline.ts';
import { waitUntil } from '../wait-until.ts';
import type { AgentReport } from './agent-process.ts';
import { type CountingPhone, createCountingPhones } from './counting-phones.ts';

// Calls at once over real sockets: the switch and the phones here, one agent process on the other side. Phones and agent
// speak a signal in which every sample can be told from its neighbours, and account for all they hear.
const { values } = parseArgs({
  options: { calls: { type: 'string', default: '200' }, seconds: { type: 'string', default: '30' } },
});
const calls = Number(values.calls);
const seconds = Number(values.seconds);

const clock = createSystemClock(globalThis);
using idle = startIdleBaseline();
const phones = createCountingPhones();
const apiKey = createApiKey();
const connectorUuid = crypto.randomUUID();
const callSwitch = createSwitch({
  clock,
  legs: [phones],
  connectors: [{ uuid: connectorUuid, numbers: ['+15559999'], keys: [apiKey.stored], limits: { maxCalls: calls } }],
});
const server = await listenWs({ clock, port: 0, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
callSwitch.start();

const agent = fork(fileURLToPath(new URL('agent-process.ts', import.meta.url)), {
  execPath: process.execPath,
  env: {
    ...process.env,
    AGENTAO_MODE: 'sandbox',
    AGENTAO_API_KEY: apiKey.key,
    AGENTAO_CONNECTOR_UUID: connectorUuid,
    AGENTAO_BASE_URL: server.url,
  },
});
const reports: AgentReport[] = [];
agent.on('message', (message) => {
  if (typeof message === 'object' && message !== null && 'callId' in message) reports.push(message as AgentReport);
});
try {
  await once(agent, 'message', { signal: AbortSignal.timeout(20_000) });
  await callSwitch.whenReady(connectorUuid);
  console.log(`${calls} calls for ${seconds} s on ${server.url}, switch pid ${process.pid}, agent pid ${agent.pid}`);
  const dialled: CountingPhone[] = [];
  for (let i = 0; i < calls; i++) {
    dialled.push(phones.dial(`+1555${String(i).padStart(7, '0')}`, '+15559999'));
    // A hundred new calls a second.
    await sleep(clock, 10);
  }
  await waitUntil(clock, () => dialled.every((phone) => phone.spokenSamples > 0), 'every call answered');
  // Two seconds after the last call has come, everybody counts from nought.
  await sleep(clock, 2_000);
  callSwitch.pacing.resetStats();
  for (const phone of dialled) phone.ear.reset();
  agent.send('reset');
  idle.reset();
  const cpuBefore = process.cpuUsage();
  const agentBefore = await askUsage(agent);
  const startedMs = clock.now();
  for (let second = 0; second < seconds; second += 5) {
    await sleep(clock, Math.min(5, seconds - second) * 1_000);
    console.log(`  ${Math.min(second + 5, seconds)} s`);
  }
  const elapsedMs = clock.now() - startedMs;
  const cpu = process.cpuUsage(cpuBefore);
  const agentAfter = await askUsage(agent);
  const wheel = callSwitch.pacing.stats();
  const idleWorstMs = await idle.worstLatenessMs();
  for (const phone of dialled) phone.hangUp();
  await waitUntil(clock, () => reports.length === calls, 'every call reported');

  const atPhone = dialled.map((phone) => phone.ear.report());
  const sum = (pick: (index: number) => number): number => dialled.reduce((total, _, index) => total + pick(index), 0);
  const none = (name: string, value: number): BenchRow => ({ name, value, target: '0', ok: value === 0 });
  const expectedTicks = Math.floor(elapsedMs / 20) * calls;
  printBench('calls', [
    { name: 'calls', value: calls },
    { name: 'seconds', value: elapsedMs / 1_000, unit: 's' },
    {
      name: 'ticks',
      value: wheel.ticks,
      target: `>= ${expectedTicks - calls}`,
      ok: wheel.ticks >= expectedTicks - calls,
    },
    none('ticks skipped', wheel.skippedTicks),
    { name: 'ticks more than 20 ms late', value: wheel.lateTicks },
    { name: 'worst tick lateness', value: wheel.maxLatenessMs, unit: 'ms' },
    { name: 'worst lateness of an idle process', value: idleWorstMs, unit: 'ms' },
    { name: 'samples heard by callers', value: sum((i) => atPhone[i]?.inOrder ?? 0) },
    none(
      'lost at callers',
      sum((i) => atPhone[i]?.lost ?? 0),
    ),
    none(
      'repeated at callers',
      sum((i) => atPhone[i]?.repeated ?? 0),
    ),
    none(
      'silent at callers',
      sum((i) => atPhone[i]?.silent ?? 0),
    ),
    { name: 'samples heard by agents', value: sum((i) => reports[i]?.ear.inOrder ?? 0) },
    none(
      'lost at agents',
      sum((i) => reports[i]?.ear.lost ?? 0),
    ),
    none(
      'repeated at agents',
      sum((i) => reports[i]?.ear.repeated ?? 0),
    ),
    none(
      'silent at agents',
      sum((i) => reports[i]?.ear.silent ?? 0),
    ),
    none(
      'position jumps at agents',
      sum((i) => reports[i]?.jumps ?? 0),
    ),
    none('calls that failed', reports.filter((report) => report.failure !== undefined).length),
    { name: 'switch CPU', value: (cpu.user + cpu.system) / 10 / elapsedMs, unit: '% of a core' },
    { name: 'agent CPU', value: ((agentAfter.cpuMs - agentBefore.cpuMs) * 100) / elapsedMs, unit: '% of a core' },
    { name: 'switch memory', value: process.memoryUsage.rss() / 1e6, unit: 'MB' },
    { name: 'agent memory', value: agentAfter.rssMb, unit: 'MB' },
  ]);
} finally {
  if (agent.connected) agent.disconnect();
  await callSwitch.close();
  await server.close();
}

async function askUsage(child: ChildProcess): Promise<{ readonly cpuMs: number; readonly rssMb: number }> {
  const { promise, resolve } = Promise.withResolvers<{ cpuMs: number; rssMb: number }>();
  const take = (message: unknown): void => {
    if (typeof message === 'object' && message !== null && 'cpuMs' in message) {
      child.off('message', take);
      resolve(message as { cpuMs: number; rssMb: number });
    }
  };
  child.on('message', take);
  child.send('cpu');
  return await promise;
}
