import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { encodeWav } from '@agentao/audio';
import { createSystemClock, sleep } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { listenWs } from '@agentao/transport/ws';
import { type BenchRow, printBench } from '../bench-report.ts';
import { createCountingPhones } from '../calls/counting-phones.ts';
import { startIdleBaseline } from '../idle-baseline.ts';
import type { AgentReport } from './agent-process.ts';
import { planCuts } from './cut-plan.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { createEarLog, listenIn } from './ear-log.ts';
import { createSeededRandom } from './seeded-random.ts';
import { effectOf, percentile, type SufferedCut } from './suffered-cut.ts';

// One call over real sockets whose media connection is lost again and again: the switch, the phone and the proxy in between here, the agent in
// a process of its own. Both sides speak a signal in which every sample can be told from its neighbours, and account for all they hear.
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    cuts: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const cuts = planCuts(Number(values.cuts), seconds * 1_000, createSeededRandom(Number(values.seed)));
/** How long a stall what is queued ahead for the caller, and a wheel that catches up, hide. */
const bridgedMs = 100;
const folder = values.out ?? (await mkdtemp(join(tmpdir(), 'agentao-cuts-')));
await mkdir(folder, { recursive: true });
const wav = { caller: join(folder, 'cuts-caller.wav'), agent: join(folder, 'cuts-agent.wav') };

