import { frameFlags, limits, tracks } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { answerCall, attachCall, connectCall, runSecondCall, type TestCall, watchTicks } from './test-call.ts';
import { createTestSwitch, type RawPeer, type TestSwitch } from './test-switch.ts';

/** What a client says when it is back; `mix` is how far it has heard. */
interface Back {
  readonly mix?: number;
  readonly lastEventSeq?: number;
  readonly generation?: number;
}

function tokenOf(media: RawPeer): string {
  const last = media.messages.findLast((message) => message.type === 'attached' || message.type === 'resumed');
  return last?.resumeToken ?? '';
}

async function resume(
  test: TestSwitch,
  token: string,
  { mix, lastEventSeq = 0, generation = 0 }: Back = {},
): Promise<RawPeer> {
  const media = await test.open('media', token);
  media.send({ type: 'resume', received: mix === undefined ? {} : { mix }, lastEventSeq, generation });
  return media;
}

/** Position after the last sample that came on the mix track. */
function heardBy(media: RawPeer): number {
  const last = media.frames.findLast(({ header }) => header.track === tracks.mix);
  return last === undefined ? 0 : last.header.position + last.samples.length;
}

function eventsOf(media: RawPeer): readonly [number, string][] {
  return media.messages.flatMap((message) => (message.type === 'event' ? [[message.seq, message.event.type]] : []));
}

async function statusOf(test: TestSwitch, token: string): Promise<unknown> {
  const error = await test.open('media', token).catch((cause: unknown) => cause);
  const { status, body } = error as { readonly status?: number; readonly body?: string };
  return [status, (JSON.parse(body ?? '{}') as { readonly code?: string }).code];
}

async function lose(test: TestSwitch, { media }: TestCall, forMs: number): Promise<void> {
  media.connection.cut();
  await test.clock.advance(forMs);
}

