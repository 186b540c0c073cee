import { frameFlags, limits, tracks } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createApiKey } from '../connectors/api-key.ts';
import { answerCall, attachCall, connectCall, runSecondCall } from './test-call.ts';
import { createTestSwitch, type RawPeer } from './test-switch.ts';

function eventsOf(media: RawPeer): readonly string[] {
  return media.messages.flatMap((message) => (message.type === 'event' ? [message.event.type] : []));
}

describe('attach', () => {
  it('is answered with where the call stands before anything else', async () => {
    const test = createTestSwitch();
    const { media } = await attachCall(test);
    expect(media.messages[0]).toMatchObject({
      type: 'attached',
      state: 'PENDING',
      mode: null,
      generation: 0,
      resumeWithinMs: limits.resumeWindowMs,
    });
  });

  it('makes the round trip part of the credit window', async () => {
    const near = createTestSwitch();
    const far = createTestSwitch({}, { latencyMs: 50 });
    const windows: number[] = [];
    for (const test of [near, far]) {
      const { media } = await attachCall(test);
      const attached = media.messages.find((message) => message.type === 'attached');
      windows.push(attached?.windowSamples ?? 0);
    }
    expect(windows).toEqual([4_800, 4_800 + 2 * 100 * 24]);
  });
});

describe('audio', () => {
  it('of the agent reaches the caller, frame by frame, and is reported as played', async () => {
    const test = createTestSwitch();
    const { media, caller } = await answerCall(test);
    const voice = new Int16Array(4_800).fill(1_000);
    media.sendFrame({ flags: frameFlags.endOfTrack }, voice);
    expect(await media.next('playout')).toMatchObject({ generation: 0, audible: true });
    await test.clock.advance(400);
    const heard = caller.frames.flatMap(({ samples }) => [...samples]);
    expect(heard.filter((sample) => sample === 1_000)).toHaveLength(4_800);
  });

  it('of the caller reaches the agent on the mix track', async () => {
    const test = createTestSwitch();
    const { media, caller } = await answerCall(test);
    for (let tick = 0; tick < 50; tick++) {
      caller.sendFrame({ track: tracks.mix, position: tick * 480 }, new Int16Array(480).fill(2_000));
      await test.clock.advance(20);
    }
    expect(media.frames.every(({ header }) => header.track === tracks.mix && header.generation === 0)).toBe(true);
    const heard = media.frames.flatMap(({ samples }) => [...samples]);
    expect(heard.filter((sample) => sample === 2_000).length).toBeGreaterThan(20_000);
  });

  it('comes on each track that was asked for', async () => {
    const test = createTestSwitch();
    const { media } = await attachCall(test, { attach: false });
    media.send({ type: 'attach', sampleRateHz: 16_000, tracks: ['caller', 'callee'] });
    await media.next('attached');
    media.send({ type: 'answer', id: 1 });
    await media.next('response');
    await test.clock.advance(100);
    const own = media.frames.map(({ header }) => header.track);
    expect(new Set(own)).toEqual(new Set([tracks.caller, tracks.callee]));
    expect(media.frames.every(({ samples }) => samples.length === 320)).toBe(true);
  });
});

