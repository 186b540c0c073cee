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
