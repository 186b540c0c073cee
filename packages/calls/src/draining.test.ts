import { getEventListeners } from 'node:events';
import { closeCodes } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { WSSAuthenticationError } from './errors.ts';
import { events } from './events.ts';
import { createBench } from './testing/bench.ts';

/** Runs `act` and gives how many listeners the process has for a signal. */
const listeners = (name: NodeJS.Signals): number => process.listenerCount(name);

describe('drain', () => {
  it('takes no new calls, waits for the running ones, and disconnects', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const draining = bench.client.drain();
    await bench.pass();
    expect(bench.peer.session.ready).toBe(false);
    bench.peer.offer();
    await bench.pass(5000);
    expect(bench.peer.session.declined).toEqual(['offer-2']);
    await bench.until(call.answer());
    peer.terminate('hangup', 'caller');
    await bench.until(draining);
    await bench.pass();
    expect(bench.peer.session.closedWith).toBe(closeCodes.NORMAL.code);
    expect(peer.sent('close')).toEqual([]);
  });

  it('hands over what still runs after its deadline', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    await bench.until(call.answer());
    const startMs = bench.clock.now();
    await bench.until(bench.client.drain({ timeoutMs: 3000 }));
    expect(bench.clock.now() - startMs).toBe(3000);
    expect(peer.sent('close')).toMatchObject([{ handOver: true }]);
    expect(await call.ended).toEqual({ reason: 'left', by: 'agent' });
    await bench.pass(2000);
    expect(bench.network.connections()).toEqual([]);
  });

  it('gives up an offer it is just accepting', async () => {
    const bench = createBench();
    bench.client.on(events.INCOMING_CALL, () => undefined);
    await bench.until(bench.client.connect());
    const peer = bench.peer.offer();
    peer.mute = true;
    await bench.pass();
    await bench.until(bench.client.drain());
    await bench.pass();
    expect(peer.closedWith).toBe(closeCodes.NORMAL.code);
  });

  it('is idempotent, and a client that connects again takes calls again', async () => {
    const bench = createBench();
    bench.client.on(events.INCOMING_CALL, () => undefined);
    await bench.until(bench.client.connect());
    await bench.until(Promise.all([bench.client.drain(), bench.client.drain()]));
    await bench.until(bench.client.connect());
    await bench.pass();
    expect(bench.peer.session.ready).toBe(true);
  });
});

describe('a drain that a connect follows', () => {
  it.each([0, 1, 2])('is called off, and leaves the %i calls and the new connection alone', async (calls) => {
    const bench = createBench();
    const running = [];
    for (let i = 0; i < calls; i++) running.push(await bench.call());
    await bench.until(bench.client.connect());
    const drained = bench.client.drain({ timeoutMs: 5_000 });
    await bench.client.disconnect();
    const connecting = bench.client.connect();
    await bench.until(drained);
    await bench.until(connecting);
    expect(bench.clock.now()).toBe(0);
    await bench.pass(10_000);
    expect(bench.peer.session.closedWith).toBeUndefined();
    expect(running.map(({ call }) => call.state)).toEqual(running.map(() => 'PENDING'));
    await bench.until(bench.client.drain({ timeoutMs: 1_000 }));
    expect(bench.clock.now()).toBe(calls > 0 ? 11_000 : 10_000);
    expect(bench.peer.session.closedWith).toBe(closeCodes.NORMAL.code);
  });

  it('is called off while it hands over', async () => {
    const bench = createBench();
    const { peer } = await bench.call();
    peer.onCommand = () => 'silence';
    const drained = bench.client.drain({ timeoutMs: 1_000 });
    await bench.pass(2_000);
    await bench.client.disconnect();
    await bench.until(bench.client.connect());
    await bench.until(drained);
    await bench.pass(1_000);
    expect(bench.peer.session.closedWith).toBeUndefined();
  });
});

describe('a client that is disposed of', () => {
  it('waits for its calls, as drain does', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const disposed = bench.client[Symbol.asyncDispose]();
    let over = false;
    void disposed.then(() => (over = true));
    await bench.pass(29_000);
    expect([call.state, over]).toEqual(['PENDING', false]);
    peer.terminate('hangup', 'caller');
    await bench.until(disposed);
    expect(bench.clock.now()).toBe(29_000);
  });
});

