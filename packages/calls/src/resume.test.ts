import { closeCodes } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from './active-call.ts';
import { WSSCallClosedError, WSSCallCommandTimeoutError, WSSMediaError } from './errors.ts';
import type { AnyCallEvent } from './events.ts';
import { createBench } from './testing/bench.ts';

/** Samples that tell their position. */
function counting(from: number, count: number): Int16Array {
  return Int16Array.from({ length: count }, (_, i) => 1 + ((from + i) % 30_000));
}

async function answered() {
  const bench = createBench();
  const { call, peer } = await bench.call();
  peer.onResume = () => ({});
  await bench.until(call.answer());
  const told: AnyCallEvent[] = [];
  call.events$.subscribe((event) => told.push(event));
  return { bench, call, peer, told };
}

describe('a media connection that is lost', () => {
  it('is opened again with the next token, and begins with where this side stands', async () => {
    const { bench, call, peer } = await answered();
    let said: object | undefined;
    peer.onResume = (message) => {
      said = message;
      return {};
    };
    call.audio$().subscribe();
    peer.hear('mix', 960, counting(0, 480));
    await call.sendAudio(counting(0, 2_400));
    void call.clearSendAudioBuffer();
    await bench.pass(100);
    peer.cut();
    await bench.pass(1_000);
    expect(said).toEqual({ type: 'resume', received: { mix: 1_440 }, lastEventSeq: 1, generation: 1 });
    expect(peer.received[0]).toBe('resume');
    expect(call.state).toBe('ANSWERED');
    expect(bench.logged('warn')).toMatchObject([
      { message: 'media connection lost, trying again', fields: { code: 1006 } },
    ]);
    expect(bench.logged('info').at(-1)).toMatchObject({ message: 'media connection resumed' });
    expect(bench.logged('error')).toEqual([]);
  });

  it('has its commands repeated with their ids and in their order, then its audio from where the switch has it, then its marks', async () => {
    const { bench, call, peer } = await answered();
    await call.sendAudio(counting(0, 24_000));
    await bench.pass(100);
    peer.cut();
    const heardAt = peer.playout.played;
    peer.onResume = () => ({ received: heardAt, upTo: heardAt + 4_800 });
    peer.playout.received = heardAt;
    const verbs = [call.sendDtmf('1'), call.sendDtmf('2'), call.annotate('turn', {})];
    const played = call.waitForPlayout();
    await bench.until(Promise.all(verbs));
    expect(peer.received.filter((type) => type !== 'ping').slice(0, 6)).toEqual([
      'resume',
      'dtmf',
      'dtmf',
      'annotate',
      'audio',
      'mark',
    ]);
    expect(peer.sent('dtmf').map(({ id, digits }) => [id, digits])).toEqual([
      [2, '1'],
      [3, '2'],
    ]);
    const again = peer.playout.frames.find(({ header }) => header.position === heardAt);
    expect(again?.samples.slice(0, 100)).toEqual(counting(heardAt, 100));
    expect(await bench.until(played)).toBe('played');
  });

  it('has events told once, in order, whatever comes twice', async () => {
    const { bench, call, peer, told } = await answered();
    peer.event({ type: 'call.dtmf', digit: '1', party: 'caller', durationMs: 100 });
    await bench.pass();
    peer.cut();
    peer.event({ type: 'call.dtmf', digit: '2', party: 'caller', durationMs: 100 });
    await bench.pass(200);
    peer.repeatEvents(1);
    peer.event({ type: 'call.resumed', outageMs: 100, replayedSamples: 0 });
    await bench.pass();
    expect(told.map((event) => ('digit' in event ? event.digit : event.type))).toEqual(['1', '2', 'call.resumed']);
    expect(call.state).toBe('ANSWERED');
  });

  it('has state and mode put right where the events that led to them are no longer kept', async () => {
    const { bench, call, peer } = await answered();
    peer.onResume = () => ({ state: 'CONNECTED', mode: 'spy' });
    peer.cut();
    await bench.pass(200);
    expect(call.state).toBe('ANSWERED');
    peer.event({ type: 'call.resumed', outageMs: 100, replayedSamples: 0 });
    await bench.pass();
    expect([call.state, call.mode]).toEqual(['CONNECTED', 'spy']);
  });

  it('hands on what is replayed, but not what was here before', async () => {
    const { bench, call, peer } = await answered();
    const chunks: AudioChunk[] = [];
    call.audio$().subscribe((chunk) => chunks.push(chunk));
    peer.hear('mix', 0, counting(0, 480));
    await bench.pass();
    peer.cut();
    await bench.pass(200);
    peer.hear('mix', 0, counting(0, 480), 1);
    peer.hear('mix', 240, counting(240, 480), 1);
    peer.hear('mix', 720, counting(720, 480));
    await bench.pass();
    expect(chunks.map(({ positionSamples, samples }) => [positionSamples, samples.length])).toEqual([
      [0, 480],
      [480, 240],
      [720, 480],
    ]);
    expect(chunks.flatMap(({ samples }) => [...samples])).toEqual([...counting(0, 1_200)]);
  });

  it('begins a generation anew whose clear was given up in the meantime', async () => {
    const { bench, call, peer } = await answered();
    await call.sendAudio(counting(0, 2_400));
    await bench.pass(50);
    bench.network.connections()[1]?.stall('toServer');
    const cleared = call.clearSendAudioBuffer();
    for (let second = 0; second < 10; second++) {
      peer.event({ type: 'call.dtmf', digit: '1', party: 'caller', durationMs: 1 });
      await bench.pass(1_000);
    }
    await expect(cleared).rejects.toBeInstanceOf(WSSCallCommandTimeoutError);
    await call.sendAudio(counting(2_400, 2_400));
    peer.cut();
    await bench.pass(200);
    expect(peer.received.slice(0, 3)).toEqual(['resume', 'clear', 'audio']);
    expect(await bench.until(call.waitForPlayout())).toBe('played');
    expect(peer.playout.breaches).toEqual([]);
    expect(peer.playout.generation).toBe(1);
  });

  it('is over for good when the switch goes on from where this side never was', async () => {
    const { bench, call, peer } = await answered();
    peer.onResume = () => ({ received: 48_000, upTo: 52_800 });
    peer.cut();
    expect(await bench.until(call.ended)).toEqual({ reason: 'media_lost', by: 'switch' });
    await bench.pass();
    expect(peer.closedWith).toBe(closeCodes.BAD_MESSAGE.code);
  });

  it.each([1, 9, 255])(
    'is over for good when the switch names generation %i, which is none of the call',
    async (generation) => {
      const { bench, call, peer } = await answered();
      peer.onResume = () => ({ generation });
      peer.cut();
      expect(await bench.until(call.ended)).toEqual({ reason: 'media_lost', by: 'switch' });
      await bench.pass();
      expect(peer.closedWith).toBe(closeCodes.BAD_MESSAGE.code);
    },
  );

  it('has a change of mode that discards repeated alone, and what was said behind it sent when that is answered', async () => {
    const { bench, call, peer } = await answered();
    await bench.until(call.connect({ mode: 'spy' }));
    await call.sendAudio(counting(0, 2_400));
    await bench.pass(20);
    peer.cut();
    const changed = call.barge();
    const cleared = call.clearSendAudioBuffer();
    await call.sendAudio(counting(2_400, 480));
    await bench.until(Promise.all([changed, cleared]));
    expect(await bench.until(call.waitForPlayout())).toBe('played');
    expect(peer.received.filter((type) => type !== 'ping' && type !== 'mark').slice(0, 4)).toEqual([
      'resume',
      'mode',
      'clear',
      'audio',
    ]);
    expect(peer.playout.heard.slice(-480)).toEqual([...counting(2_400, 480)]);
    expect(peer.playout.breaches).toEqual([]);
  });
});

