import type { OperatorRole } from '../operators/operator-sessions.ts';
import { createVirtualClock } from '@agentao/clock';
import type { MonitorSwitchMessage } from '@agentao/protocol';
import type { Socket, SocketHandlers } from '@agentao/transport';
import { describe, expect, it } from 'vitest';
import type { Call } from '../calls/call.ts';
import type { CallLevels } from '../media/level-tap.ts';
import type { Logger } from './logger.ts';
import { createMonitorServer, type MonitorServer } from './monitor-server.ts';
import { defaultServerLimits, type ServerLimits } from './server-limits.ts';

/** A monitor behind a socket that does what a test wants. */
interface FakeMonitor {
  readonly sent: string[];
  readonly closes: number[];
  /** Whether everything but the first message, and closing, throws. */
  broken: boolean;
  unreadBytes: number;
  watch(...callIds: readonly string[]): void;
  gone(): void;
}

/** A call as far as monitors look at it. */
function createFakeCall(callId = 'call-1') {
  const taps = new Set<(levels: CallLevels) => void>();
  const call = {
    callId,
    connectorUuid: 'c',
    callerNumber: '+1',
    calleeNumber: '+2',
    direction: 'MT',
    startedAtMs: 0,
    state: 'PENDING',
    ringing: false,
    mode: null,
    ended: false,
    hearing: { caller: [], callee: [], agent: [] },
    onLevels: (listener: (levels: CallLevels) => void) => {
      taps.add(listener);
      return () => taps.delete(listener);
    },
  } as unknown as Call;
  return { call, taps };
}

function setUp(limits: Partial<ServerLimits> = {}) {
  const errors: string[] = [];
  const logger: Logger = { debug() {}, info() {}, warn() {}, error: (_, message) => errors.push(message) };
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  const server = createMonitorServer({ clock, logger, limits: { ...defaultServerLimits, ...limits } });

  const open = (
    options: Partial<Pick<FakeMonitor, 'broken' | 'unreadBytes'>> = {},
    role: OperatorRole = 'operator',
  ): FakeMonitor => {
    let handlers: SocketHandlers | undefined;
    const monitor: FakeMonitor = {
      sent: [],
      closes: [],
      broken: false,
      unreadBytes: 0,
      watch: (...callIds) => handlers?.text(JSON.stringify({ type: 'watch', callIds })),
      gone: () => handlers?.closed({ code: 1006, reason: '' }),
      ...options,
    };
    const socket: Socket = {
      subprotocol: 'agentao.monitor.v1',
      get bufferedBytes() {
        return monitor.unreadBytes;
      },
      lastReceivedMs: 0,
      start: (given) => {
        handlers = given;
      },
      send: (data) => {
        if (monitor.broken && monitor.sent.length > 0) throw new Error('the socket is at fault');
        monitor.sent.push(String(data));
      },
      close: (code = 1_000) => {
        monitor.closes.push(code);
        if (monitor.broken) throw new Error('the socket cannot even close');
      },
      terminate() {},
    };
    const admission = server.admit({ role, hold: () => () => undefined });
    if (!admission.accept) throw new Error(admission.code);
    admission.open(socket, () => undefined);
    return monitor;
  };
  return { server, open, errors };
}

function arrive(server: MonitorServer, call: Call): void {
  server.timeline({ callId: call.callId, atMs: 0, kind: 'arrived' });
  server.arrived(call);
}

function typesOf({ sent }: FakeMonitor): readonly string[] {
  return sent.map((text) => (JSON.parse(text) as MonitorSwitchMessage).type);
}

describe('viewers', () => {
  it('have half of the places at most: operators find the others free', () => {
    const { open } = setUp({ monitors: 4 });
    for (let n = 0; n < 2; n++) open({}, 'viewer');
    expect(() => open({}, 'viewer')).toThrow('LIMIT_REACHED');
    for (let n = 0; n < 2; n++) open({}, 'operator');
    expect(() => open({}, 'operator')).toThrow('LIMIT_REACHED');
  });
});

