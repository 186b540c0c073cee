import type { TimelineEntry } from '@agentao/switch';
import { expect, it } from 'vitest';
import { followCalls } from './follow-calls.ts';
import { createTerminal } from './terminal.ts';

function follow(...entries: readonly Omit<TimelineEntry, 'callId' | 'atMs'>[]): readonly string[] {
  const lines: string[] = [];
  const streams = { write: (text: string) => lines.push(text) };
  const onTimeline = (listener: (entry: TimelineEntry) => void): (() => void) => {
    for (const entry of entries) listener({ callId: 'call_123456', atMs: 20, ...entry } as TimelineEntry);
    return () => {};
  };
  followCalls(createTerminal({ out: streams, err: streams }, {}), { onTimeline });
  return lines.map((line) => line.replace(/^ +0\.020 s {2}123456 {2}/, '').replace(/ {2,}/, ' '));
}

it('tells events by their name, of a state only what changed, and nothing of what no agent asked for', () => {
  const state = { kind: 'state', stage: 'held', ringing: false, mode: null };
  expect(
    follow(
      state,
      { kind: 'command', command: 'tracks' },
      { kind: 'command', command: 'answer' },
      { kind: 'event', event: 'call.answered', party: 'agent' },
      { ...state, ringing: true },
      { ...state, ringing: true },
    ),
  ).toEqual([
    'state stage held, ringing false\n',
    'command answer\n',
    'call.answered party agent\n',
    'state ringing true\n',
  ]);
});

it('shows control characters of a peer instead of sending them to the terminal', () => {
  expect(follow({ kind: 'arrived', from: '\u001b[2J\n\u009b1m\u007f' })).toEqual([
    'arrived from \\x1b[2J\\x0a\\x9b1m\\x7f\n',
  ]);
});
