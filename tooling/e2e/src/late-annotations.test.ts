import { type ActiveCall, AgenTaoClient, ClientEvent, WSSCallClosedError } from '@agentao/calls';
import { sleep } from '@agentao/clock';
import { createMemoryRecords, type MemoryRecords } from '@agentao/switch/testing';
import { expect, it } from 'vitest';
import { calleeNumber, openVirtualSwitch, type VirtualSwitch } from './virtual-switch.ts';

/** A switch with records, and a call of this handler on it that its caller can leave. */
async function callWith(handler: (call: ActiveCall, test: VirtualSwitch) => Promise<void>) {
  const records: MemoryRecords = createMemoryRecords();
  const test = openVirtualSwitch({ latencyMs: 30, records });
  const client = new AgenTaoClient(test.config(), { clock: test.clock, transport: test.network.connect });
  client.on(ClientEvent.INCOMING_CALL, (call) => handler(call, test));
  await test.settled(client.connect());
  await test.whenReady();
  const caller = test.phones.phone('+15550001');
  test.phones.phone(calleeNumber, { answerAfterMs: 500 });
  caller.dial(calleeNumber);
  await test.settled(caller.until('answered'));
  const media = (): number => test.network.connections().filter(({ url }) => url.endsWith('/media')).length;
  const notes = (): readonly string[] =>
    records.changes.flatMap((change) => (change.type === 'annotation' ? [change.data] : []));
  return { test, client, caller, media, notes };
}

it('what a handler adds after the hang-up is in the record, and its connection is gone when it is done', async () => {
  const { test, client, caller, media, notes } = await callWith(async (call, { clock }) => {
    await call.answer();
    const { reason } = await call.ended;
    await sleep(clock, 3_000);
    await call.annotate('summary', { reason });
  });
  caller.hangUp();
  await test.clock.advance(2_000);
  expect([media(), notes()]).toEqual([1, []]);
  await test.clock.advance(1_300);
  expect([media(), notes()]).toEqual([0, ['{"reason":"hangup"}']]);
  await client.disconnect();
  await test[Symbol.asyncDispose]();
});

it('both sides drain without losing it: the switch at its deadline, the client as it stops', async () => {
  const { test, client, notes } = await callWith(async (call, { clock }) => {
    await call.connect();
    await call.ended;
    await sleep(clock, 1_000);
    await call.annotate('summary', 'late');
  });
  await test.clock.advance(1_000);
  const drained = Promise.all([test.callSwitch.drain({ timeoutMs: 500 }), client.drain()]);
  await test.settled(drained);
  expect(notes()).toEqual(['"late"']);
  await test[Symbol.asyncDispose]();
});

it('what comes later than five seconds after the end is refused on this side, and in no record', async () => {
  const outcome = Promise.withResolvers<unknown>();
  const { test, client, caller, media, notes } = await callWith(async (call, { clock }) => {
    await call.answer();
    await call.ended;
    await sleep(clock, 5_100);
    await call.annotate('summary', 1).catch(outcome.resolve);
  });
  caller.hangUp();
  expect(await test.settled(outcome.promise)).toBeInstanceOf(WSSCallClosedError);
  await test.clock.advance(100);
  expect([media(), notes()]).toEqual([0, []]);
  await client.disconnect();
  await test[Symbol.asyncDispose]();
});
