import { setFlagsFromString } from 'node:v8';
import { parseArgs } from 'node:util';
import { createSystemClock } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { createLiveServer } from '@agentao/testing/live';
import { listenWs } from '@agentao/transport/ws';
import { startAgentChild } from '../agent-child.ts';
import { type BenchRow, printBench } from '../bench-report.ts';
import { createListeningPhones, type ListeningPhone } from '../interrupt/listening-phones.ts';
import { waitUntil } from '../wait-until.ts';
import { type Footprint, footprint } from './footprint.ts';

// Calls of a voice agent, one after another and many at once, over real sockets and the SDK of Gemini: nothing of a call is left in
// the agent's process, nor in that of the switch and the model.
const { values } = parseArgs({
  options: { sequential: { type: 'string', default: '500' }, concurrent: { type: 'string', default: '100' } },
});
const sequential = Number(values.sequential);
const concurrent = Number(values.concurrent);
/** Until so many the engine itself grows by a kilobyte or two a call. */
const warmUp = 1_000;
/** How often many are placed at once. */
const rounds = 5;
/** A record of a call in a list would be more. */
const mostBytesPerCall = 512;

setFlagsFromString('--expose-gc');
// What V8 forgets of code that is not used, some megabytes once in a process, would hide what grows.
setFlagsFromString('--no-flush-bytecode');
const clock = createSystemClock(globalThis);
await using model = await createLiveServer({ rules: { rules: [{ say: 'Hi' }] }, thinkMs: 1 });
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
using agent = await startAgentChild(new URL('agent-process.ts', import.meta.url), {
  flags: ['--expose-gc', '--no-flush-bytecode'],
  env: {
    AGENTAO_MODE: 'sandbox',
    AGENTAO_API_KEY: apiKey.key,
    AGENTAO_CONNECTOR_UUID: connectorUuid,
    AGENTAO_BASE_URL: server.url,
    GOOGLE_GEMINI_BASE_URL: model.url,
  },
});
try {
  await sw.whenReady(connectorUuid);
  console.log(`${sequential} calls one after another, ${concurrent} at once, on ${server.url}`);
  let placed = 0;
  const call = (): ListeningPhone => phones.dial(`+1555${String(placed++).padStart(7, '0')}`, '+15559999');
  const held = async (): Promise<{ readonly agent: Footprint; readonly here: Footprint }> => {
    let last: Footprint & { readonly done: number };
    do last = await agent.ask<Footprint & { readonly done: number }>('footprint', 'heapBytes');
    while (last.done < placed);
    return { agent: last, here: await footprint() };
  };
  const one = async (): Promise<void> => {
    const phone = call();
    await waitUntil(clock, () => phone.lastSoundMs > 0, 'the greeting is heard');
    phone.hangUp();
  };
  console.log(`  ${warmUp} calls to warm up`);
  for (let i = 0; i < warmUp; i++) await one();
  const before = await held();
  let toldMs = clock.now();
  for (let i = 0; i < sequential; i++) {
    await one();
    if (clock.now() - toldMs < 10_000) continue;
    toldMs = clock.now();
    console.log(`  ${i + 1} calls`);
  }
  const after = await held();
  // Once, so that what grows with the most calls at once has grown.
  await manyAtOnce(call);
  const beforeMany = await held();
  for (let round = 0; round < rounds; round++) {
    await manyAtOnce(call);
    await waitUntil(clock, () => model.connections === 0, 'the conversations of a round are over');
  }
  const afterMany = await held();
  printBench('agents', [
    { name: 'calls', value: placed },
    { name: 'agent: heap', value: after.agent.heapBytes / 1e6, unit: 'MB' },
    ...rows('agent, a call after another', before.agent, after.agent, sequential),
    ...rows('switch and model, a call after another', before.here, after.here, sequential),
    ...rows(`agent, ${concurrent} at once`, beforeMany.agent, afterMany.agent, rounds * concurrent),
    ...rows(`switch and model, ${concurrent} at once`, beforeMany.here, afterMany.here, rounds * concurrent),
    {
      name: 'conversations that the model still has',
      value: model.connections,
      target: '0',
      ok: model.connections === 0,
    },
  ]);
} finally {
  await sw.close();
  await server.close();
}

async function manyAtOnce(call: () => ListeningPhone): Promise<void> {
  const all = Array.from({ length: concurrent }, call);
  await waitUntil(clock, () => all.every(({ lastSoundMs }) => lastSoundMs > 0), 'every greeting is heard');
  for (const phone of all) phone.hangUp();
}

function rows(name: string, from: Footprint, to: Footprint, calls: number): BenchRow[] {
  const bytes = (to.heapBytes - from.heapBytes) / calls;
  const none = (what: 'handles' | 'sockets'): BenchRow => {
    const more = to[what] - from[what];
    return { name: `${name}: more ${what}`, value: more, target: '<= 0', ok: more <= 0 };
  };
  const target = { target: `< ${mostBytesPerCall}`, ok: bytes < mostBytesPerCall };
  return [{ name: `${name}: heap`, value: bytes, unit: 'B a call', ...target }, none('handles'), none('sockets')];
}
