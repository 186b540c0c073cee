import { AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { createVirtualClock } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { createMemoryNetwork } from '@agentao/transport/memory';
import { expect, it } from 'vitest';
import { createCountingPhones } from './counting-phones.ts';
import { createCountingEar, fillCounting } from './counting-signal.ts';

it('delivers every sample of two hundred calls at once, in order and once, both ways', async () => {
  const calls = 200;
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const network = createMemoryNetwork({ clock, latencyMs: 10 });
  const phones = createCountingPhones();
  const { key, stored } = createApiKey();
  const callSwitch = createSwitch({
    clock,
    legs: [phones],
    connectors: [{ uuid: 'many', numbers: ['+15559999'], keys: [stored] }],
  });
  const host = '127.0.0.1:7350';
  const server = network.listen({ host, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
  callSwitch.start();

  const config = AgenTaoClientConfig.sandbox({ apiKey: key, connectorUuid: 'many', baseUrl: `ws://${host}` });
  const client = new AgenTaoClient(config, { clock, transport: network.connect });
  const ears = new Set<ReturnType<typeof createCountingEar>>();
  client.on(events.INCOMING_CALL, async (call) => {
    const ear = createCountingEar();
    ears.add(ear);
    call.audio$().subscribe(({ samples }) => ear.hear(samples));
    await call.answer();
    const chunk = new Int16Array(2_400);
    for (let position = 0; position < 72_000; position += chunk.length) {
      fillCounting(chunk, position);
      await call.sendAudio(chunk, { wait: true });
    }
    await call.ended;
  });
  await clock.runUntil(Promise.all([client.connect(), callSwitch.whenReady('many')]), { maxMs: 5_000 });
  const dialled = Array.from({ length: calls }, (_, i) => phones.dial(`+1555${i}`, '+15559999'));
  await clock.advance(3_500);
  const atPhones = dialled.map(({ ear }) => ear.report());
  const atAgents = [...ears].map((ear) => ear.report());
  for (const phone of dialled) phone.hangUp();
  await clock.runUntil(Promise.all([callSwitch.close(), client.disconnect(), server.close()]), { maxMs: 5_000 });
  await clock.advance(3_000);

  expect(atPhones).toHaveLength(calls);
  for (const report of atPhones) expect(report).toMatchObject({ inOrder: 72_000, lost: 0, repeated: 0 });
  expect(atAgents).toHaveLength(calls);
  for (const report of atAgents) expect(report).toMatchObject({ lost: 0, repeated: 0, silent: 0, breaks: 0 });
  expect(Math.min(...atAgents.map(({ inOrder }) => inOrder))).toBeGreaterThan(72_000);
  expect([callSwitch.calls.length, network.connections().length]).toEqual([0, 0]);
});
