import { describe, expect, it } from 'vitest';
import { heardText, interruptionNote } from './heard-text.ts';

describe('what was heard of a turn', () => {
  const timed = [
    { text: 'Hello ', endsAtMs: 400 },
    { text: 'dear ', endsAtMs: 700 },
    { text: 'caller.', endsAtMs: 1_200 },
  ];

  it('is exact to the word where the model tells when each ends', () => {
    expect(heardText(timed, { heardMs: 699, audioMs: 1_200 })).toEqual({ heardText: 'Hello', estimated: false });
    expect(heardText(timed, { heardMs: 700, audioMs: 1_200 })).toEqual({ heardText: 'Hello dear', estimated: false });
    expect(heardText(timed, { heardMs: 5_000, audioMs: 1_200 }).heardText).toBe('Hello dear caller.');
  });

  it('is a share of the words, and said to be a guess, where it does not', () => {
    const untimed = [{ text: 'one two three ' }, { text: 'four' }];
    expect(heardText(untimed, { heardMs: 500, audioMs: 1_000 })).toEqual({ heardText: 'one two', estimated: true });
    expect(heardText(untimed, { heardMs: 0, audioMs: 0 })).toEqual({ heardText: '', estimated: true });
    expect(heardText(untimed, { heardMs: 9_000, audioMs: 1_000 }).heardText).toBe('one two three four');
  });

  it('is told to the model in words', () => {
    expect(interruptionNote('Hello')).toContain('"Hello"');
    expect(interruptionNote('')).toContain('before anything');
  });
});
