import { closeCodes, type PhoneSwitchMessage } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createTestDoor } from '../session/test-door.ts';
import { createTestSockets, type TestSockets } from '../socket/test-socket.ts';
import { createTestTime, type TestTime } from '../socket/test-time.ts';
import { createPhoneLine, type LineSound, type PhoneLine } from './phone-line.ts';
import type { LineState } from './softphone.ts';

interface Bench {
  readonly time: TestTime;
  readonly sockets: TestSockets;
  readonly line: PhoneLine;
  /** Each change of state or sound. */
  readonly changes: (readonly [LineState['name'], LineSound])[];
  readonly digits: string[];
  hear(...messages: PhoneSwitchMessage[]): void;
  /** Connects and registers the newest attempt. */
  register(): Promise<void>;
}

const settle = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

const number = '+15550001';
function createBench(): Bench {
  const time = createTestTime();
  const sockets = createTestSockets();
  const changes: (readonly [LineState['name'], LineSound])[] = [];
  const digits: string[] = [];
  const line = createPhoneLine({
    door: createTestDoor(),
    time,
    open: sockets.open,
    random: () => 0.5,
    changed: () => changes.push([line.state.name, line.sound]),
    digit: (digit) => digits.push(digit),
  });
  return {
    time,
    sockets,
    line,
    changes,
    digits,
    hear: (...messages) => {
      for (const message of messages) sockets.last.receive(message);
    },
    register: async () => {
      await settle();
      sockets.last.accept();
      sockets.last.receive({ type: 'registered', number });
    },
  };
}

async function plugIn(): Promise<Bench> {
  const bench = createBench();
  bench.line.start({ number, outputDelayMs: () => 51.6 });
  await bench.register();
  return bench;
}

async function talk(): Promise<Bench> {
  const bench = await plugIn();
  bench.line.dial('+15559999');
  bench.hear({ type: 'dialing', callId: 'call-1' }, { type: 'answered' });
  return bench;
}

