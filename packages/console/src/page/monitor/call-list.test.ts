import type { MonitorCall } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createCallList } from './call-list.ts';
import { testCall } from './test-call.ts';

const startedAt = (callId: string, startedAtMs: number): MonitorCall => ({ ...testCall(callId), startedAtMs });
const end = { reason: 'hangup', by: 'caller' } as const;
const line = (atMs: number, kind = 'x') => ({ atMs, entry: { kind } });

describe('call list', () => {
  it('has live calls first, the oldest on top, then ended ones, the newest on top', () => {
    const list = createCallList();
    list.change(startedAt('b', 2000));
    list.change(startedAt('c', 3000));
    list.change(startedAt('a', 1000));
    list.end({ callId: 'a', ...end }, 5000);
    list.end({ callId: 'c', ...end }, 6000);
    list.change(startedAt('d', 4000));
    expect(list.calls.map(({ callId }) => callId)).toEqual(['b', 'd', 'c', 'a']);
    expect(list.calls[3]?.ending).toEqual({ reason: 'hangup', by: 'caller', atMs: 4000 });
    expect(list.calls.map(({ callId }) => list.isLive(callId))).toEqual([true, true, false, false]);
  });

  it('keeps the twenty calls that ended last, with their timelines', () => {
    const list = createCallList();
    for (let i = 0; i < 30; i++) {
      list.change(startedAt(`call-${i}`, i));
      list.addLine(`call-${i}`, line(1));
      list.end({ callId: `call-${i}`, ...end }, i);
    }
    expect(list.calls).toHaveLength(20);
    expect(list.calls[0]?.callId).toBe('call-29');
    expect(list.timeline('call-10')).toHaveLength(1);
    expect(list.timeline('call-9')).toEqual([]);
  });

  it('keeps the last 256 lines of a timeline', () => {
    const list = createCallList();
    list.change(testCall('a'));
    for (let i = 0; i < 300; i++) list.addLine('a', line(i));
    expect(list.timeline('a')).toHaveLength(256);
    expect(list.timeline('a').at(-1)).toEqual(line(299));
    expect(list.timeline(undefined)).toBe(list.timeline('unknown'));
  });

  it('replaces its live calls by a snapshot and keeps the ended ones', () => {
    const list = createCallList();
    list.change(testCall('a'));
    list.change(testCall('b'));
    list.end({ callId: 'a', ...end }, 0);
    list.replace([testCall('c')]);
    expect(list.calls.map(({ callId }) => callId)).toEqual(['c', 'a']);
  });

  it('does not end what it does not know, and takes no lines of it', () => {
    const list = createCallList();
    list.end({ callId: 'a', ...end }, 0);
    list.addLine('a', line(1));
    expect([list.calls, list.timeline('a')]).toEqual([[], []]);
  });

  it('begins a timeline anew when it is told from its start', () => {
    const list = createCallList();
    list.change(testCall('a'));
    list.addLine('a', line(5, 'old'));
    list.expectTimeline('a');
    expect(list.timeline('a')).toHaveLength(1);
    list.addLine('a', line(5, 'new'));
    list.addLine('a', line(5, 'newer'));
    expect(list.timeline('a').map(({ entry }) => entry.kind)).toEqual(['new', 'newer']);
  });

  it('begins it anew at a line from before the last one, which was still on its way', () => {
    const list = createCallList();
    list.change(testCall('a'));
    list.expectTimeline('a');
    list.addLine('a', line(900, 'on its way'));
    list.addLine('a', line(10, 'first'));
    list.addLine('a', line(900, 'last'));
    expect(list.timeline('a').map(({ entry }) => entry.kind)).toEqual(['first', 'last']);
  });
});
