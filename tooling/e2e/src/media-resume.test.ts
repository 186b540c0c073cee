import { type AnyCallEvent, BufferFullError } from '@agentao/calls';
import { limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { type BreakableLine, openBreakableLine } from './breakable-line.ts';
import { counting, expectCounted } from './counting-tone.ts';

/** When the switch gave the agent up, in milliseconds since `sinceMs`. */
function lostAfterMs({ virtual }: BreakableLine, sinceMs: number): number | undefined {
  const entry = virtual.timeline.find(({ kind }) => kind === 'agent_lost');
  return entry === undefined ? undefined : entry.atMs - sinceMs;
}

function types(told: readonly AnyCallEvent[]): string[] {
  return told.map(({ type }) => type);
}

describe('an agent that does not come back', () => {
  it('is waited for one second when its system has ended both its connections, and then the two talk on', async () => {
    const line = await openBreakableLine();
    const { clock, network, settled, callSwitch } = line.virtual;
    const { call, caller, callee } = await line.ring({ callee: { answerAfterMs: 500 } });
    await settled(call.connect());
    const cutMs = callSwitch.calls[0]?.atMs ?? 0;
    line.reachable = false;
    for (const connection of network.connections()) connection.cut();
    await clock.advance(999);
    expect(lostAfterMs(line, cutMs)).toBeUndefined();
    await clock.advance(1);
    expect(lostAfterMs(line, cutMs)).toBe(1_000);
    caller.say(counting(1_000));
    await clock.advance(1_500);
    expect(callee.levelDb({ fromMs: callee.heardMs - 1_000 })).toBeGreaterThan(-40);
    expect(await settled(call.ended)).toEqual({ reason: 'media_lost', by: 'switch' });
    callee.hangUp();
    await settled(caller.until('ended'));
    await line.close();
  });

  it('is waited for one second, too, when the second of its connections ends later', async () => {
    const line = await openBreakableLine();
    const { clock, network, settled } = line.virtual;
    const { call, media } = await line.ring();
    await settled(call.answer());
    line.reachable = false;
    media()?.cut();
    await clock.advance(4_000);
    expect(lostAfterMs(line, 0)).toBeUndefined();
    for (const connection of network.connections()) connection.cut();
    const cutMs = clock.now();
    await clock.advance(1_000);
    expect(lostAfterMs(line, 0)).toBe(cutMs + 1_000);
  });

  it('is waited for five seconds after it was found silent, and told that the call has gone on when it comes then', async () => {
    const line = await openBreakableLine();
    const { clock, settled, callSwitch } = line.virtual;
    const { call, media } = await line.ring();
    await settled(call.answer());
    line.reachable = false;
    media()?.halfOpen();
    const silentMs = clock.now();
    await clock.advance(6_400);
    expect(lostAfterMs(line, silentMs)).toBeUndefined();
    await clock.advance(700);
    expect(lostAfterMs(line, silentMs)).toBeGreaterThan(6_400);
    expect(callSwitch.calls).toMatchObject([{ takeover: { state: 'ANSWERED' } }]);
    line.reachable = true;
    expect(await settled(call.ended)).toEqual({ reason: 'taken_over', by: 'switch' });
  });

  it('is waited for as long as it was told in all other cases', async () => {
    const line = await openBreakableLine();
    const { clock, settled } = line.virtual;
    const { call, media } = await line.ring();
    await settled(call.answer());
    line.reachable = false;
    media()?.cut();
    const cutMs = clock.now();
    const { resumeWindowMs } = limits;
    expect(await settled(call.ended)).toEqual({ reason: 'media_lost', by: 'switch' });
    expect(clock.now() - cutMs).toBe(resumeWindowMs);
    await clock.advance(0);
    expect(lostAfterMs(line, cutMs)).toBe(resumeWindowMs);
    line.reachable = true;
    expect(await line.close()).toBe(0);
  });

  it('is waited for no longer once its key is revoked', async () => {
    const line = await openBreakableLine();
    const { clock, settled, callSwitch } = line.virtual;
    const { call, media } = await line.ring();
    await settled(call.answer());
    line.reachable = false;
    media()?.cut();
    await clock.advance(100);
    const keyId = callSwitch.connectors[0]?.keyIds[0] ?? '';
    callSwitch.revokeKey(keyId);
    expect(lostAfterMs(line, 0)).toBe(100);
  });
});

describe('an agent that comes back', () => {
  it('has each of very many commands carried out once, whose answers were lost', async () => {
    const line = await openBreakableLine({ latencyMs: 20 });
    const { clock, settled } = line.virtual;
    const { call, caller, media } = await line.ring();
    await settled(call.answer());
    const before = caller.events.length;
    const cleared = Array.from({ length: 99 }, () => call.clearSendAudioBuffer());
    const keys = Array.from({ length: 300 }, () =>
      call.sendDtmf('1').then(
        () => 1,
        () => 0,
      ),
    );
    await clock.advance(1_000);
    const more = Array.from({ length: 300 }, () =>
      call.sendDtmf('2').then(
        () => 1,
        () => 0,
      ),
    );
    // They have arrived, and no answer has.
    await clock.advance(22);
    media()?.cut();
    await settled(Promise.all(cleared));
    const sent = (await settled(Promise.all([...keys, ...more]))).reduce((sum, one) => sum + one, 0);
    expect(sent).toBe(256);
    expect(caller.events.slice(before).filter(({ type }) => type === 'dtmf')).toHaveLength(sent);
    expect(await line.close()).toBe(0);
  });

  it('finds its call as it was, and is told how long it was away and what it is played again', async () => {
    const line = await openBreakableLine();
    const { clock, settled } = line.virtual;
    const { call, told, media } = await line.ring();
    await settled(call.answer());
    await clock.advance(500);
    line.reachable = false;
    media()?.cut();
    await clock.advance(3_000);
    expect([call.state, call.signal.aborted]).toEqual(['ANSWERED', false]);
    line.reachable = true;
    await clock.advance(1_500);
    const resumed = told.find((event) => event.type === 'call.resumed');
    expect(resumed?.outageMs).toBeGreaterThanOrEqual(3_000);
    expect(resumed?.replayedSamples).toBe(Math.floor((resumed?.outageMs ?? 0) / 20) * 480);
    expect(types(told)).toEqual(['call.answered', 'call.resumed']);
  });

  it('is replayed every track that it listens to, each from where it was', async () => {
    const line = await openBreakableLine({ latencyMs: 15, client: { sampleRate: 16_000 } });
    const { clock, settled } = line.virtual;
    const { call, caller, media } = await line.ring({ callee: { answerAfterMs: 100 } });
    const heard = new Map<string, { next: number; samples: number; gaps: number }>();
    for (const party of ['mix', 'caller', 'callee'] as const) {
      const track = { next: -1, samples: 0, gaps: 0 };
      heard.set(party, track);
      call.audio$({ party }).subscribe(({ positionSamples, samples }) => {
        if (track.next >= 0 && positionSamples !== track.next) track.gaps++;
        track.next = positionSamples + samples.length;
        track.samples += samples.length;
      });
    }
    await settled(call.connect());
    caller.say(counting(5_000));
    for (let outage = 0; outage < 3; outage++) {
      await clock.advance(700);
      line.reachable = false;
      if (outage === 1) media()?.halfOpen();
      else media()?.cut();
      await clock.advance(900);
      line.reachable = true;
    }
    await clock.advance(4_000);
    const tracks = [...heard.values()];
    expect(tracks.map(({ gaps }) => gaps)).toEqual([0, 0, 0]);
    expect(new Set(tracks.map(({ next }) => next)).size).toBe(1);
    expect(Math.min(...tracks.map(({ samples }) => samples))).toBeGreaterThan(8 * 16_000);
  });

  it('has its connect answered, and is told in the order in which things happened', async () => {
    const line = await openBreakableLine();
    const { clock, settled } = line.virtual;
    const { call, callee, told, media } = await line.ring();
    const connected = call.connect({ mode: 'whisper' });
    await settled(callee.until('ringing'));
    line.reachable = false;
    media()?.cut();
    await clock.advance(500);
    callee.answer();
    await clock.advance(1_000);
    expect(call.state).toBe('PENDING');
    line.reachable = true;
    await settled(connected);
    expect([call.state, call.mode]).toEqual(['CONNECTED', 'whisper']);
    expect(types(told)).toEqual(['call.connected', 'call.resumed']);
    expect(callee.events.filter(({ type }) => type === 'ringing')).toHaveLength(1);
  });

  it('learns how the call ended meanwhile, and not that it was lost', async () => {
    const line = await openBreakableLine();
    const { clock, settled } = line.virtual;
    const { call, caller, told, media } = await line.ring();
    await settled(call.answer());
    const waits = [call.sendDtmf('1'), call.waitForPlayout(), call.play(counting(1_000))];
    line.reachable = false;
    media()?.cut();
    await clock.advance(300);
    caller.hangUp();
    await clock.advance(2_000);
    line.reachable = true;
    expect(await settled(call.ended)).toEqual({ reason: 'hangup', by: 'caller' });
    expect(types(told)).toEqual(['call.answered', 'call.terminated']);
    await settled(Promise.allSettled(waits));
    expect(await line.close()).toBe(0);
  });

  it('learns how the call ended when the connection is lost on the very message that says so', async () => {
    const line = await openBreakableLine({ latencyMs: 30 });
    const { clock, settled } = line.virtual;
    const { call, caller, told, media } = await line.ring();
    await settled(call.answer());
    caller.hangUp();
    await clock.advance(15);
    media()?.cut();
    expect(await settled(call.ended)).toEqual({ reason: 'hangup', by: 'caller' });
    expect(types(told)).toEqual(['call.answered', 'call.terminated']);
    expect(await line.close()).toBe(0);
  });

  it('finds its audio where it was left, though the ring was full meanwhile', async () => {
    const line = await openBreakableLine({ client: { bufferSize: 48_000 } });
    const { clock, settled } = line.virtual;
    const { call, caller, media } = await line.ring();
    await settled(call.answer());
    line.reachable = false;
    media()?.cut();
    const all = counting(4_000);
    await call.sendAudio(all.subarray(0, 24_000));
    await expect(call.sendAudio(all.subarray(24_000, 24_001))).rejects.toBeInstanceOf(BufferFullError);
    const rest = call.sendAudio(all.subarray(24_000, 48_000), { wait: true });
    await clock.advance(1_000);
    line.reachable = true;
    await settled(rest);
    await settled(call.sendAudio(all.subarray(48_000, 72_000), { wait: true }));
    await settled(call.sendAudio(all.subarray(72_000), { wait: true }));
    expect(await settled(call.waitForPlayout())).toBe('played');
    await clock.advance(100);
    expectCounted(caller.heard(), 4_000);
  });
});

describe('an end while the connection is lost', () => {
  it.each(['close', 'disconnect'] as const)('%s is carried out once there is a connection again', async (verb) => {
    const line = await openBreakableLine();
    const { clock, settled } = line.virtual;
    const { call, caller, media } = await line.ring();
    await settled(call.answer());
    line.reachable = false;
    media()?.cut();
    const ending = call[verb]();
    await clock.advance(1_000);
    expect(caller.state).toBe('answered');
    line.reachable = true;
    await settled(ending);
    expect(await call.ended).toMatchObject({ by: 'agent' });
    expect(caller.state).toBe('idle');
    expect(await line.close()).toBe(0);
  });

  it.each(['close', 'disconnect'] as const)('%s is over with the window if there is none', async (verb) => {
    const line = await openBreakableLine();
    const { settled } = line.virtual;
    const { call, media } = await line.ring();
    await settled(call.answer());
    line.reachable = false;
    media()?.cut();
    await settled(call[verb]());
    expect(await call.ended).toEqual({ reason: 'media_lost', by: 'switch' });
    line.reachable = true;
    expect(await line.close()).toBe(0);
  });

  it('forceDisconnect is over at once, and the switch is told when it can be', async () => {
    const line = await openBreakableLine();
    const { clock, settled } = line.virtual;
    const { call, caller, media, told } = await line.ring();
    await settled(call.answer());
    line.reachable = false;
    media()?.cut();
    await call.forceDisconnect();
    expect(await call.ended).toEqual({ reason: 'disconnected', by: 'agent' });
    await clock.advance(1_000);
    expect(caller.state).toBe('answered');
    line.reachable = true;
    expect(await settled(caller.until('ended'))).toMatchObject({ reason: 'disconnected', by: 'agent' });
    expect(types(told)).toEqual(['call.answered', 'call.terminated']);
    expect(await line.close()).toBe(0);
  });

  it('forceDisconnect leaves nothing behind where the switch cannot be told', async () => {
    const line = await openBreakableLine();
    const { clock, settled } = line.virtual;
    const { call, media } = await line.ring();
    await settled(call.answer());
    line.reachable = false;
    media()?.cut();
    await call.forceDisconnect();
    await clock.advance(limits.resumeWindowMs);
    line.reachable = true;
    expect(await line.close()).toBe(0);
  });

  it('of the switch leaves the client with a lost call and no attempt', async () => {
    const line = await openBreakableLine();
    const { clock, settled, callSwitch } = line.virtual;
    const { call, media } = await line.ring();
    await settled(call.answer());
    line.reachable = false;
    media()?.cut();
    await settled(callSwitch.close());
    expect(await settled(call.ended)).toEqual({ reason: 'media_lost', by: 'switch' });
    await settled(line.client.disconnect());
    await clock.advance(3_000);
    expect(clock.pendingTimers).toBe(0);
  });
});
