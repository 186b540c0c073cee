import { parseArgs } from 'node:util';
import { createSystemClock, sleep } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { listenWs } from '@agentao/transport/ws';
import { startAgentChild } from '../agent-child.ts';
import { type BenchRow, printBench } from '../bench-report.ts';
import { createSeededRandom } from '../cuts/seeded-random.ts';
import { startIdleBaseline } from '../idle-baseline.ts';
import { waitUntil } from '../wait-until.ts';
import type { AgentInterruption } from './agent-process.ts';
import { epochMs } from './epoch.ts';
import { createListeningPhones, type ListeningPhone } from './listening-phones.ts';
import { startTalkingServer, type TalkingSession } from './talking-server.ts';

// A model that has said much more than was heard is interrupted at random moments. How long is it heard? Switch, phones and the
// model's server are here, the agent with client, bridge and the SDK of Gemini in a process of its own, all over real sockets.
const { values } = parseArgs({
  options: {
    interrupts: { type: 'string', default: '200' },
    calls: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
});
const calls = Number(values.calls);
const perCall = Math.ceil(Number(values.interrupts) / calls);
const random = createSeededRandom(Number(values.seed));
const targetMs = 60;

/** One interruption, as epoch milliseconds. */
interface Interruption {
  readonly sentMs: number;
  toldMs: number;
  clearedMs: number;
  lastSoundMs: number;
}

/** A call that is interrupted. */
interface Line {
  readonly phone: ListeningPhone;
  readonly session: TalkingSession;
  readonly callId: string;
}

const clock = createSystemClock(globalThis);
using idle = startIdleBaseline();
await using model = await startTalkingServer();
const phones = createListeningPhones();
const apiKey = createApiKey();
const connectorUuid = crypto.randomUUID();
const sw = createSwitch({
  clock,
  legs: [phones],
  connectors: [{ uuid: connectorUuid, numbers: ['+15559999'], keys: [apiKey.stored] }],
});
const server = await listenWs({ clock, port: 0, onUpgrade: sw.onUpgrade, onRequest: sw.onRequest });
sw.start();
const underWay = new Map<string, Interruption>();
const callIds: string[] = [];
sw.onTimeline(({ kind, callId }) => {
  if (kind === 'arrived') callIds.push(callId);
  const interruption = underWay.get(callId);
  if (kind === 'cleared' && interruption !== undefined) interruption.clearedMs = epochMs();
});
using agent = await startAgentChild(new URL('agent-process.ts', import.meta.url), {
  env: {
    AGENTAO_MODE: 'sandbox',
    AGENTAO_API_KEY: apiKey.key,
    AGENTAO_CONNECTOR_UUID: connectorUuid,
    AGENTAO_BASE_URL: server.url,
    GOOGLE_GEMINI_BASE_URL: model.url,
  },
  onMessage: (message) => {
    const { callId, toldMs } = message as AgentInterruption;
    const interruption = underWay.get(callId);
    if (interruption !== undefined) interruption.toldMs = toldMs;
  },
});
try {
  await sw.whenReady(connectorUuid);
  console.log(`${perCall * calls} interrupts in ${calls} calls on ${server.url}, agent pid ${agent.pid}`);
  const lines: Line[] = [];
  for (let i = 0; i < calls; i++) {
    const phone = phones.dial(`+1555000${i}`, '+15559999');
    await waitUntil(clock, () => model.sessions.length > i, 'the model is opened');
    const session = model.sessions[i];
    if (session === undefined) throw new Error('no session');
    lines.push({ phone, session, callId: callIds[i] ?? '' });
  }
  await sleep(clock, 500);
  idle.reset();
  const all = (await Promise.all(lines.map((line) => interruptAll(line)))).flat();
  const idleWorstMs = await idle.worstLatenessMs();
  for (const { phone } of lines) phone.hangUp();

  const whole = all.map(({ sentMs, lastSoundMs }) => lastSoundMs - sentMs);
  const missing = all.filter(({ toldMs, clearedMs }) => toldMs === 0 || clearedMs === 0).length;
  printBench('interrupt', [
    { name: 'interrupts', value: all.length },
    { name: 'interrupts without a clear', value: missing, target: '0', ok: missing === 0 },
    ...percentiles('interrupted to silence', whole, targetMs),
    ...percentiles(
      '  model: server to bridge',
      all.map(({ sentMs, toldMs }) => toldMs - sentMs),
    ),
    ...percentiles(
      '  bridge and client: told to cleared at the switch',
      all.map(({ toldMs, clearedMs }) => clearedMs - toldMs),
    ),
    ...percentiles(
      '  switch: cleared to the last sample at the ear',
      all.map(({ clearedMs, lastSoundMs }) => lastSoundMs - clearedMs),
    ),
    { name: 'worst lateness of an idle process', value: idleWorstMs, unit: 'ms' },
  ]);
} finally {
  await sw.close();
  await server.close();
}

async function interruptAll(line: Line): Promise<Interruption[]> {
  const done: Interruption[] = [];
  for (let i = 0; i < perCall; i++) {
    line.session.talk(20);
    await waitUntil(clock, () => line.phone.lastSoundMs > (done.at(-1)?.lastSoundMs ?? 0) + 100, 'the model is heard');
    // Ticks and credits are hit anywhere.
    await sleep(clock, 300 + random() * 500);
    const interruption: Interruption = { sentMs: line.session.interrupt(), toldMs: 0, clearedMs: 0, lastSoundMs: 0 };
    underWay.set(line.callId, interruption);
    await sleep(clock, 250);
    interruption.lastSoundMs = line.phone.lastSoundMs;
    done.push(interruption);
  }
  return done;
}

function percentiles(name: string, valuesMs: readonly number[], p99TargetMs?: number): BenchRow[] {
  const sorted = valuesMs.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const p99 = at(0.99);
  const target = p99TargetMs === undefined ? {} : { target: `<= ${p99TargetMs}`, ok: p99 <= p99TargetMs };
  return [
    { name: `${name}, p50`, value: at(0.5), unit: 'ms' },
    { name: `${name}, p99`, value: p99, unit: 'ms', ...target },
  ];
}
