import { createVirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { createOperatorSessions, type SessionEnd } from './operator-sessions.ts';

function setUp(capacity = 3) {
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  const ends: SessionEnd[] = [];
  const sessions = createOperatorSessions({
    clock,
    lifetimeMs: 1_000,
    capacity,
    onEnded: (_, how) => ends.push(how),
  });
  return { clock, sessions, ends };
}

describe('operator sessions', () => {
  it('are found by their secret and by nothing else, not even their id', () => {
    const { sessions } = setUp();
    const { session, secret } = sessions.open('viewer');
    expect(secret).toMatch(/^os_[\w-]{43}$/);
    expect(sessions.find(secret)).toBe(session);
    expect(session.role).toBe('viewer');
    for (const other of ['', `${secret}x`, session.sessionId]) expect(sessions.find(other)).toBeUndefined();
  });

  it('expire by themselves and close what they hold, once', async () => {
    const { clock, sessions, ends } = setUp();
    const { session, secret } = sessions.open('operator');
    let closed = 0;
    session.hold(() => closed++);
    await clock.advance(400);
    expect(session.expiresInMs).toBe(600);
    await clock.advance(599);
    expect([closed, session.live]).toEqual([0, true]);
    await clock.advance(1);
    expect([closed, session.live, session.expiresInMs]).toEqual([1, false, 0]);
    session.end('signed_out');
    expect([closed, ends]).toEqual([1, ['expired']]);
    expect(sessions.find(secret)).toBeUndefined();
  });

  it('that have ended close at once what they are given to hold', () => {
    const { sessions } = setUp();
    const { session } = sessions.open('operator');
    session.end('signed_out');
    let closed = 0;
    session.hold(() => closed++);
    expect(closed).toBe(1);
  });

  it('leave alone what they no longer hold', () => {
    const { sessions } = setUp();
    const { session } = sessions.open('operator');
    let closed = 0;
    const release = session.hold(() => closed++);
    release();
    session.end('signed_out');
    expect(closed).toBe(0);
  });

  it('beyond the bound end the oldest', () => {
    const { sessions, ends } = setUp(2);
    const [first = '', second = '', third = ''] = [1, 2, 3].map(() => sessions.open('viewer').secret);
    expect(sessions.find(first)).toBeUndefined();
    expect([second, third].every((secret) => sessions.find(secret) !== undefined)).toBe(true);
    expect(ends).toEqual(['crowded_out']);
  });

  it('leave no timer behind when they are all ended', () => {
    const { clock, sessions, ends } = setUp();
    sessions.open('viewer');
    sessions.open('operator');
    sessions.close();
    expect(ends).toEqual(['shutdown', 'shutdown']);
    expect(clock.pendingTimers).toBe(0);
  });
});
