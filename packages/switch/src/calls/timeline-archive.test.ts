import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from './call.ts';
import { createTimelineArchive } from './timeline-archive.ts';

function entry(callId: string, kind: string, atMs = 0): TimelineEntry {
  return { callId, kind, atMs };
}

describe('the timeline archive', () => {
  it('numbers the entries of a call from its arrival on', () => {
    const archive = createTimelineArchive(10);
    archive.add(entry('a', 'arrived'));
    archive.add(entry('b', 'arrived'));
    archive.add(entry('a', 'state', 5));
    const history = archive.of('a');
    expect([history?.start, history?.end]).toEqual([0, 2]);
    expect(history?.at(1)).toEqual(entry('a', 'state', 5));
    expect([history?.at(2), history?.at(-1)]).toEqual([undefined, undefined]);
  });

  it('lets the oldest go beyond its bound, and keeps the numbers of the others', () => {
    const archive = createTimelineArchive(3);
    archive.add(entry('a', 'arrived'));
    for (let atMs = 1; atMs <= 5; atMs++) archive.add(entry('a', 'state', atMs));
    const history = archive.of('a');
    expect([history?.start, history?.end]).toEqual([3, 6]);
    expect([2, 3, 4, 5].map((number) => history?.at(number)?.atMs)).toEqual([undefined, 3, 4, 5]);
  });

  it('keeps nothing of calls that have not arrived or are forgotten', () => {
    const archive = createTimelineArchive(3);
    archive.add(entry('a', 'offered'));
    expect(archive.of('a')).toBeUndefined();
    archive.add(entry('a', 'arrived'));
    archive.forget('a');
    archive.add(entry('a', 'ended'));
    expect(archive.of('a')).toBeUndefined();
  });
});
