import {
  decodeMonitorSwitch,
  type MonitorClientMessage,
  type MonitorSwitchMessage,
  ProtocolError,
} from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createTestDoor, type TestDoor } from '../session/test-door.ts';
import { createLink, type Link, type LinkState } from './link.ts';
import { createTestSockets, type TestSockets } from './test-socket.ts';
import { createTestTime, type TestTime } from './test-time.ts';

interface Bench {
  readonly time: TestTime;
  readonly door: TestDoor;
  readonly sockets: TestSockets;
  readonly link: Link<MonitorClientMessage>;
  readonly states: LinkState[];
  readonly received: unknown[];
  /** Starts and opens the first socket. */
  open(): Promise<void>;
}

/** Lets answered promises go on. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

function createBench(): Bench {
  const time = createTestTime();
  const door = createTestDoor();
  const sockets = createTestSockets();
  const states: LinkState[] = [];
  const received: unknown[] = [];
  const link = createLink<MonitorClientMessage, Exclude<MonitorSwitchMessage, { type: 'ping' | 'pong' }>>({
    kind: 'monitor',
    door,
    time,
    open: sockets.open,
    random: () => 0.5,
    pingMs: 500,
    deadMs: 2000,
    decode: decodeMonitorSwitch,
    opened: () => received.push('opened'),
    text: (message) => received.push(message),
    binary: (bytes) => {
      if (bytes.length < 8) throw new ProtocolError('BAD_AUDIO', 'too short');
      received.push(bytes.length);
    },
    changed: (state) => states.push(state),
  });
  const open = async (): Promise<void> => {
    link.start();
    await settle();
    sockets.last.accept();
  };
  return { time, door, sockets, link, states, received, open };
}

describe('link', () => {
  it('opens a socket with a fresh ticket beside its subprotocol', async () => {
    const { sockets, states, received, open } = createBench();
    await open();
    expect(sockets.last.path).toBe('/monitor');
    expect(sockets.last.offered).toEqual(['agentao.monitor.v1', 'agentao.ticket.ticket-1']);
    expect(sockets.last.binaryType).toBe('arraybuffer');
    expect(states).toEqual([{ name: 'connecting', attempt: 1 }, { name: 'open' }]);
    expect(received).toEqual(['opened']);
  });

  it('hands on messages, answers pings and keeps pongs and unknown messages to itself', async () => {
    const { sockets, received, open } = createBench();
    await open();
    sockets.last.receive({ type: 'ping', id: 7 });
    sockets.last.receive({ type: 'pong', id: 1 });
    sockets.last.receive('{"type":"of the future"}');
    sockets.last.receive({ type: 'snapshot', calls: [] });
    expect(sockets.last.texts).toEqual([{ type: 'pong', id: 7 }]);
    expect(received).toEqual(['opened', { type: 'snapshot', calls: [] }]);
  });

  it('connects again after a loss, waiting longer each time, and counts the attempts', async () => {
    const { time, sockets, states, open } = createBench();
    await open();
    sockets.last.lose(1006);
    expect(states.at(-1)).toEqual({ name: 'connecting', attempt: 2, why: 'LOST' });
    for (const waitMs of [250, 500, 1000, 2000, 4000, 5000, 5000]) {
      const before = sockets.all.length;
      time.advance(waitMs - 1);
      await settle();
      expect(sockets.all.length).toBe(before);
      time.advance(1);
      await settle();
      expect(sockets.all.length).toBe(before + 1);
      sockets.last.lose(1006);
    }
    expect(states.at(-1)).toEqual({ name: 'connecting', attempt: 9, why: 'NOT_OPENED' });
  });

  it('counts attempts anew once it was taken in', async () => {
    const { sockets, link, states, open } = createBench();
    await open();
    link.established();
    sockets.last.lose(1001);
    expect(states.at(-1)).toEqual({ name: 'connecting', attempt: 1, why: 'GOING_AWAY' });
  });

  it.each([
    [1000, 'NORMAL'],
    [4400, 'BAD_MESSAGE'],
    [4403, 'FORBIDDEN'],
    [4409, 'DISPLACED'],
    [4424, 'BAD_AUDIO'],
  ])('stays down after close code %i', async (code, why) => {
    const { time, sockets, link, open } = createBench();
    await open();
    sockets.last.lose(code);
    expect(link.state).toEqual({ name: 'down', why });
    time.advance(60_000);
    await settle();
    expect(sockets.all.length).toBe(1);
    expect(time.pending).toBe(0);
  });

  it.each([
    [1001, 'GOING_AWAY'],
    [1011, 'INTERNAL'],
    [4428, 'SLOW_READER'],
    [4429, 'RATE_LIMITED'],
    [4504, 'LIVENESS_LOST'],
    [4999, 'INTERNAL'],
  ])('tries again after close code %i', async (code, why) => {
    const { sockets, link, open } = createBench();
    await open();
    sockets.last.lose(code);
    expect(link.state).toEqual({ name: 'connecting', attempt: 2, why });
  });

  it('tells the door that the session is over when a socket says so', async () => {
    const { sockets, link, door, open } = createBench();
    await open();
    sockets.last.lose(4401);
    expect(link.state).toEqual({ name: 'down', why: 'UNAUTHENTICATED' });
    expect(door.state).toEqual({ name: 'signed-out', why: 'session-over' });
  });

  it.each([
    ['SIGNED_OUT', { name: 'down', why: 'SIGNED_OUT' }],
    ['FORBIDDEN', { name: 'down', why: 'NO_TICKET' }],
    ['UNREACHABLE', { name: 'connecting', attempt: 2, why: 'UNREACHABLE' }],
  ] as const)('deals with a ticket that is refused as %s', async (refusal, state) => {
    const { door, link } = createBench();
    door.refusal = refusal;
    link.start();
    await settle();
    expect(link.state).toEqual(state);
  });

  it('closes with the code of the fault when the peer breaks the protocol', async () => {
    const { sockets, link, open } = createBench();
    await open();
    sockets.last.receive('{"type":"snapshot"}');
    expect(sockets.last.closedWith).toBe(4400);
    expect(link.state).toEqual({ name: 'down', why: 'BAD_MESSAGE' });
  });

  it('closes on audio that is none, and on messages beyond the limit', async () => {
    const audio = createBench();
    await audio.open();
    audio.sockets.last.receive(new ArrayBuffer(3));
    expect(audio.sockets.last.closedWith).toBe(4424);
    const large = createBench();
    await large.open();
    large.sockets.last.receive(new ArrayBuffer(131_073));
    // A page may not send 1009.
    expect(large.sockets.last.closedWith).toBe(4400);
    expect(large.link.state).toEqual({ name: 'down', why: 'TOO_LARGE' });
  });

  it('counts the bytes of a text, not its characters', async () => {
    const text = (character: string, bytes: number): string => {
      const [start, end] = ['{"type":"unheard-of","is":"', '"}'];
      const room = bytes - start.length - end.length;
      const size = new TextEncoder().encode(character).length;
      return start + character.repeat(Math.floor(room / size)) + 'x'.repeat(room % size) + end;
    };
    for (const character of ['x', 'é', '€', '😀']) {
      const bench = createBench();
      await bench.open();
      bench.sockets.last.receive(text(character, 131_072));
      expect(bench.link.state.name, character).toBe('open');
      bench.sockets.last.receive(text(character, 131_073));
      expect(bench.link.state, character).toEqual({ name: 'down', why: 'TOO_LARGE' });
    }
  });

  it('closes a socket that opens without the subprotocol', async () => {
    const { sockets, link } = createBench();
    link.start();
    await settle();
    sockets.last.accept('');
    expect(sockets.last.closedWith).toBe(4400);
    expect(link.state.name).toBe('down');
  });

  it('gives up a silent peer without waiting for its answer', async () => {
    const { time, sockets, link, open } = createBench();
    await open();
    link.established();
    time.advance(2000);
    expect(sockets.last.sent('ping')).toHaveLength(3);
    expect(sockets.last.closedWith).toBe(4504);
    expect(link.state).toEqual({ name: 'connecting', attempt: 1, why: 'LIVENESS_LOST' });
    sockets.last.lose(1006);
    expect(link.state).toEqual({ name: 'connecting', attempt: 1, why: 'LIVENESS_LOST' });
  });

  it('gives up an attempt that leads to nothing within ten seconds', async () => {
    const { time, sockets, link } = createBench();
    link.start();
    await settle();
    time.advance(10_000);
    expect(sockets.last.closedWith).toBe(4504);
    expect(link.state).toEqual({ name: 'connecting', attempt: 2, why: 'UNREACHABLE' });
  });

  it('tries at once when the page wakes', async () => {
    const { sockets, link, open } = createBench();
    await open();
    sockets.last.lose(1006);
    link.wake();
    await settle();
    expect(sockets.all.length).toBe(2);
    link.wake();
    await settle();
    expect(sockets.all.length).toBe(2);
  });

  it('makes the attempt that is due when it is looked at, though the timers are late', async () => {
    const { sockets, link, time, open } = createBench();
    await open();
    time.held = true;
    sockets.last.lose(1006);
    time.advance(249);
    link.look();
    await settle();
    expect(sockets.all.length).toBe(1);
    time.advance(1);
    link.look();
    await settle();
    expect(sockets.all.length).toBe(2);
  });

  it('tries at once when a person plugs in again in the midst of a wait', async () => {
    const { sockets, link, open } = createBench();
    await open();
    sockets.last.lose(1006);
    link.start();
    await settle();
    expect(sockets.all.length).toBe(2);
    expect(link.state).toEqual({ name: 'connecting', attempt: 1, why: 'LOST' });
  });

  it('says goodbye when it is stopped, and forgets what was under way', async () => {
    const { time, sockets, link, open } = createBench();
    await open();
    link.stop();
    expect(sockets.last.closedWith).toBe(1000);
    expect(link.state).toEqual({ name: 'down' });
    link.start();
    link.stop();
    await settle();
    expect(sockets.all.length).toBe(1);
    expect(time.pending).toBe(0);
  });

  it('heeds a listener that stops it in the midst of a loss', async () => {
    const { time, sockets, link, open, states } = createBench();
    await open();
    states.push = (state: LinkState): number => {
      if (state.name === 'connecting') link.stop();
      return 0;
    };
    sockets.last.lose(1006);
    expect(link.state).toEqual({ name: 'down' });
    expect(time.pending).toBe(0);
  });
});