describe('phone line', () => {
  it('registers its number, its rate and its delay, and is idle when the switch says so', async () => {
    const { line, sockets, changes } = createBench();
    line.start({ number, outputDelayMs: () => 51.6 });
    await settle();
    sockets.last.accept();
    expect(sockets.last.path).toBe('/phone');
    expect(sockets.last.texts).toEqual([
      { type: 'register', number, sampleRateHz: 24_000, outputDelayMs: 52, onlyIfFree: true },
    ]);
    expect(line.state).toEqual({ name: 'connecting', attempt: 1 });
    sockets.last.receive({ type: 'registered', number });
    expect(line.state).toEqual({ name: 'idle' });
    expect(changes.map(([name]) => name)).toEqual(['connecting', 'idle']);
  });

  it('leaves its number to a phone that has it, takes it when the person insists, and takes it back after a loss', async () => {
    const { line, sockets, hear } = createBench();
    const registration = { number, outputDelayMs: () => 0 };
    const takes = async (): Promise<boolean> => {
      await settle();
      sockets.last.accept();
      return !('onlyIfFree' in (sockets.last.texts[0] ?? {}));
    };
    line.start(registration);
    expect(await takes()).toBe(false);
    hear({ type: 'error', code: 'NUMBER_IN_USE', message: '' });
    const problem = 'Another phone has this number; plug in again to take it.';
    expect(line.state).toEqual({ name: 'unplugged', problem });
    line.start(registration);
    expect(await takes()).toBe(true);
    hear({ type: 'registered', number });
    sockets.last.lose(4409);
    line.start(registration);
    expect(await takes()).toBe(true);
    hear({ type: 'registered', number });
    line.stop();
    line.start(registration);
    expect(await takes()).toBe(false);
  });

  it('dials, hears the ring-back, talks and is hung up on', async () => {
    const { line, time, sockets, hear, changes } = await plugIn();
    line.dial('+15559999');
    expect(line.state).toEqual({ name: 'dialing', callId: undefined, peer: '+15559999' });
    hear({ type: 'dialing', callId: 'call-1' }, { type: 'answered' });
    const sinceMs = time.wallMs();
    expect(line.state).toEqual({ name: 'talking', callId: 'call-1', peer: '+15559999', sinceMs });
    time.advance(400);
    hear({ type: 'ended', reason: 'hangup', by: 'callee' });
    const lastCall = { peer: '+15559999', how: 'hangup', by: 'callee', talkedMs: 400 };
    expect(line.state).toEqual({ name: 'idle', lastCall });
    expect(changes.slice(2)).toEqual([
      ['dialing', 'plays'],
      ['dialing', 'plays'],
      ['talking', 'talks'],
      ['idle', 'silent'],
    ]);
    expect(sockets.last.texts.slice(1)).toEqual([{ type: 'dial', to: '+15559999' }]);
  });

  it('rings until it is answered, and no longer', async () => {
    const { line, sockets, hear, changes } = await plugIn();
    hear({ type: 'incoming', callId: 'call-1', from: '' });
    expect(line.state).toEqual({ name: 'ringing', callId: 'call-1', peer: '' });
    line.answer();
    line.answer();
    line.reject();
    expect(sockets.last.texts.slice(1)).toEqual([{ type: 'answer' }]);
    expect(changes.slice(-2)).toEqual([
      ['ringing', 'rings'],
      ['ringing', 'plays'],
    ]);
    hear({ type: 'answered' });
    expect([line.state.name, line.sound]).toEqual(['talking', 'talks']);
  });

  it('refuses a call', async () => {
    const { line, sockets, hear } = await plugIn();
    hear({ type: 'incoming', callId: 'call-1', from: '+1' });
    line.reject();
    expect(line.sound).toBe('silent');
    hear({ type: 'ended', reason: 'rejected', by: 'callee' });
    expect(sockets.last.texts.slice(1)).toEqual([{ type: 'reject' }]);
    expect(line.state).toEqual({
      name: 'idle',
      lastCall: { peer: '+1', how: 'rejected', by: 'callee', talkedMs: 0 },
    });
  });

  it('is silent from the moment it hangs up, and idle when the switch says so', async () => {
    const { line, sockets, hear } = await talk();
    line.hangUp();
    line.hangUp();
    line.sendKey('1', 100);
    expect([line.state.name, line.sound, sockets.last.sent('dtmf')]).toEqual(['talking', 'silent', []]);
    hear({ type: 'ended', reason: 'hangup', by: 'caller' });
    expect(line.state.name).toBe('idle');
    expect(sockets.last.sent('hangup')).toHaveLength(1);
  });

  it.each([
    ['FORBIDDEN', 'x', 'This switch lets no softphone dial.'],
    ['LIMIT_REACHED', 'x', 'All lines are busy; try again later.'],
    ['CALLEE_UNREACHABLE', 'x', 'No agent serves this number.'],
    ['OF_THE_FUTURE', 'not on a Sunday', 'not on a Sunday'],
    ['OF_THE_FUTURE', '', 'The switch refused the call (OF_THE_FUTURE).'],
  ])('tells why a call could not be placed: %s', async (code, message, problem) => {
    const { line, hear } = await plugIn();
    line.dial('+1');
    hear({ type: 'error', code, message });
    const lastCall = { peer: '+1', how: 'refused', by: 'switch', talkedMs: 0, problem };
    expect(line.state).toEqual({ name: 'idle', lastCall });
  });

  it('takes the error of a verb that crossed an end for nothing', async () => {
    const { line, hear } = await talk();
    line.hangUp();
    hear({ type: 'ended', reason: 'hangup', by: 'callee' });
    line.dial('+2');
    hear({ type: 'error', code: 'INVALID_STATE', message: 'this phone is in no call' });
    expect(line.state.name).toBe('dialing');
    hear({ type: 'dialing', callId: 'call-2' });
    expect(line.state).toMatchObject({ name: 'dialing', callId: 'call-2' });
  });

  it('rings where a call came in while it dialled', async () => {
    const { line, hear } = await plugIn();
    line.dial('+2');
    hear({ type: 'incoming', callId: 'call-3', from: '+3' });
    hear({ type: 'error', code: 'INVALID_STATE', message: 'this phone is in a call' });
    expect(line.state).toEqual({ name: 'ringing', callId: 'call-3', peer: '+3' });
  });

  it('is free again where it hung up on a call that the switch never made', async () => {
    const { line, hear } = await plugIn();
    line.dial('+2');
    line.hangUp();
    hear({ type: 'error', code: 'INVALID_STATE', message: 'this phone is in no call' });
    expect(line.state).toMatchObject({ name: 'idle', lastCall: { how: 'hangup', by: 'caller' } });
  });

  it.each<[string, (line: PhoneLine) => void]>([
    ['a dial', (line) => line.dial('+1')],
    ['a hang-up', (line) => (line.dial('+1'), line.hangUp())],
  ])('gives the connection up when the switch leaves %s unanswered for ten seconds', async (_, act) => {
    const { line, time, sockets } = await plugIn();
    act(line);
    for (let i = 0; i < 99; i++) {
      time.advance(100);
      sockets.last.receive({ type: 'ping', id: i });
    }
    expect(line.state.name).toBe('dialing');
    time.advance(100);
    expect(line.state).toMatchObject({ name: 'connecting', problem: 'The switch has gone silent; trying again.' });
    expect(sockets.last.closedWith).toBe(4504);
  });

  it('waits for the other side to pick up as long as it takes', async () => {
    const { line, time, sockets, hear } = await plugIn();
    line.dial('+1');
    hear({ type: 'dialing', callId: 'call-1' });
    for (let i = 0; i < 1200; i++) {
      time.advance(100);
      sockets.last.receive({ type: 'ping', id: i });
    }
    expect(line.state.name).toBe('dialing');
  });

  it('sends keys while it talks, and hears those of the other side', async () => {
    const { line, sockets, hear, digits } = await talk();
    line.sendKey('5', 120);
    hear({ type: 'dtmf', digit: '#' });
    expect(sockets.last.sent('dtmf')).toEqual([{ type: 'dtmf', digit: '5', durationMs: 120 }]);
    expect(digits).toEqual(['#']);
  });

  it('ends the call when the line is lost, comes back by itself and remembers', async () => {
    const { line, time, sockets, register } = await talk();
    time.advance(300);
    sockets.last.receive({ type: 'ping', id: 1 });
    sockets.last.lose(1006);
    expect(line.state).toEqual({
      name: 'connecting',
      attempt: 1,
      problem: 'The line was lost; trying again.',
    });
    expect(line.sound).toBe('silent');
    time.advance(250);
    await register();
    expect(sockets.all).toHaveLength(2);
    expect(line.state).toEqual({
      name: 'idle',
      lastCall: { peer: '+15559999', how: 'lost', by: 'line', talkedMs: 300 },
    });
  });

  it('notices within two seconds that the switch is gone', async () => {
    const { line, time, sockets } = await talk();
    time.advance(1999);
    expect(line.state.name).toBe('talking');
    time.advance(1);
    expect(line.state).toMatchObject({ name: 'connecting', problem: 'The switch has gone silent; trying again.' });
    expect(sockets.last.closedWith).toBe(closeCodes.LIVENESS_LOST.code);
  });

  it.each([
    [4409, 'This number is now on another phone; plug in to take it back.'],
    [4401, 'The session is over; sign in again.'],
    [4403, 'This session may not use this number.'],
    [1000, 'The switch has closed the line; plug in to open it again.'],
    [4424, 'The line broke off by a fault (BAD_AUDIO); plug in to try again.'],
  ])('stays unplugged after close code %i and says why', async (code, problem) => {
    const { line, time, sockets } = await plugIn();
    sockets.last.lose(code);
    expect(line.state).toEqual({ name: 'unplugged', problem });
    time.advance(60_000);
    await settle();
    expect(sockets.all).toHaveLength(1);
  });

  it('leaves the switch with a goodbye, in one step', async () => {
    const { line, sockets, changes } = await talk();
    const before = changes.length;
    line.stop('The session is over.');
    expect(sockets.last.closedWith).toBe(1000);
    expect(line.state).toEqual({ name: 'unplugged', problem: 'The session is over.' });
    expect(changes).toHaveLength(before + 1);
    line.stop();
    expect(line.state).toEqual({ name: 'unplugged' });
  });

  it('does nothing that does not fit', async () => {
    const { line, sockets, changes } = await plugIn();
    const before = changes.length;
    line.answer();
    line.reject();
    line.hangUp();
    line.sendKey('1', 1);
    expect(changes).toHaveLength(before);
    expect(sockets.last.texts).toHaveLength(1);
    line.dial('+1');
    line.dial('+2');
    expect(sockets.last.sent('dial')).toHaveLength(1);
    const unplugged = createBench();
    unplugged.line.dial('+1');
    unplugged.line.wake();
    expect([unplugged.line.state, unplugged.changes]).toEqual([{ name: 'unplugged' }, []]);
  });

  it.each<[string, readonly PhoneSwitchMessage[]]>([
    ['registered twice', [{ type: 'registered', number }]],
    ['answered without a call', [{ type: 'answered' }]],
    ['ended without a call', [{ type: 'ended', reason: 'hangup', by: 'caller' }]],
    ['dialing without a dial', [{ type: 'dialing', callId: 'call-1' }]],
    [
      'incoming while it rings',
      [
        { type: 'incoming', callId: 'call-1', from: '' },
        { type: 'incoming', callId: 'call-2', from: '' },
      ],
    ],
  ])('closes with OUT_OF_ORDER on what the switch may not say: %s', async (_, messages) => {
    const { line, sockets, hear } = await plugIn();
    hear(...messages);
    expect(sockets.last.closedWith).toBe(closeCodes.OUT_OF_ORDER.code);
    expect(line.state.name).toBe('unplugged');
  });

  it('closes with BAD_AUDIO on a binary message that is no audio', async () => {
    const { line, sockets } = await talk();
    sockets.last.receive(new ArrayBuffer(3));
    expect(sockets.last.closedWith).toBe(closeCodes.BAD_AUDIO.code);
    expect(line.state.name).toBe('unplugged');
  });
});