describe('a monitor whose socket throws', () => {
  it('is closed with 1011 and told no more, the others are told, and the call never notices', () => {
    const { server, open, errors } = setUp({ monitors: 2 });
    const { call } = createFakeCall();
    const broken = open({ broken: true });
    const sound = open();
    expect(() => arrive(server, call)).not.toThrow();
    expect(broken.closes).toEqual([1011]);
    expect(errors).toContain('a monitor is at fault');
    server.changed({ ...call, state: 'ANSWERED' });
    server.ended('call-1', { reason: 'hangup', by: 'caller' });
    expect(broken.sent).toHaveLength(1);
    expect(typesOf(sound)).toEqual(['snapshot', 'call', 'call', 'ended']);
    expect(sound.closes).toEqual([]);
    open();
    expect(() => open()).toThrow('LIMIT_REACHED');
  });

  it('while levels are told costs the others nothing', () => {
    const { server, open } = setUp();
    const { call, taps } = createFakeCall();
    arrive(server, call);
    const [broken, sound] = [open(), open()];
    broken.watch('call-1');
    sound.watch('call-1');
    broken.broken = true;
    const levels = { callerDb: -20.04, calleeDb: -120, agentDb: -0.04 };
    for (const listener of taps) expect(() => listener(levels)).not.toThrow();
    expect(JSON.parse(sound.sent.at(-1) ?? '')).toEqual({
      type: 'levels',
      callId: 'call-1',
      callerDb: -20,
      calleeDb: -120,
      agentDb: 0,
    });
  });
});

describe('what cannot be shown', () => {
  it('is no reason for a call to fail, nor for a monitor to be closed', () => {
    const { server, open, errors } = setUp();
    const { call } = createFakeCall();
    const monitor = open();
    arrive(server, call);
    monitor.watch('call-1');
    const circular: { callId: string; atMs: number; kind: string; self?: unknown } = {
      callId: 'call-1',
      atMs: 1,
      kind: 'x',
    };
    circular.self = circular;
    expect(() => server.timeline(circular)).not.toThrow();
    const unreadable = new Proxy(call, {
      get: (target, name): unknown => {
        if (name === 'mode') throw new Error('no mode');
        return Reflect.get(target, name);
      },
    });
    expect(() => server.changed(unreadable)).not.toThrow();
    expect(errors).toEqual(['a monitor is at fault', 'a monitor is at fault']);
    expect(monitor.closes).toEqual([]);
  });
});

describe('what is kept for monitors', () => {
  it('is no measuring while nobody watches: it starts with the first and ends with the last, or with the call', () => {
    const { server, open } = setUp();
    const { call, taps } = createFakeCall();
    arrive(server, call);
    const [first, second] = [open(), open()];
    expect(taps.size).toBe(0);
    first.watch('call-1', 'call-1');
    second.watch('call-1');
    expect(taps.size).toBe(1);
    first.watch();
    expect(taps.size).toBe(1);
    second.gone();
    expect(taps.size).toBe(0);
    first.watch('call-1');
    expect(taps.size).toBe(1);
    server.ended('call-1', { reason: 'hangup', by: 'caller' });
    expect(taps.size).toBe(0);
  });

  it('is no history of a call that is over', () => {
    const { server, open } = setUp();
    const { call } = createFakeCall();
    arrive(server, call);
    server.ended('call-1', { reason: 'hangup', by: 'caller' });
    server.timeline({ callId: 'call-1', atMs: 9, kind: 'state' });
    server.arrived(call);
    expect(JSON.parse(open().sent[0] ?? '')).toEqual({ type: 'snapshot', calls: [] });
  });

  it('is no place for a monitor that was closed while it was let in', () => {
    const { open, errors } = setUp({ monitors: 1, unreadBytes: 1_000 });
    const slow = open({ unreadBytes: 2_000 });
    expect(slow.closes).toEqual([4428]);
    expect(open().closes).toEqual([]);
    expect(errors).toEqual([]);
  });
});
