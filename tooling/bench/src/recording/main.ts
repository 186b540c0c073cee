import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createSystemClock, sleep } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { openRecords } from '@agentao/switch/records';
import { listenWs } from '@agentao/transport/ws';
import { printBench } from '../bench-report.ts';
import { createPlainPhones } from './plain-phones.ts';

// What recording costs the thread that paces the calls: the same calls over real sockets without and with it, in turn, in one run.
const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const calls = Number(values.calls);
const seconds = Number(values.seconds);
const clock = createSystemClock(globalThis);

interface Measured {
  /** CPU of the calls' thread, in percent of a core. */
  readonly threadPercent: number;
  /** CPU of the calls' thread for each tick of a call: what is left to compare when the machine is too busy to deliver them all. */
  readonly tickMicros: number;
  /** CPU of the other threads. */
  readonly restPercent: number;
  readonly lateTicks: number;
  readonly skippedTicks: number;
  readonly bytesPerSecond: number;
  readonly droppedTicks: number;
}

async function measure(recording: 'off' | 'on'): Promise<Measured> {
  const folder = mkdtempSync(join(values.folder, 'agentao-bench-'));
  const records = await openRecords({ folder, clock });
  const phones = createPlainPhones();
  const apiKey = createApiKey();
  const uuid = crypto.randomUUID();
  const callSwitch = createSwitch({
    clock,
    legs: [phones],
    records,
    connectors: [{ uuid, numbers: ['+15559999'], keys: [apiKey.stored], recording, consentTone: 'off' }],
  });
  const server = await listenWs({ clock, port: 0, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
  callSwitch.start();
  const agent = fork(fileURLToPath(new URL('../calls/agent-process.ts', import.meta.url)), {
    execPath: process.execPath,
    env: {
      ...process.env,
      AGENTAO_MODE: 'sandbox',
      AGENTAO_API_KEY: apiKey.key,
      AGENTAO_CONNECTOR_UUID: uuid,
      AGENTAO_BASE_URL: server.url,
    },
  });
  try {
    await once(agent, 'message', { signal: AbortSignal.timeout(20_000) });
    await callSwitch.whenReady(uuid);
    for (let i = 0; i < calls; i++) {
      phones.dial(`+1555${String(i).padStart(7, '0')}`, '+15559999');
      await sleep(clock, 10);
    }
    await sleep(clock, 3_000);
    callSwitch.pacing.resetStats();
    const startedMs = clock.now();
    const [thread, whole] = [process.threadCpuUsage(), process.cpuUsage()];
    await sleep(clock, seconds * 1_000);
    const elapsedMs = clock.now() - startedMs;
    const own = process.threadCpuUsage(thread);
    const all = process.cpuUsage(whole);
    const percent = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 10 / elapsedMs;
    const { ticks, lateTicks, skippedTicks } = callSwitch.pacing.stats();
    const recordedMs = clock.now();
    await callSwitch.close();
    await records.close();
    const { bytes, droppedTicks } = records.stats().recorder;
    const recordedSeconds = (recordedMs - startedMs) / 1_000 + 3;
    return {
      threadPercent: percent(own),
      tickMicros: (own.user + own.system) / ticks,
      restPercent: percent(all) - percent(own),
      lateTicks,
      skippedTicks,
      bytesPerSecond: bytes / recordedSeconds,
      droppedTicks,
    };
  } finally {
    await callSwitch.close();
    // The agent reports the calls that it had, and then it may go.
    await sleep(clock, 1_000);
    if (agent.connected) agent.disconnect();
    await server.close();
    await records.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const off: Measured[] = [];
const on: Measured[] = [];
for (let round = 0; round < Number(values.rounds); round++) {
  off.push(await measure('off'));
  on.push(await measure('on'));
  console.log(
    `  round ${round + 1}: off ${off.at(-1)?.threadPercent.toFixed(1)} %, on ${on.at(-1)?.threadPercent.toFixed(1)} % of a core`,
  );
}
const median = (of: readonly Measured[], pick: (measured: Measured) => number): number =>
  of.map(pick).toSorted((a, b) => a - b)[Math.floor(of.length / 2)] as number;
const cost = (median(on, (one) => one.tickMicros) / median(off, (one) => one.tickMicros) - 1) * 100;
const dropped = on.reduce((sum, one) => sum + one.droppedTicks, 0);
printBench('recording', [
  { name: 'calls', value: calls },
  { name: 'seconds', value: seconds, unit: 's' },
  { name: 'thread of the calls, off', value: median(off, (one) => one.threadPercent), unit: '% of a core' },
  { name: 'thread of the calls, on', value: median(on, (one) => one.threadPercent), unit: '% of a core' },
  { name: 'for each tick of a call, off', value: median(off, (one) => one.tickMicros), unit: 'us' },
  { name: 'for each tick of a call, on', value: median(on, (one) => one.tickMicros), unit: 'us' },
  { name: 'more with recording', value: cost, unit: '%', target: '< 15', ok: cost < 15 },
  { name: 'other threads, off', value: median(off, (one) => one.restPercent), unit: '% of a core' },
  { name: 'other threads, on', value: median(on, (one) => one.restPercent), unit: '% of a core' },
  { name: 'written', value: median(on, (one) => one.bytesPerSecond) / 1e6, unit: 'MB/s' },
  { name: 'ticks not recorded', value: dropped, target: '0', ok: dropped === 0 },
  { name: 'late ticks, off', value: median(off, (one) => one.lateTicks) },
  { name: 'late ticks, on', value: median(on, (one) => one.lateTicks) },
  { name: 'skipped ticks, off', value: median(off, (one) => one.skippedTicks) },
  { name: 'skipped ticks, on', value: median(on, (one) => one.skippedTicks) },
]);
