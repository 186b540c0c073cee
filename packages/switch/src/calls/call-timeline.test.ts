import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from './call.ts';
import { createCallTimeline } from './call-timeline.ts';

function setUp() {
  const entries: TimelineEntry[] = [];
  const timeline = createCallTimeline('call-1', { atMs: () => 7, write: (entry) => entries.push(entry) });
  return { entries, timeline };
}

describe('the timeline of a call', () => {
  it('tells of an event what the agent was sent, and of a key only who pressed it', () => {
    const { entries, timeline } = setUp();
    timeline.event({ type: 'call.connected', atMs: 5, mode: 'spy' });
    timeline.event({ type: 'call.dtmf', atMs: 6, digit: '4', party: 'caller', durationMs: 121 });
    expect(entries).toEqual([
      { callId: 'call-1', atMs: 7, kind: 'event', event: 'call.connected', mode: 'spy' },
      { callId: 'call-1', atMs: 7, kind: 'event', event: 'call.dtmf', party: 'caller' },
    ]);
  });

  it('tells of a fault what was thrown, as much of it as fits into a message', () => {
    const { entries, timeline } = setUp();
    timeline.fault(new Error('x'.repeat(5_000)));
    timeline.fault('thrown as text');
    expect(entries).toEqual([
      { callId: 'call-1', atMs: 7, kind: 'fault', message: 'x'.repeat(1_024) },
      { callId: 'call-1', atMs: 7, kind: 'fault', message: 'thrown as text' },
    ]);
  });
});
