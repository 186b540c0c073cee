import { expect, it } from 'vitest';
import { shownSession } from './shown-session.ts';

const session = { role: 'operator', mayDial: true, numbers: ['+15559999'] } as const;

it('keeps the session while the switch does not answer, and drops it when it is over', () => {
  expect(shownSession({ name: 'signed-in', session }, undefined)).toBe(session);
  expect(shownSession({ name: 'unreachable' }, session)).toBe(session);
  expect(shownSession({ name: 'signing-in' }, session)).toBe(session);
  expect(shownSession({ name: 'signed-out', why: 'session-over' }, session)).toBeUndefined();
});

it('has none before the first sign-in', () => {
  expect(shownSession({ name: 'signing-in' }, undefined)).toBeUndefined();
});