describe('resume', () => {
  it('is answered with how things stand, then the events missed, then call.resumed, then the audio missed, then audio as it comes', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    await test.clock.advance(200);
    const mix = heardBy(call.media);
    await lose(test, call, 500);
    call.caller.send({ type: 'dtmf', digit: '7', durationMs: 100 });
    await test.clock.advance(500);
    const media = await resume(test, tokenOf(call.media), { mix, lastEventSeq: 1 });
    await test.clock.advance(200);
    expect(media.messages[0]).toMatchObject({
      type: 'resumed',
      state: 'ANSWERED',
      mode: null,
      generation: 0,
      received: 0,
      played: 0,
      replayFrom: { mix },
      resumeToken: expect.stringMatching(/^rt_/),
      resumeWithinMs: limits.resumeWindowMs,
    });
    expect(eventsOf(media)).toEqual([
      [2, 'call.dtmf'],
      [3, 'call.resumed'],
    ]);
    const resumed = media.messages.find((message) => message.type === 'event' && message.seq === 3);
    expect(resumed).toMatchObject({ event: { outageMs: 1_000, replayedSamples: 24_000 } });
    const flags = media.frames.map(({ header }) => header.flags);
    expect(flags.filter((flag) => flag === frameFlags.replayed)).toHaveLength(50);
    expect(flags.slice(50).every((flag) => flag === 0)).toBe(true);
    expect(media.frames.map(({ header }) => header.position)).toEqual(media.frames.map((_, tick) => mix + tick * 480));
  });

  it('goes on with the outgoing audio at the sample that the switch does not have', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    call.media.sendFrame({ position: 0 }, new Int16Array(3_000).fill(1_000));
    await test.clock.advance(20);
    await lose(test, call, 1_000);
    const media = await resume(test, tokenOf(call.media), { mix: heardBy(call.media), lastEventSeq: 1 });
    const { received, played, upTo } = await media.next('resumed');
    expect([received, played, upTo]).toEqual([3_000, 3_000, 7_200]);
    media.sendFrame({ position: 3_000, flags: frameFlags.endOfTrack }, new Int16Array(1_000).fill(1_000));
    await test.clock.advance(200);
    const heard = call.caller.frames.flatMap(({ samples }) => [...samples]);
    expect(heard.filter((sample) => sample === 1_000)).toHaveLength(4_000);
    expect(media.closed).toBeUndefined();
  });

  it('plays nothing of what a clear is known to drop, and tells what had been heard once the clear has come', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    call.media.sendFrame({ position: 0 }, new Int16Array(4_800).fill(1_000));
    await test.clock.advance(30);
    call.media.connection.cut();
    await test.clock.advance(0);
    const media = await resume(test, tokenOf(call.media), { mix: heardBy(call.media), lastEventSeq: 1, generation: 1 });
    const { played, generation } = await media.next('resumed');
    expect(generation).toBe(0);
    await test.clock.advance(500);
    media.send({ type: 'clear', id: 9, generation: 1, position: 6_000 });
    const cleared = { position: played, clearedSamples: 6_000 - played };
    expect(await media.next('response')).toMatchObject({ id: 9, ok: true, result: cleared });
    const heard = call.caller.frames.flatMap(({ samples }) => [...samples]);
    expect(heard.filter((sample) => sample === 1_000)).toHaveLength(played);
  });

  it('has a repeated command answered and not executed, whether it was before the loss or after', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    call.media.send({ type: 'connect', id: 2, ringTimeMs: 20_000, mode: 'barge' });
    await call.callee.next('incoming');
    await lose(test, call, 500);
    const media = await resume(test, tokenOf(call.media), { lastEventSeq: 1 });
    media.send({ type: 'answer', id: 1 });
    media.send({ type: 'connect', id: 2, ringTimeMs: 20_000, mode: 'barge' });
    expect(await media.next('response')).toMatchObject({ id: 1, ok: true });
    call.callee.send({ type: 'answer' });
    expect(await media.next('response')).toMatchObject({ id: 2, ok: true });
    expect(call.callee.messages.filter(({ type }) => type === 'incoming')).toHaveLength(1);
    expect(eventsOf(media).map(([, type]) => type)).toEqual(['call.resumed', 'call.connected']);
  });

  it('displaces a connection that is half open, and another call loses no tick', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const call = await connectCall(test);
    await test.clock.advance(100);
    call.media.connection.stall('toClient');
    await test.clock.advance(1_000);
    const media = await resume(test, tokenOf(call.media), { mix: heardBy(call.media), lastEventSeq: 2 });
    await media.next('resumed');
    call.media.connection.resume();
    expect(await call.media.end()).toMatchObject({ code: 4409 });
    expect(eventsOf(media)).toEqual([[3, 'call.resumed']]);
    await test.clock.advance(100);
    const expectNoneLost = watchTicks(test, { ...call, media });
    await test.clock.advance(3_000);
    expectNoneLost();
    await expectNoTickLost();
  });

  it('flags the gap where more is missing than is kept', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    await test.clock.advance(100);
    const mix = heardBy(call.media);
    await test.clock.advance(5_000);
    call.media.connection.cut();
    const media = await resume(test, tokenOf(call.media), { mix, lastEventSeq: 1 });
    const { replayFrom } = await media.next('resumed');
    await test.clock.advance(200);
    expect(replayFrom.mix).toBe(heardBy(call.media) - 4.5 * 24_000);
    expect(media.frames[0]?.header).toMatchObject({
      position: replayFrom.mix,
      flags: frameFlags.replayed | frameFlags.gapBefore,
    });
    expect(media.frames.slice(1).some(({ header }) => (header.flags & frameFlags.gapBefore) !== 0)).toBe(false);
  });

  it('twice in a row, with the first lost before it was answered, misses nothing', async () => {
    const test = createTestSwitch({}, { latencyMs: 20 });
    const call = await answerCall(test);
    await test.clock.advance(200);
    const [mix, token] = [heardBy(call.media), tokenOf(call.media)];
    await lose(test, call, 300);
    const first = await resume(test, token, { mix, lastEventSeq: 1 });
    await test.clock.advance(30);
    expect(first.messages).toEqual([]);
    first.connection.cut();
    const second = await resume(test, token, { mix, lastEventSeq: 1 });
    await second.next('resumed');
    await test.clock.advance(500);
    expect(second.frames.map(({ header }) => header.position)).toEqual(
      second.frames.map((_, tick) => mix + tick * 480),
    );
    expect(eventsOf(second)).toEqual([
      [2, 'call.resumed'],
      [3, 'call.resumed'],
    ]);
    second.connection.cut();
    const third = await resume(test, tokenOf(second), { mix: heardBy(second), lastEventSeq: 3 });
    await third.next('resumed');
    expect(third.closed).toBeUndefined();
  });
});

