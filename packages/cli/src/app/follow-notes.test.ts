import { createVirtualClock } from '@agentao/clock';
import type { TimelineEntry } from '@agentao/switch';
import { expect, it } from 'vitest';
import { callerNumber } from '../call/run-call.ts';
import type { Stage } from '../call/stage.ts';
import { createReport } from '../output/report.ts';
import { createTerminal } from '../output/terminal.ts';
import { followNotes } from './follow-notes.ts';

it('tells turns, none before the caller was answered, and tools, of which one that failed is a step that failed', () => {
  const lines: string[] = [];
  const stream = { write: (text: string) => lines.push(text.trimEnd()) };
  const report = createReport(createTerminal({ out: stream, err: stream }, {}));
  let happen: (entry: object) => void = () => {};
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  const stage = { clock, report } as unknown as Stage;
  const notes = followNotes(
    stage,
    {
      onTimeline: (listener) => {
        happen = (entry) => listener({ callId: 'call_1', ...entry } as unknown as TimelineEntry);
        return () => {};
      },
    },
    { notBeforeMs: () => 500 },
  );
  const note = (kind: string, data: object): void => happen({ kind: 'note', note: kind, data });
  note('turn', { text: 'Before it arrived.', startMs: 0 });
  happen({ kind: 'arrived', from: callerNumber, atMs: 0 });
  note('turn', { text: 'Hello.', startMs: 495 });
  note('turn', { text: 'All of it.', heardText: 'All', interrupted: true, startMs: 2_000, latencyMs: 700 });
  for (const outcome of ['ok', 'cancelled', 'failed'])
    note('tool', { name: 'book', outcome, startMs: 3_000, durationMs: 5 });
  expect(lines).toEqual([
    '✓   0.500 s  agent   Hello.',
    expect.stringMatching(/^✓ +2\.000 s {2}agent {3}All - +700 ms after the caller$/),
    expect.stringMatching(/^✓ +3\.000 s {2}agent {3}uses book +ok, 5 ms$/),
    expect.stringMatching(/^✓ +3\.000 s {2}agent {3}uses book +cancelled, 5 ms$/),
    expect.stringMatching(/^✗ +3\.000 s {2}agent {3}uses book +failed, 5 ms$/),
    expect.stringContaining('every tool is to work'),
  ]);
  expect(report.failed).toEqual(['agent uses book']);
  expect(notes).toMatchObject({ turns: 2, tools: 3, medianReplyMs: 700 });
});