const clock = createSystemClock(globalThis);
using idle = startIdleBaseline();
let switchPort = 0;
await using proxy = await startCuttingProxy(clock, () => switchPort);
const mediaOrigin = `ws://127.0.0.1:${proxy.port}`;
const ear = createEarLog(() => clock.now(), seconds + 60);
const phones = createCountingPhones();
const apiKey = createApiKey();
const connectorUuid = crypto.randomUUID();
const callSwitch = createSwitch({
  clock,
  legs: [listenIn(phones, ear.hear)],
  connectors: [{ uuid: connectorUuid, numbers: ['+15559999'], keys: [apiKey.stored] }],
  mediaUrl: `${mediaOrigin}/media`,
});
const resumedMs: number[] = [];
callSwitch.onTimeline(({ kind }) => {
  if (kind === 'agent_resumed') resumedMs.push(clock.now());
});
const server = await listenWs({ clock, port: 0, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
switchPort = Number(new URL(server.url).port);
callSwitch.start();

const agent = fork(fileURLToPath(new URL('agent-process.ts', import.meta.url)), {
  execPath: process.execPath,
  env: {
    ...process.env,
    AGENTAO_API_KEY: apiKey.key,
    AGENTAO_CONNECTOR_UUID: connectorUuid,
    AGENTAO_BASE_URL: server.url,
    CUTS_MEDIA_ORIGIN: mediaOrigin,
    CUTS_WAV: wav.agent,
    CUTS_SECONDS: String(seconds),
  },
});
try {
  await told(agent, (message) => message === 'ready', 20_000);
  await callSwitch.whenReady(connectorUuid);
  callSwitch.pacing.resetStats();
  idle.reset();
  const phone = phones.dial('+15550001', '+15559999');
  await until(() => ear.report().inOrder > 0, 20_000, 'the agent is heard');
  await sleep(clock, 1_000);
  console.log(`${cuts.length} cuts in ${seconds} s; switch pid ${process.pid}, agent pid ${agent.pid}`);
  const startedMs = clock.now();
  const suffered: SufferedCut[] = [];
  for (const cut of cuts) {
    await sleep(clock, Math.max(0, startedMs + cut.atMs - clock.now()));
    const before = resumedMs.length;
    const brokenMs = await proxy.break(cut.breakage, cut.downMs);
    await until(() => resumedMs.length > before, 15_000, 'the agent is back');
    suffered.push({ ...cut, brokenMs, resumedMs: resumedMs[before] ?? Number.NaN });
  }
  await sleep(clock, Math.max(1_000, startedMs + seconds * 1_000 - clock.now()));
  const elapsedMs = clock.now() - startedMs;
  const said = told(agent, (message) => message === 'said' || isReport(message), 30_000);
  agent.send('stop');
  await said;
  await sleep(clock, 200);
  // Silence behind the last word is no gap.
  const atCaller = ear.report();
  const gaps = [...ear.gaps];
  const reported = told(agent, isReport, 20_000);
  agent.send('leave');
  const atAgent = (await reported) as AgentReport;
  const wheel = callSwitch.pacing.stats();
  const idleWorstMs = await idle.worstLatenessMs();
  phone.hangUp();
  await writeFile(wav.caller, encodeWav(ear.heard, { sampleRateHz: 24_000 }));

  const effects = suffered.map((cut, index) => {
    const nextMs = suffered[index + 1]?.brokenMs ?? startedMs + elapsedMs;
    return effectOf(
      cut,
      gaps.filter(({ fromMs }) => fromMs >= cut.brokenMs - 20 && fromMs < nextMs - 20),
    );
  });
  for (const [index, { outageMs, gapMs, resumeMs }] of effects.entries()) {
    const { atMs, breakage, downMs } = suffered[index] as SufferedCut;
    const how = breakage.kind === 'cut' ? `cut after ${breakage.bytes} bytes ${breakage.direction}` : 'half open';
    const text = `down for ${downMs} ms, away ${outageMs.toFixed(0)} ms, gap ${gapMs.toFixed(0)} ms, resumed in ${resumeMs.toFixed(0)} ms`;
    console.log(`  ${(atMs / 1_000).toFixed(1).padStart(5)} s  ${how.padEnd(30)}  ${text}`);
  }
  console.log(`  heard: ${wav.caller}, ${wav.agent}`);

  const stalledMs = Math.max(wheel.maxLatenessMs, idleWorstMs);
  const steady = stalledMs <= bridgedMs;
  if (!steady)
    console.log(`  this machine stood still for ${stalledMs.toFixed(0)} ms: gaps may be its own, and are not judged`);
  const firstMs = suffered[0]?.brokenMs ?? startedMs + elapsedMs;
  const early = gaps.filter(({ fromMs }) => fromMs >= startedMs && fromMs < firstMs - 20).length;
  const resumes = effects.map(({ resumeMs }) => resumeMs);
  const exactly = (name: string, value: number, wanted: number): BenchRow => ({
    name,
    value,
    target: String(wanted),
    ok: value === wanted,
  });
  const none = (name: string, value: number): BenchRow => exactly(name, value, 0);
  const judged = (isJudged: boolean, row: BenchRow): BenchRow =>
    isJudged ? row : { name: row.name, value: row.value, target: `(${row.target})` };
  printBench('cuts', [
    { name: 'seconds', value: elapsedMs / 1_000, unit: 's' },
    { name: 'cuts', value: suffered.length },
    { name: 'outages', value: effects.map(({ outageMs }) => outageMs.toFixed(0)).join(' '), unit: 'ms' },
    exactly('resumes', atAgent.resumed, suffered.length),
    { name: 'resume time, p50', value: percentile(resumes, 0.5), unit: 'ms' },
    { name: 'resume time, p99', value: percentile(resumes, 0.99), unit: 'ms' },
    exactly('samples heard by the caller in order', atCaller.inOrder, atAgent.saidSamples),
    none('ticks repeated at the caller', ticks(atCaller.repeated)),
    none('ticks lost at the caller', ticks(atCaller.lost)),
    { name: 'longest gap at the caller', value: Math.max(0, ...effects.map(({ gapMs }) => gapMs)), unit: 'ms' },
    judged(
      steady,
      none('gap beyond the outage, ms', Math.max(0, ...effects.map(({ gapMs, outageMs }) => gapMs - outageMs))),
    ),
    judged(steady, none('gaps before the first cut', early)),
    { name: 'samples on the recording of the agent', value: atAgent.inOrder },
    none('ticks missing on it', ticks(atAgent.lost)),
    none('ticks repeated on it', ticks(atAgent.repeated)),
    none('silent ticks on it', ticks(atAgent.silent)),
    none('ticks missing by position, beyond those skipped', Math.max(0, ticks(atAgent.missing) - wheel.skippedTicks)),
    none('frames that overlap', atAgent.overlaps),
    { name: 'samples of it that were replayed', value: atAgent.replayedSamples },
    none('failures', atAgent.failure === undefined ? 0 : 1),
    // Those that the machine, not the network, left no time for: nobody is played them.
    { name: 'ticks skipped', value: wheel.skippedTicks },
    { name: 'worst tick lateness', value: wheel.maxLatenessMs, unit: 'ms' },
    { name: 'worst lateness of an idle process', value: idleWorstMs, unit: 'ms' },
  ]);
  if (atAgent.failure !== undefined) console.error(atAgent.failure);
} finally {
  if (agent.connected) agent.disconnect();
  await callSwitch.close();
  await server.close();
}

function ticks(samples: number): number {
  return Math.ceil(samples / 480);
}

function isReport(message: unknown): message is AgentReport {
  return typeof message === 'object' && message !== null && 'saidSamples' in message;
}

/** The first message of the child that fits. */
async function told(child: ChildProcess, fits: (message: unknown) => boolean, timeoutMs: number): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const take = (message: unknown): void => {
    if (fits(message)) resolve(message);
  };
  const onExit = (code: number | null): void => reject(new Error(`the agent's process ended with ${code}`));
  const timer = clock.setTimer(clock.now() + timeoutMs, () => reject(new Error('the agent says nothing')));
  child.on('message', take);
  child.once('exit', onExit);
  try {
    return await promise;
  } finally {
    timer.cancel();
    child.off('message', take);
    child.off('exit', onExit);
  }
}

async function until(condition: () => boolean, timeoutMs: number, what: string): Promise<void> {
  const deadline = clock.now() + timeoutMs;
  while (!condition()) {
    if (clock.now() > deadline) throw new Error(`not within ${timeoutMs / 1_000} s: ${what}`);
    await sleep(clock, 5);
  }
}
