import { expect, it } from 'vitest';
import { lastCallWords, lineHint, lineLamp, lineTitle } from './line-words.ts';

const talking = { name: 'talking', callId: 'call-1', peer: '+15559999', sinceMs: 0 } as const;
const ringing = { name: 'ringing', callId: 'call-1', peer: '+15550001' } as const;

const caller = { party: 'caller', dials: true } as const;
const callee = { party: 'callee', dials: false } as const;

it('names each state, and counts attempts from the second on', () => {
  expect(lineTitle({ name: 'connecting', attempt: 1 })).toBe('Connecting');
  expect(lineTitle({ name: 'connecting', attempt: 3 })).toBe('Connecting, attempt 3');
  expect([talking, ringing].map(lineTitle)).toEqual(['On a call', 'Ringing']);
});

it('blinks only while somebody is waited for', () => {
  expect([talking, ringing, { name: 'unplugged' } as const].map(lineLamp)).toEqual(['live', 'wait', 'off']);
});

it('says what the phone is for until there was a call, then how that one ended', () => {
  expect(lineHint({ name: 'idle' }, callee)).toBe('The agent can ring this phone now.');
  const lastCall = { peer: '+15559999', how: 'hangup', by: 'caller', talkedMs: 83_400 } as const;
  expect(lineHint({ name: 'idle', lastCall }, caller)).toBe('Last call: you hung up, after 1:23');
  expect(lineHint(talking, caller)).toBe('');
});

it('says what is wrong before anything else', () => {
  expect(lineHint({ name: 'unplugged', problem: 'Plug in again.' }, caller)).toBe('Plug in again.');
  expect(lineHint({ name: 'connecting', attempt: 2 }, caller)).toBe('');
  const lastCall = { peer: '+1', how: 'refused', by: 'line', talkedMs: 0, problem: 'All lines are busy.' } as const;
  expect(lineHint({ name: 'idle', lastCall }, caller)).toBe('Last call: All lines are busy.');
});

it('leaves out the talk time of a call that never was answered', () => {
  expect(lastCallWords({ peer: '+1', how: 'unanswered', by: 'callee', talkedMs: 0 }, 'caller')).toBe(
    'Last call: nobody picked up',
  );
});
