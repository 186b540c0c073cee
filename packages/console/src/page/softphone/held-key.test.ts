import { describe, expect, it } from 'vitest';
import { createTestTime, type TestTime } from '../socket/test-time.ts';
import { createHeldKey, type HeldKey } from './held-key.ts';

interface Bench {
  readonly time: TestTime;
  readonly key: HeldKey;
  /** Tones that began, `-` where one ended. */
  readonly tones: string[];
  readonly sent: (readonly [string, number])[];
}

function createBench(): Bench {
  const time = createTestTime();
  const tones: string[] = [];
  const sent: (readonly [string, number])[] = [];
  const key = createHeldKey({
    time,
    sound: (pressed) => tones.push(pressed ?? '-'),
    pressed: (pressed, heldMs) => sent.push([pressed, heldMs]),
  });
  return { time, key, tones, sent };
}

describe('held key', () => {
  it('counts at its release, for as long as it was held', () => {
    const { time, key, tones, sent } = createBench();
    key.press('5');
    time.advance(123.4);
    expect(sent).toEqual([]);
    key.release();
    key.release();
    expect(sent).toEqual([['5', 123]]);
    expect(tones).toEqual(['5', '-']);
    expect(time.pending).toBe(0);
  });

  it('is let go after two seconds', () => {
    const { time, key, tones, sent } = createBench();
    key.press('#');
    time.advance(5000);
    key.release();
    expect(sent).toEqual([['#', 2000]]);
    expect(tones).toEqual(['#', '-']);
  });

  it('counts at most two seconds where the timer was late', () => {
    const { time, key, sent } = createBench();
    key.press('A');
    time.held = true;
    time.advance(9000);
    key.release();
    expect(sent).toEqual([['A', 2000]]);
  });

  it('gives way to the next key', () => {
    const { time, key, sent, tones } = createBench();
    key.press('1');
    time.advance(50);
    key.press('2');
    time.advance(70);
    key.release();
    expect(sent).toEqual([
      ['1', 50],
      ['2', 70],
    ]);
    expect(tones).toEqual(['1', '-', '2', '-']);
  });

  it('does not count when it is dropped', () => {
    const { time, key, sent, tones } = createBench();
    key.press('1');
    key.drop();
    key.release();
    expect([sent, tones, time.pending]).toEqual([[], ['1', '-'], 0]);
  });

  it.each(['', 'a', '12', 'E', ' '])('takes %j for no key', (text) => {
    const { key, tones } = createBench();
    key.press(text);
    expect(tones).toEqual([]);
  });
});
