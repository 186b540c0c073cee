import type { MonitorSwitchMessage } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createTestDoor, type TestDoor } from '../session/test-door.ts';
import { createTestPageLife, type TestPageLife } from '../socket/test-page-life.ts';
import { createTestSockets, type TestSockets } from '../socket/test-socket.ts';
import { createTestTime, type TestTime } from '../socket/test-time.ts';
import { createMonitor } from './create-monitor.ts';
import type { Monitor } from './monitor.ts';
import { testCall } from './test-call.ts';

interface Bench {
  readonly time: TestTime;
  readonly door: TestDoor;
  readonly life: TestPageLife;
  readonly sockets: TestSockets;
  readonly monitor: Monitor;
  /** How often the state has changed. */
  readonly changes: number;
  hear(...messages: MonitorSwitchMessage[]): void;
  /** What the newest socket was asked to watch, in order. */
  watched(): readonly (readonly string[])[];
  connect(...calls: readonly string[]): Promise<void>;
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

function createBench(): Bench {
  const time = createTestTime();
  const door = createTestDoor();
  const life = createTestPageLife();
  const sockets = createTestSockets();
  const monitor = createMonitor({ door, time, pageLife: life, openSocket: sockets.open, random: () => 0.5 });
  let changes = 0;
  monitor.subscribe(() => changes++);
  const hear = (...messages: MonitorSwitchMessage[]): void => {
    for (const message of messages) sockets.last.receive(message);
  };
  return {
    time,
    door,
    life,
    sockets,
    monitor,
    get changes() {
      return changes;
    },
    hear,
    watched: () => sockets.last.sent('watch').map(({ callIds }) => callIds),
    connect: async (...calls) => {
      await settle();
      sockets.last.accept();
      hear({ type: 'snapshot', calls: calls.map(testCall) });
    },
  };
}

async function connected(...calls: readonly string[]): Promise<Bench> {
  const bench = createBench();
  await bench.connect(...calls);
  return bench;
}

const ended = (callId: string): MonitorSwitchMessage => ({ type: 'ended', callId, reason: 'hangup', by: 'caller' });
const levels = (callId: string): MonitorSwitchMessage => {
  return { type: 'levels', callId, callerDb: -20, calleeDb: -30, agentDb: -40 };
};
const line = (callId: string, atMs: number): MonitorSwitchMessage => {
  return { type: 'timeline', callId, atMs, entry: { kind: 'state' } };
};

describe('monitor', () => {
  it('connects while the page is signed in, and shows the calls there are', async () => {
    const { monitor, sockets, connect } = createBench();
    expect(monitor.state.connection).toBe('connecting');
    await connect('a', 'b');
    expect(sockets.last.path).toBe('/monitor');
    expect(monitor.state.connection).toBe('live');
    expect(monitor.state.calls.map(({ callId }) => callId)).toEqual(['a', 'b']);
  });

  it('selects the first live call and watches it, once', async () => {
    const { monitor, hear, watched } = await connected();
    expect(monitor.state.selectedId).toBeUndefined();
    hear({ type: 'call', call: testCall('a') }, { type: 'call', call: testCall('b') });
    expect(monitor.state.selectedId).toBe('a');
    expect(watched()).toEqual([['a']]);
  });

  it('watches what a person selects', async () => {
    const { monitor, hear, watched } = await connected('a', 'b');
    hear(levels('a'));
    expect(monitor.levels.callerDb).toBe(-20);
    monitor.select('b');
    expect(monitor.levels).toEqual({ callerDb: -120, calleeDb: -120, agentDb: -120 });
    hear(levels('a'));
    expect(monitor.levels.callerDb).toBe(-120);
    monitor.select(undefined);
    expect(watched()).toEqual([['a'], ['b'], []]);
  });

  it('shows the levels of the selected call until it ends', async () => {
    const { monitor, hear } = await connected('a');
    hear(levels('a'));
    expect(monitor.levels).toEqual({ callerDb: -20, calleeDb: -30, agentDb: -40 });
    hear(ended('a'), levels('a'));
    expect(monitor.levels).toEqual({ callerDb: -120, calleeDb: -120, agentDb: -120 });
    expect(monitor.state.calls[0]?.ending).toMatchObject({ reason: 'hangup', by: 'caller' });
    expect(monitor.state.selectedId).toBe('a');
  });

  it('goes on with the next call after one that it selected itself, and stays with one that a person did', async () => {
    const { monitor, hear } = await connected('a');
    hear(ended('a'), { type: 'call', call: testCall('b') });
    expect(monitor.state.selectedId).toBe('b');
    monitor.select('a');
    hear({ type: 'call', call: testCall('c') });
    expect(monitor.state.selectedId).toBe('a');
  });

  it('gathers a burst of timeline lines into one change', async () => {
    const bench = await connected('a');
    const { monitor, time, hear } = bench;
    const before = bench.changes;
    for (let i = 0; i < 100; i++) hear(line('a', i));
    expect(bench.changes).toBe(before);
    time.advance(50);
    expect(bench.changes).toBe(before + 1);
    expect(monitor.state.timeline.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('keeps the timeline of an ended call to look at again', async () => {
    const { monitor, time, hear } = await connected('a', 'b');
    hear(line('a', 1), ended('a'));
    time.advance(50);
    monitor.select('b');
    expect(monitor.state.timeline).toEqual([]);
    monitor.select('a');
    expect(monitor.state.timeline).toHaveLength(1);
  });

  it('connects again by itself; the fresh snapshot replaces what it knew', async () => {
    const { monitor, sockets, time, connect, hear, watched } = await connected('a', 'b');
    hear(line('a', 1), levels('a'));
    time.advance(50);
    sockets.last.lose(1006);
    expect(monitor.state.connection).toBe('lost');
    expect(monitor.levels.callerDb).toBe(-120);
    time.advance(250);
    await connect('b', 'c');
    expect(monitor.state.connection).toBe('live');
    expect(monitor.state.calls.map(({ callId }) => callId)).toEqual(['b', 'c']);
    expect(monitor.state.selectedId).toBe('b');
    expect(watched()).toEqual([['b']]);
  });

  it('watches the selected call on the next connection too', async () => {
    const { monitor, sockets, time, connect, hear, watched } = await connected('a', 'b');
    monitor.select('b');
    hear(line('b', 5));
    sockets.last.lose(1006);
    time.advance(250);
    await connect('a', 'b');
    expect(watched()).toEqual([['b']]);
    hear(line('b', 5));
    time.advance(50);
    expect(monitor.state.timeline).toHaveLength(1);
  });

  it('answers pings and finds a silent switch gone after two heartbeats', async () => {
    const { monitor, sockets, time, hear } = await connected();
    hear({ type: 'ping', id: 3 });
    expect(sockets.last.sent('pong')).toEqual([{ type: 'pong', id: 3 }]);
    time.advance(9999);
    expect(monitor.state.connection).toBe('live');
    time.advance(1);
    expect(monitor.state.connection).toBe('lost');
    expect(sockets.last.closedWith).toBe(4504);
  });

  it('leaves with the session and shows nothing of it, and comes back with the next', async () => {
    const { monitor, door, sockets, connect } = await connected('a');
    const { state } = door;
    door.become({ name: 'signed-out', why: 'signed-out' });
    expect(sockets.last.closedWith).toBe(1000);
    expect(monitor.state).toMatchObject({ calls: [], selectedId: undefined, timeline: [] });
    door.become(state);
    expect(monitor.state.connection).toBe('connecting');
    await connect('b');
    expect(monitor.state.calls).toHaveLength(1);
  });

  it('tries again after a fault when a person looks at the page again', async () => {
    const { monitor, life, sockets } = await connected();
    sockets.last.receive('nonsense');
    expect(monitor.state.connection).toBe('lost');
    life.wake();
    await settle();
    expect(sockets.all).toHaveLength(2);
  });

  it('closes its socket when the page is left and opens one when it comes back', async () => {
    const { life, sockets, monitor, connect } = await connected('a');
    life.leave();
    expect(sockets.last.closedWith).toBe(1000);
    life.comeBack();
    await connect('a');
    expect(monitor.state.connection).toBe('live');
  });

  it('closes for good', async () => {
    const { monitor, door, life, sockets, time, hear } = await connected('a');
    hear(line('a', 1));
    monitor.close();
    expect(sockets.last.closedWith).toBe(1000);
    life.wake();
    life.comeBack();
    door.become({ name: 'signing-in' });
    await settle();
    expect(sockets.all).toHaveLength(1);
    expect(time.pending).toBe(0);
  });
});