describe('runForever', () => {
  it('connects, and runs until disconnected', async () => {
    const bench = createBench();
    const running = bench.client.runForever({ signals: false });
    await bench.pass(1000);
    expect(bench.peer.sessions).toHaveLength(1);
    await bench.client.disconnect();
    await bench.until(running);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'drains on %s, ends at once on the second, and removes what it installed',
    async (name) => {
      const before = listeners(name);
      const bench = createBench();
      const { call, peer } = await bench.call();
      const running = bench.client.runForever();
      await bench.pass();
      expect(listeners(name)).toBe(before + 1);
      process.emit(name, name);
      await bench.pass(10_000);
      expect(call.state).toBe('PENDING');
      expect(bench.peer.session.ready).toBe(false);
      peer.onCommand = () => 'silence';
      process.emit(name, name);
      await bench.until(running);
      expect(bench.clock.now()).toBe(10_000);
      await bench.pass();
      expect(peer.sent('close')).toHaveLength(1);
      expect(listeners(name)).toBe(before);
    },
  );

  it('drains when its signal aborts, with the deadline it was given', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    const before = listeners('SIGINT');
    const abort = new AbortController();
    const running = bench.client.runForever({ signals: false, signal: abort.signal, drainTimeoutMs: 500 });
    await bench.pass();
    expect(listeners('SIGINT')).toBe(before);
    const startMs = bench.clock.now();
    abort.abort();
    await bench.until(running);
    expect(bench.clock.now() - startMs).toBe(500);
    expect(call.state).toBe('DISCONNECTED');
  });

  it('rejects when the connection is closed for good, once no call runs any more', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    let over = false;
    const running = bench.client.runForever({ signals: false }).catch((error: unknown) => {
      over = true;
      return error;
    });
    bench.peer.session.close('UNAUTHENTICATED');
    await bench.pass(5000);
    expect(over).toBe(false);
    await bench.until(call.answer());
    peer.terminate('hangup', 'caller');
    expect(await bench.until(running)).toBeInstanceOf(WSSAuthenticationError);
  });

  it('waits for the end of its drain when the connection is closed for good meanwhile', async () => {
    const bench = createBench();
    const { call } = await bench.call();
    const abort = new AbortController();
    const running = bench.client.runForever({ signals: false, signal: abort.signal, drainTimeoutMs: 3_000 });
    await bench.pass();
    abort.abort();
    bench.peer.session.close('UNAUTHENTICATED');
    await bench.until(running);
    expect([bench.clock.now(), call.state]).toEqual([3_000, 'DISCONNECTED']);
  });

  it('rejects when it cannot connect, and removes what it installed', async () => {
    const before = listeners('SIGTERM');
    const bench = createBench();
    bench.peer.refusal = { status: 401, code: 'UNAUTHENTICATED', message: 'no' };
    await expect(bench.until(bench.client.runForever())).rejects.toBeInstanceOf(WSSAuthenticationError);
    expect(listeners('SIGTERM')).toBe(before);
  });

  it('that is told to stop while it connects, or before, ends without an error and leaves nothing open', async () => {
    const bench = createBench({ latencyMs: 100 });
    const before = listeners('SIGTERM');
    const running = bench.client.runForever();
    await bench.pass(150);
    process.emit('SIGTERM', 'SIGTERM');
    await bench.until(running);
    await bench.pass(1_000);
    expect(bench.network.connections()).toEqual([]);
    expect(listeners('SIGTERM')).toBe(before);

    const aborted = createBench();
    await aborted.until(aborted.client.runForever({ signals: false, signal: AbortSignal.abort() }));
    expect(aborted.peer.sessions).toEqual([]);
  });

  it('that is disconnected while it connects ends without an error', async () => {
    const bench = createBench({ latencyMs: 100 });
    const running = bench.client.runForever({ signals: false });
    await bench.pass(150);
    await bench.client.disconnect();
    await bench.until(running);
  });

  it('runs on while the connection comes and goes, and leaves a signal that never aborted without a listener', async () => {
    const bench = createBench();
    const abort = new AbortController();
    const running = bench.client.runForever({ signals: false, signal: abort.signal });
    let over = false;
    void running.then(() => (over = true));
    for (let loss = 0; loss < 5; loss++) {
      await bench.pass(20_000);
      bench.peer.session.cut();
    }
    await bench.pass(20_000);
    expect([bench.peer.sessions.length, over]).toEqual([6, false]);
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1);
    await bench.client.disconnect();
    await bench.until(running);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses a deadline of %d, as drain does', async (timeoutMs) => {
    const { client, peer } = createBench();
    await expect(client.runForever({ drainTimeoutMs: timeoutMs })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(client.drain({ timeoutMs })).rejects.toThrow('timeoutMs');
    expect(peer.sessions).toEqual([]);
  });
});
