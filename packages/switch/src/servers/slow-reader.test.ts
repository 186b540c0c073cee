import type { Clock } from '@agentao/clock';
import { frameFlags } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { answerCall, connectCall, runSecondCall } from './test-call.ts';
import { createTestSwitch, type RawPeer } from './test-switch.ts';

describe('a media client that stops reading', () => {
  it('for a while loses the newest audio, counted and told once, and another call loses no tick', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const slow = await answerCall(test);
    await test.clock.advance(100);
    const framesBefore = slow.media.frames.length;
    slow.media.connection.stall('toClient');
    const keepAlive = setPings(slow.media, test.clock);
    await test.clock.advance(1_900);
    keepAlive.stop();
    slow.media.connection.resume();
    await test.clock.advance(1_000);

    const events = slow.media.messages.flatMap((message) => (message.type === 'event' ? [message.event] : []));
    const overflows = events.filter((event) => event.type === 'call.audio_overflow');
    expect(overflows).toHaveLength(1);
    const droppedSamples = overflows[0]?.droppedSamples ?? 0;
    expect(overflows[0]?.party).toBe('mix');
    const frames = slow.media.frames.slice(framesBefore);
    expect(frames.length + droppedSamples / 480).toBe(145);
    expect(frames.length).toBeLessThan(110);
    const flagged = frames.filter(({ header }) => header.flags === frameFlags.gapBefore);
    expect(flagged).toHaveLength(1);
    const at = frames.findIndex((frame) => frame === flagged[0]);
    const jump = (frames[at]?.header.position ?? 0) - (frames[at - 1]?.header.position ?? 0);
    expect(jump).toBe(480 + droppedSamples);
    await expectNoTickLost();
  });

  it('for good is closed with 4428, the call goes on without it, and another call loses no tick', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const slow = await connectCall(test);
    const heardBefore = slow.callee.frames.length;
    slow.media.connection.stall('toClient');
    const keepAlive = setPings(slow.media, test.clock);
    await test.clock.advance(3_500);
    keepAlive.stop();
    slow.media.connection.resume();
    expect(await slow.media.end()).toMatchObject({ code: 4428 });
    expect(slow.callee.frames.length - heardBefore).toBe(175);
    expect(slow.caller.closed).toBeUndefined();
    await expectNoTickLost();
  });

  it('for good and comes back has missed nothing but what could not be kept', async () => {
    const test = createTestSwitch();
    const slow = await answerCall(test);
    await test.clock.advance(200);
    const heard = slow.media.frames.at(-1)?.header.position ?? 0;
    const token = slow.media.messages.find((message) => message.type === 'attached')?.resumeToken ?? '';
    slow.media.connection.stall('toClient');
    const keepAlive = setPings(slow.media, test.clock);
    await test.clock.advance(3_500);
    keepAlive.stop();
    const back = await test.open('media', token);
    back.send({ type: 'resume', received: { mix: heard + 480 }, lastEventSeq: 1, generation: 0 });
    await back.next('resumed');
    await test.clock.advance(500);
    const missing = back.frames.filter(({ header }, tick) => header.position !== heard + (tick + 1) * 480);
    expect(missing).toEqual([]);
    expect(back.messages.flatMap((message) => (message.type === 'event' ? [message.event.type] : []))).toEqual([
      'call.resumed',
    ]);
  });
});

describe('a phone that stops reading', () => {
  it('for a while loses the newest audio, flagged, the call goes on, and another call loses no tick', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const { caller, media } = await answerCall(test);
    const before = caller.frames.length;
    caller.connection.stall('toClient');
    const keepAlive = setPings(caller, test.clock);
    await test.clock.advance(1_900);
    keepAlive.stop();
    caller.connection.resume();
    await test.clock.advance(500);
    const frames = caller.frames.slice(before);
    expect(frames.length).toBeLessThan(110);
    expect(frames.filter(({ header }) => header.flags === frameFlags.gapBefore)).toHaveLength(1);
    expect(frames.at(-1)?.header.position).toBe((frames[0]?.header.position ?? 0) + 119 * 480);
    expect(media.closed).toBeUndefined();
    await expectNoTickLost();
  });

  it('for good is closed with 4428, its call ends, and another call loses no tick', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const slow = await answerCall(test);
    slow.caller.connection.stall('toClient');
    const keepAlive = setPings(slow.caller, test.clock);
    await test.clock.advance(3_500);
    keepAlive.stop();
    slow.caller.connection.resume();
    expect(await slow.caller.end()).toMatchObject({ code: 4428 });
    expect(await slow.media.end()).toMatchObject({ code: 1000 });
    await expectNoTickLost();
  });
});

/** Lets a peer that cannot read the switch's pings send its own, so that it is slow but not silent. */
function setPings(peer: RawPeer, clock: Clock): { stop(): void } {
  let id = 0;
  let timer = clock.setTimer(clock.now() + 400, beat);
  function beat(): void {
    peer.send({ type: 'ping', id: ++id });
    timer = clock.setTimer(clock.now() + 400, beat);
  }
  return { stop: () => timer.cancel() };
}
