import { describe, expect, it } from 'vitest';
import { AudioLedger } from './audio-ledger.ts';

const ledger = (): AudioLedger => new AudioLedger({ upTo: 1_000, windowSamples: 500, counting: true });

/** What the agent says: samples that tell their position. */
const counted = (position: number, length: number): Int16Array =>
  Int16Array.from({ length }, (_, index) => (position + index) % 32_768);
const say = (books: AudioLedger, position: number, length: number, header = {}): void =>
  books.frame({ track: 3, generation: 0, flags: 0, position, ...header }, counted(position, length));

const clear = (id: number, generation: number, position: number) =>
  ({ type: 'clear', id, generation, position }) as const;
const whisper = (id: number, generation: number, position: number) =>
  ({ type: 'mode', id, mode: 'whisper', discard: { generation, position } }) as const;

describe('the books of outgoing audio', () => {
  it('take frames that go on where the last one ended, up to the credit', () => {
    const books = ledger();
    say(books, 0, 400);
    say(books, 400, 0);
    say(books, 400, 600, { flags: 4 });
    expect(books.received).toBe(1_000);
  });

  it.each([
    ['A-08', (books: AudioLedger) => say(books, 0, 1_001)],
    ['A-07', (books: AudioLedger) => say(books, 1, 10)],
    ['A-07', (books: AudioLedger) => books.frame({ track: 3, generation: 0, flags: 0, position: 0 }, counted(1, 5))],
    ['A-06', (books: AudioLedger) => say(books, 0, 10, { track: 0 })],
    ['A-01', (books: AudioLedger) => say(books, 0, 10, { flags: 8 })],
    ['A-15', (books: AudioLedger) => say(books, 0, 10, { generation: 1 })],
    ['K-17', (books: AudioLedger) => books.begins(clear(1, 2, 0))],
    ['G-05', (books: AudioLedger) => say(books, 0, 65_536)],
  ])('name %s for what breaks it', (rule, breakIt) => {
    expect(() => breakIt(ledger())).toThrow(`(${rule})`);
  });

  it('begin a generation with a clear at once, with one window of credit', () => {
    const books = ledger();
    say(books, 0, 300);
    books.begins(clear(1, 1, 2_000));
    say(books, 2_000, 500, { generation: 1 });
    expect(() => say(books, 2_500, 1, { generation: 1 })).toThrow('(A-08)');
    expect(() => books.begins(clear(2, 2, 2_499))).toThrow('(K-17)');
  });

  it('begin one with a mode only at its success', () => {
    const books = ledger();
    books.begins(whisper(1, 1, 800));
    expect(() => say(books, 800, 1, { generation: 1 })).toThrow('(A-18)');
    expect(() => say(books, 0, 1)).toThrow('(A-18)');
    expect(() => books.begins(clear(2, 1, 800))).toThrow('(A-18)');
    books.answered(1, true);
    say(books, 800, 500, { generation: 1 });
  });

  it('want a clear in the place of a mode that was refused', () => {
    const books = ledger();
    books.begins(whisper(1, 1, 800));
    books.answered(1, false);
    expect(() => say(books, 800, 1, { generation: 1 })).toThrow('(A-18)');
    expect(() => books.begins(clear(2, 1, 900))).toThrow('(A-18)');
    books.begins(clear(3, 1, 800));
    say(books, 800, 500, { generation: 1 });
  });

  it('go on where a resume says, and take a repeated clear for one that had not arrived', () => {
    const books = ledger();
    say(books, 0, 1_000);
    books.begins(clear(1, 1, 3_000));
    books.resumes({ received: 600, upTo: 1_000, generation: 0 });
    expect(() => say(books, 3_000, 1, { generation: 1 })).toThrow('(A-15)');
    say(books, 600, 400);
    books.begins(clear(1, 1, 3_000));
    say(books, 3_000, 500, { generation: 1 });
  });
});
