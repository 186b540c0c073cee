import { createVirtualClock } from '@agentao/clock';
import { tone } from '@agentao/audio';
import { delay, EMPTY, from, interval, lastValueFrom, Subject, take, timer, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { AudioChunk } from '../active-call.ts';
import { createBench } from '../testing/bench.ts';
import { takeUntilTerminated, whenState } from './call-state.ts';
import { chunkAudio } from './chunk-audio.ts';
import { clockScheduler } from './clock-scheduler.ts';
import { voiceActivity } from './voice-activity.ts';

function chunk(positionSamples: number, samples: Int16Array): AudioChunk {
  return { samples, positionSamples, party: 'mix', sampleRateHz: 8000 };
}

describe('chunkAudio', () => {
  const collect = (chunks: AudioChunk[], ms: number): Promise<AudioChunk[]> =>
    lastValueFrom(from(chunks).pipe(chunkAudio(ms), toArray()));

  it('cuts audio into equal chunks, however it came, and gives the rest at the end', async () => {
    const all = Int16Array.from({ length: 1000 }, (_, index) => index);
    const parts = [chunk(0, all.slice(0, 7)), chunk(7, all.slice(7, 700)), chunk(700, all.slice(700))];
    const out = await collect(parts, 40);
    expect(out.map(({ samples }) => samples.length)).toEqual([320, 320, 320, 40]);
    expect(out.map(({ positionSamples }) => positionSamples)).toEqual([0, 320, 640, 960]);
    expect(Int16Array.from(out.flatMap(({ samples }) => [...samples]))).toEqual(all);
  });

  it('joins nothing across a gap', async () => {
    const out = await collect([chunk(0, Int16Array.of(1, 2)), chunk(100, Int16Array.of(3))], 40);
    expect(out).toMatchObject([
      { positionSamples: 0, samples: Int16Array.of(1, 2) },
      { positionSamples: 100, samples: Int16Array.of(3) },
    ]);
    expect(await lastValueFrom(EMPTY.pipe(chunkAudio(20), toArray()))).toEqual([]);
  });

  it.each([0, -1, Number.NaN, 60_001])('refuses %d ms', (ms) => {
    expect(() => chunkAudio(ms)).toThrow(/chunkAudio/);
  });
});

describe('voiceActivity', () => {
  it('tells where speech starts and ends, in the positions of the audio', async () => {
    const speech = tone({ frequencyHz: 440, durationMs: 500, sampleRateHz: 8000, levelDb: -20 });
    const chunks = [chunk(1000, new Int16Array(4000)), chunk(5000, speech), chunk(9000, new Int16Array(8000))];
    const changes = await lastValueFrom(from(chunks).pipe(voiceActivity(), toArray()));
    expect(changes.map(({ type }) => type)).toEqual(['start', 'end']);
    expect(changes[0]?.positionSamples).toBeGreaterThanOrEqual(4900);
    expect(changes[0]?.positionSamples).toBeLessThanOrEqual(5200);
    expect(changes[1]?.positionSamples).toBeGreaterThanOrEqual(8900);
    expect(changes[1]?.positionSamples).toBeLessThanOrEqual(9300);
  });
});

describe('whenState and takeUntilTerminated', () => {
  it('follow the call', async () => {
    const bench = createBench();
    const { call, peer } = await bench.call();
    const source = new Subject<number>();
    const seen: unknown[] = [];
    source
      .pipe(whenState(call, 'ANSWERED', 'CONNECTED'), takeUntilTerminated(call))
      .subscribe({ next: (value) => seen.push(value), complete: () => seen.push('complete') });
    source.next(1);
    await bench.until(call.answer());
    source.next(2);
    await bench.until(call.connect());
    source.next(3);
    peer.terminate('hangup', 'caller');
    await bench.until(call.ended);
    source.next(4);
    expect(seen).toEqual([2, 3, 'complete']);
    expect(source.observed).toBe(false);
  });
});

describe('clockScheduler', () => {
  it('lets time-based operators run on virtual time', async () => {
    const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
    const scheduler = clockScheduler(clock);
    const at: number[] = [];
    interval(1000, scheduler)
      .pipe(take(3), delay(500, scheduler))
      .subscribe(() => at.push(clock.now()));
    timer(100, scheduler).subscribe(() => at.push(clock.now()));
    await clock.advance(10_000);
    expect(at).toEqual([100, 1500, 2500, 3500]);
    expect(clock.pendingTimers).toBe(0);
    expect(scheduler.now()).toBe(10_000);
  });

  it('leaves no timer behind when unsubscribed', async () => {
    const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
    const subscription = interval(1000, clockScheduler(clock)).subscribe();
    await clock.advance(1500);
    subscription.unsubscribe();
    expect(clock.pendingTimers).toBe(0);
  });
});
