import { expect, it } from 'vitest';
import { shownTranscript } from './transcript-words.ts';

const note = (kind: string, data: unknown) => ({ atMs: 9_000, entry: { kind: 'note', note: kind, data } });

it('shows what was said and done in the order of its beginning', () => {
  expect(
    shownTranscript([
      { atMs: 1, entry: { kind: 'first_audio' } },
      note('tool', { name: 'repair_status', outcome: 'ok', startMs: 2_000, durationMs: 31 }),
      note('transcript', { speaker: 'agent', text: 'It is ready.', atMs: 2_400 }),
      note('transcript', { speaker: 'caller', text: 'Ticket 42', atMs: 1_000 }),
      note('turn', { index: 0 }),
    ]),
  ).toEqual([
    { kind: 'speech', atMs: 1_000, speaker: 'caller', heard: 'Ticket 42', unheard: '' },
    { kind: 'tool', atMs: 2_000, name: 'repair_status', outcome: 'ok, 31 ms' },
    { kind: 'speech', atMs: 2_400, speaker: 'agent', heard: 'It is ready.', unheard: '' },
  ]);
});

it('tells what was heard from what was cut off', () => {
  const said = {
    speaker: 'agent',
    text: 'One two three.',
    atMs: 0,
    cutOff: { heardText: 'One two', estimated: false },
  };
  expect(shownTranscript([note('transcript', said)])).toMatchObject([{ heard: 'One two', unheard: ' three.' }]);
});

it('leaves out notes of any other shape', () => {
  const strange = [
    undefined,
    null,
    'text',
    {},
    { speaker: 'nobody', text: '', atMs: 0 },
    { speaker: 'agent', text: 1 },
  ];
  expect(shownTranscript(strange.flatMap((data) => [note('transcript', data), note('tool', data)]))).toEqual([]);
});
