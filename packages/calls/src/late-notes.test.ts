import { sleep } from '@agentao/clock';
import { closeCodes, limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import type { ActiveCall } from './active-call.ts';
import { WSSCallClosedError } from './errors.ts';
import { CallEvent, ClientEvent } from './events.ts';
import { type Bench, createBench } from './testing/bench.ts';
import type { ScriptedCall } from './testing/scripted-call.ts';

type Handler = (call: ActiveCall) => unknown;

/** A call with this handler, and the switch's end of it. */
async function callWith(bench: Bench, handler: Handler): Promise<ScriptedCall> {
  bench.client.on(ClientEvent.INCOMING_CALL, handler);
  await bench.until(bench.client.connect());
  const peer = bench.peer.offer();
  await bench.pass();
  return peer;
}

/** The caller hangs up, and the switch leaves the connection open. */
async function end(bench: Bench, peer: ScriptedCall): Promise<void> {
  peer.event({ type: 'call.terminated', reason: 'hangup', by: 'caller' });
  await bench.pass();
}

const notes = (peer: ScriptedCall): unknown[] => peer.sent('annotate').map(({ data }) => data);

describe('after the end of a call', () => {
  it('its handler may add to the record while it is at work, and the connection is closed when it is done', async () => {
    const bench = createBench();
    const outcomes: unknown[] = [];
    const peer = await callWith(bench, async (call) => {
      const { reason } = await call.ended;
      await sleep(bench.clock, 3_000);
      outcomes.push(await call.annotate('summary', { reason }));
      await sleep(bench.clock, 1_000);
      outcomes.push(await call.annotate('summary', 'more'));
    });
    await end(bench, peer);
    await bench.pass(2_900);
    expect(peer.closedWith).toBeUndefined();
    await bench.pass(200);
    expect(notes(peer)).toEqual([{ reason: 'hangup' }]);
    expect(peer.closedWith).toBeUndefined();
    await bench.pass(1_000);
    expect(notes(peer)).toEqual([{ reason: 'hangup' }, 'more']);
    expect(outcomes).toEqual([undefined, undefined]);
    expect(peer.closedWith).toBe(closeCodes.NORMAL.code);
    expect(bench.network.connections()).toHaveLength(1);
  });

  it('so may an asynchronous handler of its events, and whoever is told of the end, before it goes on to wait', async () => {
    const bench = createBench();
    const peer = await callWith(bench, (call) => {
      call.on(CallEvent.CALL_TERMINATED, async () => {
        await sleep(bench.clock, 2_000);
        await call.annotate('note', 'event');
      });
      void call.ended.then(() => call.annotate('note', 'ended'));
    });
    await end(bench, peer);
    expect(notes(peer)).toEqual(['ended']);
    await bench.pass(2_100);
    expect(notes(peer)).toEqual(['ended', 'event']);
    expect(peer.closedWith).toBe(closeCodes.NORMAL.code);
  });

  it('nobody being at work, the connection is closed at once, and an annotation comes too late', async () => {
    const bench = createBench();
    let told: ActiveCall | undefined;
    const peer = await callWith(bench, (call) => {
      told = call;
    });
    await end(bench, peer);
    expect(peer.closedWith).toBe(closeCodes.NORMAL.code);
    await expect(told?.annotate('note', 1)).rejects.toThrow(WSSCallClosedError);
    expect(notes(peer)).toEqual([]);
  });

  it('a handler that does not end has five seconds', async () => {
    const bench = createBench();
    const late = Promise.withResolvers<unknown>();
    const peer = await callWith(bench, async (call) => {
      await call.ended;
      await sleep(bench.clock, limits.lateAnnotateMs + 1);
      call.annotate('note', 1).then(late.resolve, late.resolve);
      await new Promise(() => undefined);
    });
    await end(bench, peer);
    await bench.pass(limits.lateAnnotateMs - 1);
    expect(peer.closedWith).toBeUndefined();
    await bench.pass(1);
    expect(peer.closedWith).toBe(closeCodes.NORMAL.code);
    expect(await bench.until(late.promise)).toBeInstanceOf(WSSCallClosedError);
  });

  it('a switch that closes at once ends it: what has no answer rejects', async () => {
    const bench = createBench();
    const outcome = Promise.withResolvers<unknown>();
    const peer = await callWith(bench, async (call) => {
      await call.ended;
      await call.annotate('note', 1).catch(outcome.resolve);
    });
    peer.onCommand = () => 'silence';
    peer.terminate('hangup', 'caller');
    expect(await bench.until(outcome.promise)).toBeInstanceOf(WSSCallClosedError);
    await bench.pass(20_000);
    expect(bench.network.connections()).toHaveLength(1);
  });

  it('an annotation that was under way when the call ended keeps its answer', async () => {
    const bench = createBench({ latencyMs: 50 });
    const outcome = Promise.withResolvers<unknown>();
    const { call, peer } = await bench.call();
    peer.event({ type: 'call.terminated', reason: 'hangup', by: 'caller' });
    call.annotate('note', 1).then(() => outcome.resolve('noted'), outcome.resolve);
    expect(await bench.until(outcome.promise)).toBe('noted');
  });

  it('everything else is over at once, and what the switch may still send changes nothing', async () => {
    const bench = createBench();
    const told: string[] = [];
    let call: ActiveCall | undefined;
    const peer = await callWith(bench, async (given) => {
      call = given;
      given.events$.subscribe(({ type }) => told.push(type));
      await sleep(bench.clock, 4_000);
    });
    await end(bench, peer);
    peer.event({ type: 'call.answered' });
    peer.send({ type: 'credit', generation: 0, upTo: 1_000_000 });
    peer.send({ type: 'playout', generation: 0, played: 0, audible: true, atMs: 1 });
    peer.hear('mix', 0, new Int16Array(480));
    await bench.pass(100);
    expect(call?.state).toBe('DISCONNECTED');
    expect(call?.signal.aborted).toBe(true);
    expect(bench.client.getCall('call-1')).toBeUndefined();
    expect(told).toEqual(['call.terminated']);
    await expect(call?.setContext(1)).rejects.toThrow(WSSCallClosedError);
    await expect(call?.sendDtmf('1')).rejects.toThrow(WSSCallClosedError);
    await expect(call?.sendAudio(new Int16Array(480))).rejects.toThrow('ended');
    expect(peer.closedWith).toBeUndefined();
  });

  it('forceDisconnect leaves no time for it', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    await call.forceDisconnect();
    await expect(call.annotate('note', 1)).rejects.toThrow(WSSCallClosedError);
    await bench.pass();
    expect(peer.closedWith).toBe(closeCodes.FORCE_DISCONNECT.code);
  });

  it('a lost connection is not opened again for it', async () => {
    const bench = createBench();
    const peer = await callWith(bench, async (call) => {
      await call.ended;
      await sleep(bench.clock, 4_000);
    });
    await end(bench, peer);
    peer.cut();
    await bench.pass(20_000);
    expect(bench.network.connections()).toHaveLength(1);
  });

  it('drain waits for it', async () => {
    const bench = createBench();
    const peer = await callWith(bench, async (call) => {
      await call.ended;
      await sleep(bench.clock, 3_000);
      await call.annotate('note', 1);
    });
    await end(bench, peer);
    await bench.until(bench.client.drain());
    expect(notes(peer)).toEqual([1]);
  });
});
