import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TranscriptUpdate } from '../conversation.ts';
import { TranscriptKeeper } from './transcript-keeper.ts';

it('merges what comes in pieces, tells each step, and keeps whole utterances in the order of their beginning', () => {
  const updates: TranscriptUpdate[] = [];
  const keeper = new TranscriptKeeper((update) => updates.push(update));
  keeper.add('agent', 'Hello ', 100);
  keeper.add('caller', ' Hi', 150);
  keeper.add('agent', ' there. ', 200);
  keeper.close('caller');
  keeper.close('agent', { heardText: 'Hello', estimated: true });
  keeper.close('agent');
  expect(updates.map(({ speaker, text, final }) => [speaker, text, final])).toEqual([
    ['agent', 'Hello', false],
    ['caller', 'Hi', false],
    ['agent', 'Hello there.', false],
    ['caller', 'Hi', true],
    ['agent', 'Hello there.', true],
  ]);
  expect(keeper.utterances).toEqual([
    { speaker: 'agent', text: 'Hello there.', atMs: 100, cutOff: { heardText: 'Hello', estimated: true } },
    { speaker: 'caller', text: 'Hi', atMs: 150 },
  ]);
});

it('keeps nothing of silence', () => {
  const keeper = new TranscriptKeeper(() => expect.unreachable());
  keeper.add('caller', '', 1);
  keeper.add('caller', '  ', 1);
  keeper.close('caller');
  expect(keeper.utterances).toEqual([]);
});

it('shows after each piece what the pieces so far are together, with single spaces and none at the ends', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'ß', '語', '😀', ' ', '\t', '\n', '\u00a0', '\u3000'),
    maxLength: 6,
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(text, fc.string({ unit: 'binary' }))), (pieces) => {
      const plain = (count: number): string => pieces.slice(0, count).join('').replace(/\s+/g, ' ').trim();
      const shown: (readonly [string, boolean])[] = [];
      const keeper = new TranscriptKeeper((update) => shown.push([update.text, update.final]));
      const expected = pieces.flatMap((piece, index) => {
        keeper.add('agent', piece, 1);
        const sofar = plain(index + 1);
        return piece === '' || sofar === '' ? [] : [[sofar, false]];
      });
      keeper.close('agent');
      const whole = plain(pieces.length);
      expect(shown).toEqual(whole === '' ? [] : [...expected, [whole, true]]);
      expect(keeper.utterances.map((utterance) => utterance.text)).toEqual(whole === '' ? [] : [whole]);
    }),
  );
});

it('takes twenty thousand pieces of one utterance within the time of a test', () => {
  const piece = ' some words more,';
  const keeper = new TranscriptKeeper(() => {});
  for (let i = 0; i < 20_000; i++) keeper.add('agent', piece, 1);
  keeper.close('agent');
  expect(keeper.utterances[0]?.text).toBe(piece.repeat(20_000).trim());
});