describe('an agent that is lost', () => {
  it('before it has said a word is waited for one second, so that another may have the call', async () => {
    const test = createTestSwitch();
    const call = await attachCall(test);
    const other = await test.openControl();
    call.media.connection.cut();
    await test.clock.advance(999);
    expect(other.messages.filter(({ type }) => type === 'offer')).toEqual([]);
    await test.clock.advance(1);
    expect(await other.next('offer')).toMatchObject({ callId: call.callId });
  });

  it('within that second comes back as any other', async () => {
    const test = createTestSwitch();
    const call = await attachCall(test);
    call.media.connection.cut();
    const media = await resume(test, tokenOf(call.media));
    expect(await media.next('resumed')).toMatchObject({ state: 'PENDING' });
    await test.clock.advance(20_000);
    expect(media.closed).toBeUndefined();
  });
});

describe('a resume token', () => {
  it('is used up as soon as its owner has shown that it has the next one', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    const token = tokenOf(call.media);
    await lose(test, call, 100);
    const media = await resume(test, token);
    await media.next('resumed');
    media.send({ type: 'mark', position: 1 });
    await test.clock.advance(0);
    expect(await statusOf(test, token)).toEqual([401, 'INVALID_TOKEN']);
    await test.clock.advance(100);
    media.connection.cut();
    const next = await resume(test, tokenOf(media));
    await next.next('resumed');
  });

  it('that is used up while the connection that it opened waits to say so displaces nobody', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    const token = tokenOf(call.media);
    await lose(test, call, 100);
    const late = await test.open('media', token);
    const media = await resume(test, token);
    await media.next('resumed');
    media.send({ type: 'mark', position: 1 });
    await test.clock.advance(0);
    late.send({ type: 'resume', received: {}, lastEventSeq: 0, generation: 0 });
    expect(await late.end()).toMatchObject({ code: 4409 });
    expect(media.closed).toBeUndefined();
  });

  it('opens nothing for a call that goes on without its owner, which is told so', async () => {
    const test = createTestSwitch();
    const call = await connectCall(test);
    const token = tokenOf(call.media);
    call.media.connection.cut();
    const early = await test.open('media', token);
    await test.clock.advance(limits.resumeWindowMs - 100);
    const last = await test.open('media', token);
    await test.clock.advance(100);
    last.send({ type: 'resume', received: {}, lastEventSeq: 0, generation: 0 });
    expect(await last.end()).toMatchObject({ code: 4410 });
    expect(await early.end()).toMatchObject({ code: 4408 });
    expect(await statusOf(test, token)).toEqual([409, 'TAKEN_OVER']);
    expect([call.caller.closed, call.callee.closed]).toEqual([undefined, undefined]);
  });

  it('opens no command, no attach, and nothing with the token of an offer', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    await lose(test, call, 10);
    const wrong = await test.open('media', tokenOf(call.media));
    wrong.send({ type: 'attach', sampleRateHz: 24_000 });
    expect(await wrong.end()).toMatchObject({ code: 4422 });
    const hasty = await test.open('media', tokenOf(call.media));
    hasty.send({ type: 'answer', id: 7 });
    expect(await hasty.end()).toMatchObject({ code: 4422 });
    const media = await resume(test, tokenOf(call.media));
    await media.next('resumed');
    media.send({ type: 'resume', received: {}, lastEventSeq: 0, generation: 0 });
    expect(await media.end()).toMatchObject({ code: 4422 });
  });

  it('tells an owner that comes back after the end how it came to it, once', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    await lose(test, call, 100);
    call.caller.send({ type: 'hangup' });
    await test.clock.advance(100);
    const media = await resume(test, tokenOf(call.media), { lastEventSeq: 1 });
    expect(await media.next('resumed')).toMatchObject({ state: 'DISCONNECTED', mode: null, replayFrom: {} });
    expect(await media.end()).toMatchObject({ code: 1000 });
    expect(eventsOf(media)).toEqual([[2, 'call.terminated']]);
    expect(await statusOf(test, tokenOf(media))).toEqual([401, 'INVALID_TOKEN']);
  });

  it('is forgotten with a call whose end its owner has read', async () => {
    const test = createTestSwitch();
    const call = await attachCall(test);
    call.media.send({ type: 'disconnect', id: 1 });
    await call.media.end();
    expect(await statusOf(test, tokenOf(call.media))).toEqual([401, 'INVALID_TOKEN']);
  });

  it('opens nothing after a goodbye or a breach of the protocol: such an agent is not waited for', async () => {
    for (const part of [(media: RawPeer) => media.socket.close(1000), (media: RawPeer) => media.sendText('{')]) {
      const test = createTestSwitch();
      const call = await connectCall(test);
      part(call.media);
      await test.clock.advance(10);
      expect(await statusOf(test, tokenOf(call.media))).toEqual([409, 'TAKEN_OVER']);
    }
  });
});
