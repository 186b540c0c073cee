import { setFlagsFromString } from 'node:v8';
import { parseArgs } from 'node:util';
import { createSystemClock } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { createLiveServer } from '@agentao/testing/live';
import { listenWs } from '@agentao/transport/ws';
import { printBench } from '../bench-report.ts';
import { type CallPlan, measureAgent, type MeasuredAgent } from './measure-agent.ts';
import { createTalkingPhones } from './talking-phones.ts';

// Calls of voice agents, one after another and many at once, over real sockets and the SDKs of Gemini and the kit: nothing of a call is left in
// the agent's process, nor in that of the switch and the model.
const { values } = parseArgs({
  options: {
    sequential: { type: 'string', default: '500' },
    lanes: { type: 'string', default: '20' },
    concurrent: { type: 'string', default: '100' },
  },
});
const ofGemini: CallPlan = {
  // Until so many the engine itself grows by a kilobyte or two a call.
  warmUp: 1_000,
  sequential: Number(values.sequential),
  lanes: Number(values.lanes),
  concurrent: Number(values.concurrent),
  rounds: 5,
  // A record of a call in a list would be more.
  mostBytesPerCall: 512,
};
/** The kit takes several times as long for a call. */
const ofAdk: CallPlan = {
  ...ofGemini,
  warmUp: 200,
  sequential: 100,
  concurrent: 20,
  rounds: 5,
  mostBytesPerCall: 4_096,
};

setFlagsFromString('--expose-gc');
// What V8 forgets of code that is not used, some megabytes once in a process, would hide what grows.
setFlagsFromString('--no-flush-bytecode');
const clock = createSystemClock(globalThis);
const rules = [
  { hears: 'greet', say: 'Hi' },
  { hears: 'go', call: { name: 'look_up', args: { what: 'it' } } },
  { after: 'look_up', say: 'Ok' },
];
await using model = await createLiveServer({ rules: { rules }, thinkMs: 1 });
const phones = createTalkingPhones('go');
const connectors = ['+15559998', '+15559999'].map((number) => ({
  number,
  uuid: crypto.randomUUID(),
  apiKey: createApiKey(),
}));
const sw = createSwitch({
  clock,
  legs: [phones],
  connectors: connectors.map(({ uuid, number, apiKey }) => ({ uuid, numbers: [number], keys: [apiKey.stored] })),
});
const server = await listenWs({ clock, port: 0, onUpgrade: sw.onUpgrade, onRequest: sw.onRequest });
sw.start();
let placed = 0;

/** The agent in this file, at one of the connectors. */
function agentAt(index: number, { name, plan }: Pick<MeasuredAgent, 'name' | 'plan'>): MeasuredAgent {
  const connector = connectors[index];
  if (connector === undefined) throw new RangeError('there is no such connector');
  const { number, uuid, apiKey } = connector;
  return {
    name,
    plan,
    clock,
    file: new URL(`${name}-process.ts`, import.meta.url),
    env: {
      AGENTAO_MODE: 'sandbox',
      AGENTAO_API_KEY: apiKey.key,
      AGENTAO_CONNECTOR_UUID: uuid,
      AGENTAO_BASE_URL: server.url,
      GEMINI_API_KEY: 'any',
      GOOGLE_GEMINI_BASE_URL: model.url,
    },
    ready: () => sw.whenReady(uuid),
    dial: () => phones.dial(`+1555${String(placed++).padStart(7, '0')}`, number),
    conversations: () => model.connections,
  };
}

try {
  console.log(`calls to agents on ${server.url}`);
  const rows = [
    ...(await measureAgent(agentAt(0, { name: 'gemini', plan: ofGemini }))),
    ...(await measureAgent(agentAt(1, { name: 'adk', plan: ofAdk }))),
  ];
  printBench('agents', rows);
} finally {
  await sw.close();
  await server.close();
}
