import { expect, it } from 'vitest';
import { endingWords } from './ending-words.ts';

it('says who hung up, and "you" on the phone that did', () => {
  expect(endingWords('hangup', 'caller')).toBe('the caller hung up');
  expect(endingWords('hangup', 'callee', { you: 'caller' })).toBe('the callee hung up');
  expect(endingWords('hangup', 'caller', { you: 'caller' })).toBe('you hung up');
});

it('tells a refusal from the side of the phone', () => {
  expect(endingWords('rejected', 'callee', { you: 'callee' })).toBe('you refused');
  expect(endingWords('rejected', 'callee', { you: 'caller' })).toBe('the callee refused or was busy');
});

it('tells nobody picking up from nobody being there', () => {
  expect(endingWords('unanswered', 'callee')).toBe('nobody picked up');
  expect(endingWords('unanswered', 'switch')).toBe('no agent took it, and no phone rang');
});

it('blames the switch for a fault of its own only', () => {
  expect(endingWords('failed', 'switch')).toBe('a fault in the switch');
  expect(endingWords('failed', 'caller')).toBe('the line of the caller was lost');
  expect(endingWords('failed', 'caller', { you: 'caller' })).toBe('your line was lost');
});

it('shows reasons that it does not know as they came', () => {
  expect(endingWords('rerouted', 'switch')).toBe('rerouted, by the switch');
});
