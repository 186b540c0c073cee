import { tone } from '@agentao/audio';
import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { createSystemClock, sleep } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { openRecords } from '@agentao/switch/records';
import { createScriptedPhones } from '@agentao/switch/testing';
import { listenWs } from '@agentao/transport/ws';

// A switch, an agent and two phones in one process, which records calls into the folder given until it is killed. Each party speaks
// its own tone. Prints one line of JSON for each thing that a test waits for.

const [folder = '', calls = '1'] = process.argv.slice(2);
const clock = createSystemClock(globalThis);
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const write = (level: string) => (fields: object, message: string) => say({ log: level, message, ...fields });
const logger = { debug: () => undefined, info: () => undefined, warn: write('warn'), error: write('error') };

const phones = createScriptedPhones({ clock });
const { key, stored } = createApiKey();
const records = await openRecords({ folder, clock, logger });
const callSwitch = createSwitch({
  clock,
  legs: [phones],
  records,
  logger,
  connectors: [{ uuid: 'e2e', numbers: ['+15559999', '+15558888'], keys: [stored], recording: 'on' }],
});
const server = await listenWs({ clock, port: 0, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
callSwitch.start();

const config = AgenTaoClientConfig.sandbox({ apiKey: key, connectorUuid: 'e2e', baseUrl: server.url });
const client = new AgenTaoClient(config, { clock });
client.on(events.INCOMING_CALL, async (call) => {
  await call.answer();
  await call.connect({ ringTimeSeconds: 5 });
  await call.annotate('greeting', { said: 'hello' });
  say({ connected: call.callId });
  const speech = tone({ frequencyHz: 600, durationMs: 1_000, sampleRateHz: 24_000 });
  const beat = async (): Promise<void> => {
    for (let count = 0; call.state !== 'DISCONNECTED'; count++) {
      await call.annotate('beat', { count });
      await sleep(clock, 100);
    }
  };
  const speak = async (): Promise<void> => {
    while (call.state !== 'DISCONNECTED') await call.sendAudio(speech, { wait: true, signal: call.signal });
  };
  // They end with the call, by an error.
  await Promise.allSettled([beat(), speak()]);
});
await client.connect();
await callSwitch.whenReady('e2e');

const voice = (frequencyHz: number): Int16Array => tone({ frequencyHz, durationMs: 60_000, sampleRateHz: 24_000 });
for (let i = 0; i < Number(calls); i++) {
  const caller = phones.phone(`+1555000${i}`);
  const callee = phones.phone(i === 0 ? '+15559999' : '+15558888', { answerAfterMs: 100 });
  caller.dial(callee.number);
  await callee.until('answered');
  caller.say(voice(440));
  callee.say(voice(1_000));
}
const tellStats = (): void => {
  const [call] = callSwitch.calls;
  say({ atMs: call?.atMs, live: callSwitch.calls.length, ...records.stats() });
};
process.on('message', (message) => {
  if (message === 'hang up') for (const call of callSwitch.calls) call.end({ reason: 'hangup', by: 'caller' });
});
for (;;) {
  tellStats();
  await sleep(clock, 100);
  // What keeps the process alive while only timers are pending.
  process.channel?.ref();
}
