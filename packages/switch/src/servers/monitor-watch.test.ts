import { frameFlags, limits, tracks } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { answerCall, connectCall } from './test-call.ts';
import { isOf, openMonitor, timelineOf } from './test-monitor.ts';
import { createTestSwitch, type RawPeer } from './test-switch.ts';

describe('watching', () => {
  it('begins with what has happened so far, then goes on live, in order and without a repeat', async () => {
    const test = createTestSwitch();
    const expected: unknown[] = [];
    test.sw.onTimeline(({ callId, atMs, kind, ...fields }) => {
      expected.push({ type: 'timeline', callId, atMs, entry: { kind, ...fields } });
    });
    const { callId, media } = await answerCall(test);
    const monitor = await openMonitor(test);
    monitor.send({ type: 'watch', callIds: [callId] });
    await test.clock.advance(0);
    expect(timelineOf(monitor, callId)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(5);
    await test.clock.advance(300);
    monitor.send({ type: 'watch', callIds: [callId, callId] });
    media.send({ type: 'clear', id: 7, generation: 1, position: 0 });
    await media.next('response');
    media.send({ type: 'disconnect', id: 8 });
    await media.end();
    expect(timelineOf(monitor, callId)).toEqual(expected);
    expect(timelineOf(monitor, callId).at(-1)).toMatchObject({ entry: { kind: 'ended', reason: 'disconnected' } });
  });

  it('ends with the last entries before `ended`, also for a monitor that had not caught up', async () => {
    const test = createTestSwitch();
    const { callId, media } = await answerCall(test);
    for (let id = 10; id < 110; id++) media.send({ type: 'tracks', id, tracks: ['mix'] });
    await test.clock.advance(0);
    const monitor = await openMonitor(test);
    monitor.send({ type: 'watch', callIds: [callId] });
    await test.clock.advance(0);
    expect(timelineOf(monitor, callId).length).toBeLessThan(100);
    test.sw.calls[0]?.end({ reason: 'failed', by: 'switch' });
    await test.clock.advance(1_000);
    expect(timelineOf(monitor, callId).filter(({ entry }) => entry.kind === 'command')).toHaveLength(101);
    expect(monitor.messages.at(-1)).toMatchObject({ type: 'ended', callId });
    expect(monitor.messages.at(-2)).toMatchObject({ type: 'timeline', entry: { kind: 'ended' } });
  });

  it('shows the last 256 entries of a long call', async () => {
    const test = createTestSwitch();
    const { callId, media } = await answerCall(test);
    for (let id = 10; id < 310; id++) media.send({ type: 'tracks', id, tracks: ['mix'] });
    await test.clock.advance(0);
    const monitor = await openMonitor(test);
    monitor.send({ type: 'watch', callIds: [callId] });
    await test.clock.advance(100);
    const entries = timelineOf(monitor, callId);
    expect(entries).toHaveLength(limits.timelineEntries);
    expect(entries.every(({ entry }) => entry.kind === 'command')).toBe(true);
  });

  it('is of the calls named last; unknown ids and calls that are over are ignored', async () => {
    const test = createTestSwitch();
    const first = await answerCall(test);
    const second = await answerCall(test, { control: first.control });
    const monitor = await openMonitor(test);
    monitor.send({ type: 'watch', callIds: ['nobody', first.callId] });
    await test.clock.advance(500);
    monitor.send({ type: 'watch', callIds: [second.callId] });
    await test.clock.advance(0);
    const firstUntilNow = monitor.messages.filter(isOf(first.callId)).length;
    await test.clock.advance(1_000);
    first.media.send({ type: 'clear', id: 7, generation: 1, position: 0 });
    await first.media.next('response');
    expect(monitor.messages.filter(isOf(first.callId))).toHaveLength(firstUntilNow);
    expect(timelineOf(monitor, second.callId).length).toBeGreaterThan(5);
    monitor.send({ type: 'watch', callIds: [] });
    await test.clock.advance(0);
    const total = monitor.messages.length;
    await test.clock.advance(10_000);
    expect(new Set(monitor.messages.slice(total).map(({ type }) => type))).toEqual(new Set(['ping']));
  });

  it('anew of a call that was let go begins with its history again', async () => {
    const test = createTestSwitch();
    const { callId } = await answerCall(test);
    const monitor = await openMonitor(test);
    monitor.send({ type: 'watch', callIds: [callId] });
    monitor.send({ type: 'watch', callIds: [] });
    monitor.send({ type: 'watch', callIds: [callId] });
    await test.clock.advance(50);
    const entries = timelineOf(monitor, callId);
    const arrivals = entries.filter(({ entry }) => entry.kind === 'arrived');
    expect(arrivals).toHaveLength(2);
    expect(entries.slice(entries.length / 2)).toEqual(entries.slice(0, entries.length / 2));
  });

  it('holds no digit, token or key', async () => {
    const test = createTestSwitch();
    const { callId, media, caller, token } = await connectCall(test);
    const monitor = await openMonitor(test);
    monitor.send({ type: 'watch', callIds: [callId] });
    caller.send({ type: 'dtmf', digit: '7', durationMs: 121 });
    media.send({ type: 'dtmf', id: 5, digits: '4711*' });
    media.sendText('{"type":"context","id":6,"context":"a secret of the agent"}');
    await media.next('event');
    await test.clock.advance(100);
    const said = JSON.stringify(timelineOf(monitor, callId));
    expect(said).toContain('call.dtmf');
    const [, , secret = ''] = test.key.key.split('_');
    for (const hidden of ['4711', 'secret', 'digit', '121', token, secret, test.operatorToken]) {
      expect(hidden).not.toBe('');
      expect(said).not.toContain(hidden);
    }
  });
});

describe('levels', () => {
  it('come five times a second for watched calls only, from the watch on', async () => {
    const test = createTestSwitch();
    const first = await answerCall(test);
    await answerCall(test, { control: first.control });
    const monitor = await openMonitor(test);
    await test.clock.advance(1_000);
    expect(monitor.messages.filter(({ type }) => type === 'levels')).toEqual([]);
    monitor.send({ type: 'watch', callIds: [first.callId] });
    await test.clock.advance(10_000);
    const levels = monitor.messages.filter((message) => message.type === 'levels');
    expect([49, 50]).toContain(levels.length);
    expect(levels.every(({ callId }) => callId === first.callId)).toBe(true);
    expect(levels[0]).toEqual({ type: 'levels', callId: first.callId, callerDb: -120, calleeDb: -120, agentDb: -120 });
  });

  it('are those of what each says, whoever hears it', async () => {
    const test = createTestSwitch();
    const { callId, media, caller, callee } = await connectCall(test);
    media.send({ type: 'mode', id: 3, mode: 'spy' });
    await media.next('response');
    const monitor = await openMonitor(test);
    monitor.send({ type: 'watch', callIds: [callId] });
    await monitor.next('levels');
    media.sendFrame({ flags: frameFlags.endOfTrack }, new Int16Array(4_800).fill(16_384));
    for (let tick = 0; tick < 50; tick++) {
      caller.sendFrame({ track: tracks.mix, position: tick * 480 }, new Int16Array(480).fill(3_277));
      callee.sendFrame({ track: tracks.mix, position: tick * 480 }, new Int16Array(480).fill(328));
      await test.clock.advance(20);
    }
    const levels = monitor.messages.filter((message) => message.type === 'levels');
    expect(levels.map(({ agentDb }) => agentDb)).toEqual([-120, -6, -120, -120, -120, -120]);
    expect(levels.at(-1)).toMatchObject({ callerDb: -20, calleeDb: -40 });
  });

  it('go to every monitor that watches, and end for one that no longer does or is gone', async () => {
    const test = createTestSwitch();
    const { callId } = await answerCall(test);
    const [first, second] = [await openMonitor(test), await openMonitor(test)];
    const count = (monitor: RawPeer): number => monitor.messages.filter(({ type }) => type === 'levels').length;
    for (const monitor of [first, second]) monitor.send({ type: 'watch', callIds: [callId] });
    await first.next('levels');
    await test.clock.advance(800);
    expect([count(first), count(second)]).toEqual([5, 5]);
    first.socket.close();
    await first.end();
    await test.clock.advance(1_000);
    expect([count(first), count(second)]).toEqual([5, 10]);
    second.send({ type: 'watch', callIds: [] });
    await test.clock.advance(1_000);
    expect(count(second)).toBe(10);
  });
});