describe('the attempts', () => {
  it('go on until the window ends, further and further apart, and leave no timer', async () => {
    const bench = createBench();
    await bench.until(bench.client.connect());
    const before = bench.clock.pendingTimers;
    const { call, peer } = await bench.call();
    bench.peer.mediaRefusal = { status: 503, code: 'SHUTTING_DOWN', message: 'later' };
    peer.cut();
    await bench.pass();
    const lostMs = bench.clock.now();
    const asked = bench.peer.asked.length;
    const waiting = call.answer();
    expect(await bench.until(call.ended)).toEqual({ reason: 'media_lost', by: 'switch' });
    expect(bench.clock.now() - lostMs).toBe(10_000);
    await expect(waiting).rejects.toMatchObject({ code: 'MEDIA_LOST' });
    expect(call.signal.reason).toBeInstanceOf(WSSCallClosedError);
    expect(call.signal.reason).toMatchObject({ cause: expect.any(WSSMediaError) });
    const attempts = bench.peer.asked.length - asked;
    expect(attempts).toBeGreaterThan(10);
    expect(attempts).toBeLessThan(25);
    expect(bench.clock.pendingTimers).toBe(before);
  });

  it.each([
    [30_000, 10_000],
    [4_000, 4_000],
  ])('of a switch that would wait for %i ms end %i ms after the loss', async (resumeWithinMs, afterMs) => {
    const { bench, call, peer } = await answered();
    peer.onResume = () => ({ resumeWithinMs });
    peer.cut();
    await bench.pass(1_000);
    bench.peer.mediaRefusal = { status: 503, code: 'SHUTTING_DOWN', message: 'later' };
    peer.cut();
    await bench.pass();
    const lostMs = bench.clock.now();
    expect(await bench.until(call.ended)).toEqual({ reason: 'media_lost', by: 'switch' });
    expect(bench.clock.now() - lostMs).toBe(afterMs);
  });

  it.each([
    [401, 'INVALID_TOKEN', 'media_lost', 'MEDIA_LOST'],
    [409, 'TAKEN_OVER', 'taken_over', 'TAKEN_OVER'],
  ] as const)('end with the first %i %s', async (status, code, reason, errorCode) => {
    const { bench, call, peer } = await answered();
    bench.peer.mediaRefusal = { status, code, message: 'no' };
    const asked = bench.peer.asked.length;
    peer.cut();
    expect(await bench.until(call.ended)).toEqual({ reason, by: 'switch' });
    expect(bench.peer.asked.length - asked).toBe(1);
    expect(call.signal.reason).toMatchObject({ cause: { code: errorCode } });
  });

  it('end with 4410, and go on after an answer that does not come', async () => {
    const { bench, call, peer } = await answered();
    peer.mute = true;
    peer.cut();
    await bench.pass(2_500);
    expect(call.state).toBe('ANSWERED');
    expect(peer.received).toContain('resume');
    peer.close('TAKEN_OVER');
    expect(await bench.until(call.ended)).toEqual({ reason: 'taken_over', by: 'switch' });
  });
});
