import type { TimelineEntry } from '@agentao/protocol';
import { expect, it } from 'vitest';
import { shownTimeline } from './timeline-words.ts';

function shown(...entries: readonly TimelineEntry[]): readonly string[] {
  return shownTimeline(entries.map((entry) => ({ atMs: 20, entry }))).map(({ what, details, kind }) =>
    [kind, what, details].join(' | '),
  );
}

it('names commands and events as the protocol does, and keeps what belongs to them', () => {
  expect(
    shown(
      { kind: 'arrived', from: '+15550001', to: '+15559999' },
      { kind: 'command', command: 'connect' },
      { kind: 'event', event: 'call.mode_changed', mode: 'spy', position: 96_000 },
      { kind: 'first_audio' },
    ),
  ).toEqual([
    'other | arrived | from +15550001, to +15559999',
    'command | command connect | ',
    'event | call.mode_changed | mode spy, position 96000',
    'other | first audio | ',
  ]);
});

it('shows of a state only what has changed, and nothing if nothing has', () => {
  const state = { kind: 'state', stage: 'answered', ringing: false, state: 'ANSWERED', mode: null };
  expect(shown(state, { ...state, ringing: true }, { ...state, ringing: true })).toEqual([
    'state | state | stage answered, ringing false, state ANSWERED',
    'state | state | ringing true',
  ]);
});

it('leaves what was said to the transcript, and shows other notes', () => {
  expect(
    shown(
      { kind: 'note', note: 'transcript', data: { speaker: 'agent', text: 'hello', atMs: 1 } },
      { kind: 'note', note: 'turn', data: { index: 0, latencyMs: 340, text: 'hello', heardText: 'hello' } },
      { kind: 'note', note: 'mine', data: 'x' },
      { kind: 'note', note: 'long' },
    ),
  ).toEqual(['other | note turn | index 0, latencyMs 340', 'other | note mine | data x', 'other | note long | ']);
});

it('leaves out commands that no agent asks for', () => {
  expect(shown({ kind: 'command', command: 'tracks' })).toEqual([]);
});

it('marks faults and failures', () => {
  expect(
    shown(
      { kind: 'event', event: 'call.connect_failed', errorCode: 'CALL_REJECTED', errorMessage: 'busy' },
      { kind: 'agent_lost' },
      { kind: 'fault', message: 'x' },
    ),
  ).toEqual([
    'fault | call.connect_failed | errorCode CALL_REJECTED, errorMessage busy',
    'fault | agent lost | ',
    'fault | fault | message x',
  ]);
});

it('shows kinds and nested values that it does not know', () => {
  expect(shown({ kind: 'turn', party: 'caller', words: { count: 3 } })).toEqual([
    'other | turn | party caller, words {"count":3}',
  ]);
});
