import { limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createMemoryRecords } from '../testing/memory-records.ts';
import { attachCall, placeCall, type TestCall } from './test-call.ts';
import { createTestSwitch, type RawPeer, type TestSwitch } from './test-switch.ts';

/** An answered call whose agent has asked to annotate after the end. */
async function askingCall(test: TestSwitch): Promise<TestCall> {
  const call = await placeCall(test);
  const media = await test.open('media', call.token);
  media.send({ type: 'attach', sampleRateHz: 24_000, annotateAfterEnd: true });
  await media.next('attached');
  media.send({ type: 'answer', id: 1 });
  await media.next('response');
  return { ...call, media };
}

/** The caller hangs up, and the agent is told. */
async function hangUp({ caller, media }: TestCall): Promise<void> {
  caller.send({ type: 'hangup' });
  for (;;) {
    const { event } = await media.next('event');
    if (event.type === 'call.terminated') return;
  }
}

function annotate(media: RawPeer, id: number, data: unknown = id): void {
  media.send({ type: 'annotate', id, kind: 'summary', data });
}

describe('an agent that asked to annotate after the end', () => {
  it('is answered, and what it adds is in the record of the call', async () => {
    const records = createMemoryRecords();
    const test = createTestSwitch({ records });
    const call = await askingCall(test);
    await hangUp(call);
    await test.clock.advance(4_900);
    annotate(call.media, 7, { said: 'late' });
    expect(await call.media.next('response')).toMatchObject({ id: 7, ok: true, result: {} });
    const added = records.changes.filter((change) => change.type === 'annotation');
    expect(added).toMatchObject([{ callId: call.callId, kind: 'summary', data: '{"said":"late"}' }]);
  });

  it('has the connection closed with NORMAL five seconds after the end, alive or not, and no later', async () => {
    const test = createTestSwitch();
    const call = await askingCall(test);
    await hangUp(call);
    await test.clock.advance(limits.lateAnnotateMs - 100);
    expect(call.media.closed).toBeUndefined();
    await test.clock.advance(200);
    expect(call.media.closed?.code).toBe(1000);
  });

  it('leaves nothing when it closes the connection itself', async () => {
    const test = createTestSwitch();
    const call = await askingCall(test);
    call.control.send({ type: 'ready', ready: false });
    const timers = test.clock.pendingTimers;
    await hangUp(call);
    call.media.socket.close(1000);
    await test.clock.advance(100);
    expect(test.clock.pendingTimers).toBeLessThan(timers);
    const paths = test.network.connections().map(({ url }) => new URL(url).pathname);
    expect(paths.filter((path) => path === '/media')).toEqual([]);
  });

  it('gets CALL_ENDED for any other command, the same answer for a repeat, and its audio and marks go nowhere', async () => {
    const test = createTestSwitch();
    const call = await askingCall(test);
    await hangUp(call);
    const { media } = call;
    media.send({ type: 'dtmf', id: 2, digits: '1' });
    media.send({ type: 'close', id: 3 });
    annotate(media, 4);
    annotate(media, 4, 'another');
    media.send({ type: 'answer', id: 1 });
    media.send({ type: 'mark', position: 0 });
    media.sendFrame({ position: 12_345 }, new Int16Array(4_800));
    await test.clock.advance(100);
    const responses = media.messages.flatMap((message) =>
      message.type === 'response' ? [[message.id, message.ok || message.error.code]] : [],
    );
    expect(responses).toEqual([
      [1, true],
      [2, 'CALL_ENDED'],
      [3, 'CALL_ENDED'],
      [4, true],
      [4, true],
      [1, true],
    ]);
    expect(media.messages.at(-1)?.type).toBe('response');
    expect(media.closed).toBeUndefined();
  });

  it('adds on the account of the call: beyond a quarter of a mebibyte it is refused', async () => {
    const test = createTestSwitch();
    const call = await askingCall(test);
    await hangUp(call);
    for (let id = 2; id <= 18; id++) annotate(call.media, id, 'x'.repeat(limits.annotationBytes - 2));
    await test.clock.advance(100);
    const answers = call.media.messages.flatMap((message) => (message.type === 'response' ? [message] : []));
    expect(answers.filter(({ ok }) => !ok)).toHaveLength(2);
    expect(answers.at(-1)).toMatchObject({ id: 18, ok: false, error: { code: 'BAD_ARGUMENT' } });
  });

  it('may do so also when it has left a call that goes on, and disturbs nobody who has it then', async () => {
    const records = createMemoryRecords();
    const test = createTestSwitch({ records });
    const call = await askingCall(test);
    call.media.send({ type: 'connect', id: 2, ringTimeMs: 10_000, mode: 'barge' });
    await call.callee.next('incoming');
    call.callee.send({ type: 'answer' });
    await call.media.next('response');
    call.media.send({ type: 'close', id: 3 });
    expect(await call.media.next('response')).toMatchObject({ id: 3, ok: true });
    annotate(call.media, 4);
    expect(await call.media.next('response')).toMatchObject({ id: 4, ok: true });
    await test.clock.advance(6_000);
    expect(call.media.closed?.code).toBe(1000);
    expect(test.sw.calls).toHaveLength(1);
    expect(records.changes.filter(({ type }) => type === 'annotation')).toHaveLength(1);
  });

  it('is offered another call at once: its place is free when its part is over', async () => {
    const test = createTestSwitch();
    const control = await test.openControl({ maxCalls: 1 });
    const first = await placeCall(test, { control });
    const media = await test.open('media', first.token);
    media.send({ type: 'attach', sampleRateHz: 24_000, annotateAfterEnd: true });
    await media.next('attached');
    first.caller.send({ type: 'hangup' });
    await test.clock.advance(10);
    expect(media.closed).toBeUndefined();
    await placeCall(test, { control });
  });

  it('that comes back after the end finds what is left of the five seconds; a connection still there is displaced', async () => {
    const test = createTestSwitch();
    const call = await askingCall(test);
    const token = call.media.messages.find((message) => message.type === 'attached')?.resumeToken ?? '';
    call.media.connection.halfOpen();
    call.caller.send({ type: 'hangup' });
    await test.clock.advance(1_000);
    const back = await test.open('media', token);
    back.send({ type: 'resume', received: {}, lastEventSeq: 1, generation: 0 });
    expect(await back.next('resumed')).toMatchObject({ state: 'DISCONNECTED' });
    expect(await back.next('event')).toMatchObject({ event: { type: 'call.terminated' } });
    annotate(back, 2);
    expect(await back.next('response')).toMatchObject({ id: 2, ok: true });
    await test.clock.advance(3_800);
    expect(back.closed).toBeUndefined();
    await test.clock.advance(400);
    expect(back.closed?.code).toBe(1000);
  });

  it('is closed with 4401 when its key is revoked, and with NORMAL when the switch stops', async () => {
    const test = createTestSwitch();
    const revoked = await askingCall(test);
    await hangUp(revoked);
    const { keyId } = test.key.stored;
    test.sw.revokeKey(keyId);
    expect((await revoked.media.end()).code).toBe(4401);

    const other = createTestSwitch();
    const stopped = await askingCall(other);
    await hangUp(stopped);
    await other.sw.close();
    expect((await stopped.media.end()).code).toBe(1000);
  });

  it('is waited for by a drain, for as long as it may annotate', async () => {
    const test = createTestSwitch();
    const call = await askingCall(test);
    let drained = false;
    void test.sw.drain({ timeoutMs: 1_000 }).then(() => {
      drained = true;
    });
    await test.clock.advance(3_000);
    expect(
      call.media.messages.some((message) => message.type === 'event' && message.event.type === 'call.terminated'),
    ).toBe(true);
    expect(drained).toBe(false);
    annotate(call.media, 2);
    call.media.socket.close(1000);
    await test.clock.advance(10);
    expect(drained).toBe(true);
  });
});

it('an agent that did not ask is told the end and closed at once', async () => {
  const test = createTestSwitch();
  const call = await attachCall(test);
  call.caller.send({ type: 'hangup' });
  await test.clock.advance(0);
  expect(call.media.closed?.code).toBe(1000);
});
