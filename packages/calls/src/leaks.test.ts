import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { take } from 'rxjs';
import { expect, it } from 'vitest';
import type { ActiveCall } from './active-call.ts';
import { events } from './events.ts';
import { type Bench, createBench } from './testing/bench.ts';

const tone = new Int16Array(2_400).fill(1_000);

/** A conversation that touches all that a call has, and leaves some of it unfinished. */
async function converse(call: ActiveCall, signal: AbortSignal): Promise<void> {
  call.on(events.CALL_TERMINATED, () => undefined);
  call.state$.subscribe();
  call.events$.subscribe();
  call.audio$({ party: 'caller' }).pipe(take(1)).subscribe();
  void call.audioStream({ signal })[Symbol.asyncIterator]().next();
  await call.answer();
  void call.play(tone, { signal });
  void call.sendAudio(tone, { wait: true, signal });
  await call.clearSendAudioBuffer();
  void call.connect({ signal });
  await call.play(tone, { signal });
  await call.whisper();
  void call.barge();
  void call.spy({ afterPlayout: true });
  void call.sendAudio(tone);
  void call.waitForPlayout({ timeoutMs: 3_600_000 });
  void call.setContext({ step: 1 });
  await call.ended;
}

/** Places calls one after another, with four of five kinds of ends, and keeps only weak references. */
async function placeCalls(bench: Bench, count: number): Promise<WeakRef<ActiveCall>[]> {
  const refs: WeakRef<ActiveCall>[] = [];
  for (let i = 0; i < count; i++) {
    const peer = bench.peer.offer({ callId: `leak-${i}` });
    await bench.pass();
    const call = bench.client.getCall(`leak-${i}`);
    if (call === undefined) throw new Error(`call ${i} did not come`);
    refs.push(new WeakRef(call));
    await bench.pass(150);
    if (i % 5 === 0) peer.cut();
    else if (i % 5 === 1) void call.disconnect();
    else if (i % 5 === 2) void call.close();
    else if (i % 5 === 3) void call.forceDisconnect();
    else peer.terminate('hangup', 'caller');
    await bench.pass(i % 5 === 0 ? 12_000 : 10);
    if (call.state !== 'DISCONNECTED') throw new Error(`call ${i} did not end`);
    bench.peer.calls.length = 0;
    bench.log.length = 0;
  }
  return refs;
}

it('a thousand calls leave nothing on the client: no call, timer, listener or connection', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const bench = createBench();
  const abort = new AbortController();
  const { signal } = abort;
  const signals = (): number[] => ['SIGINT', 'SIGTERM'].map((name) => process.listenerCount(name));
  const before = signals();
  bench.client.on(events.INCOMING_CALL, (call) => converse(call, signal));
  const running = bench.client.runForever({ signal });
  await bench.pass();
  const timers = bench.clock.pendingTimers;
  const listeners = getEventListeners(signal, 'abort').length;
  const refs = await placeCalls(bench, 1_000);
  await bench.pass(1_000);
  expect(bench.clock.pendingTimers).toBe(timers);
  expect(getEventListeners(signal, 'abort')).toHaveLength(listeners);
  expect(signals()).toEqual(before.map((count) => count + 1));
  expect(bench.network.connections()).toHaveLength(1);
  for (let i = 0; i < 1_000; i++) expect(bench.client.getCall(`leak-${i}`)).toBeUndefined();
  collectGarbage();
  await bench.pass();
  collectGarbage();
  const alive = refs.filter((ref) => ref.deref() !== undefined).length;
  expect(alive, 'the newest may still be on a stack').toBeLessThan(20);
  await bench.client.disconnect();
  await bench.until(running);
  expect(signals()).toEqual(before);
});