describe('the end', () => {
  it('comes as one terminal event, the response, and a close with 1000', async () => {
    const test = createTestSwitch();
    const { media, caller } = await answerCall(test);
    media.send({ type: 'disconnect', id: 2 });
    expect(await media.end()).toMatchObject({ code: 1000 });
    expect(eventsOf(media).filter((type) => type === 'call.terminated')).toHaveLength(1);
    expect(media.messages.at(-1)).toMatchObject({ type: 'response', id: 2, ok: true });
    expect(await caller.next('ended')).toMatchObject({ reason: 'disconnected', by: 'agent' });
    const sequence = media.messages.flatMap((message) => (message.type === 'event' ? [message.seq] : []));
    expect(sequence).toEqual(sequence.map((_, index) => index + 1));
  });

  it('by close code 4411 tears the call down', async () => {
    const test = createTestSwitch();
    const { media, caller, callee } = await connectCall(test);
    media.socket.close(4411);
    expect(await caller.next('ended')).toMatchObject({ reason: 'disconnected', by: 'agent' });
    expect(await callee.next('ended')).toMatchObject({ reason: 'disconnected', by: 'agent' });
    expect(test.sw.calls).toHaveLength(0);
  });

  it.each<[string, (media: RawPeer) => void]>([
    ['a close with 1000', (media) => media.socket.close(1000)],
    ['a cut', (media) => media.connection.cut()],
  ])('by %s of the media connection leaves caller and callee talking', async (_, lose) => {
    const test = createTestSwitch();
    const { media, caller, callee } = await connectCall(test);
    lose(media);
    await test.clock.advance(1_000);
    const before = callee.frames.length;
    await test.clock.advance(1_000);
    expect(callee.frames.length - before).toBe(50);
    expect([caller.closed, callee.closed]).toEqual([undefined, undefined]);
    expect(caller.messages.filter(({ type }) => type === 'ended')).toHaveLength(0);
  });

  it('by a revoked key closes the connection with 4401, and the call of another key loses no tick', async () => {
    const [leaked, good] = [createApiKey(), createApiKey()];
    const test = createTestSwitch({
      connectors: [{ uuid: 'c', numbers: ['*'], keys: [leaked.stored, good.stored] }],
    });
    const expectNoTickLost = await runSecondCall(test, { control: await test.openControl({ key: good.key }) });
    const { media } = await answerCall(test, { control: await test.openControl({ key: leaked.key }) });
    test.sw.revokeKey(leaked.stored.keyId);
    expect(await media.end()).toMatchObject({ code: 4401 });
    await expectNoTickLost();
  });

  it('of the switch terminates every call with shutdown and leaves no timer, no call and no socket', async () => {
    const test = createTestSwitch();
    const { media, caller } = await connectCall(test);
    await test.sw.close();
    expect(await media.end()).toMatchObject({ code: 1000 });
    expect(eventsOf(media).at(-1)).toBe('call.terminated');
    expect(await caller.next('ended')).toMatchObject({ reason: 'shutdown', by: 'switch' });
    expect(await caller.end()).toMatchObject({ code: 1001 });
    await test.clock.advance(0);
    expect(test.sw.calls).toHaveLength(0);
    expect(test.network.connections()).toHaveLength(0);
    expect(test.clock.pendingTimers).toBe(0);
  });

  it('of the switch by drain waits for the calls that run, and ends those that do not end', async () => {
    const test = createTestSwitch();
    const first = await answerCall(test);
    const second = await answerCall(test, { control: first.control });
    const drained = test.sw.drain({ timeoutMs: 5_000 });
    first.media.send({ type: 'disconnect', id: 2 });
    await test.clock.advance(4_999);
    expect([first.media.closed?.code, second.media.closed]).toEqual([1000, undefined]);
    await test.clock.runUntil(drained, { maxMs: 1_300 });
    expect(await second.media.end()).toMatchObject({ code: 1000 });
    expect(await second.caller.next('ended')).toMatchObject({ reason: 'shutdown' });
  });
});

describe('liveness', () => {
  it('a quiet client is pinged after 500 ms, and stays as long as it answers', async () => {
    const test = createTestSwitch();
    const { media } = await attachCall(test);
    await test.clock.advance(5_000);
    expect(media.closed).toBeUndefined();
    const pings = media.messages.filter(({ type }) => type === 'ping').length;
    expect(pings).toBeGreaterThanOrEqual(9);
    expect(pings).toBeLessThanOrEqual(11);
  });

  it('a client of which nothing is heard for 2 s is closed with 4504, and another call loses no tick', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const lost = await answerCall(test);
    lost.media.connection.stall('toServer');
    await test.clock.advance(limits.mediaDeadMs - 1);
    expect(lost.media.closed).toBeUndefined();
    expect(await lost.media.end()).toMatchObject({ code: 4504 });
    await lost.callee.next('incoming');
    await expectNoTickLost();
  });
});
