import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { add, noise, speechLike } from './signal-fixture.ts';
import { createVoiceActivity, type VoiceActivityOptions } from './voice-activity.ts';

interface Edge {
  readonly kind: 'start' | 'end';
  readonly atMs: number;
}

interface Listening {
  readonly edges: Edge[];
  readonly active: boolean;
}

function listen(samples: Int16Array, options: VoiceActivityOptions, chunks: readonly number[] = [160]): Listening {
  const edges: Edge[] = [];
  const note = (kind: Edge['kind']) => (atSample: number) =>
    edges.push({ kind, atMs: (1000 * atSample) / options.sampleRateHz });
  const voice = createVoiceActivity({ ...options, onStart: note('start'), onEnd: note('end') });
  for (let at = 0, turn = 0; at < samples.length; turn++) {
    const length = chunks[turn % chunks.length] as number;
    voice.push(samples.subarray(at, at + length));
    at += length;
  }
  return { edges, active: voice.active };
}

/** Noise that is loud within the given spans, in ms, and of a background level elsewhere. */
function bursts(
  seconds: number,
  sampleRateHz: number,
  spans: readonly (readonly [number, number])[],
  backgroundDb: number,
) {
  const samples =
    backgroundDb <= -120 ? new Int16Array(seconds * sampleRateHz) : noise(seconds * sampleRateHz, backgroundDb);
  const loud = noise(samples.length, -22, 9);
  for (const [from, to] of spans) {
    const start = (from * sampleRateHz) / 1000;
    const end = (to * sampleRateHz) / 1000;
    samples.set(loud.subarray(start, end), start);
  }
  return samples;
}

describe.each([8000, 16000, 24000])('voice activity at %i Hz', (sampleRateHz) => {
  const spans = [
    [500, 1500],
    [2500, 2800],
  ] as const;

  it.each([-120, -65, -45])('finds where voice begins and ends over a background of %i dB', (backgroundDb) => {
    const { edges, active } = listen(bursts(4, sampleRateHz, spans, backgroundDb), { sampleRateHz });
    expect(edges.map(({ kind }) => kind)).toEqual(['start', 'end', 'start', 'end']);
    for (const [i, edgeMs] of spans.flat().entries()) {
      expect(Math.abs((edges[i] as Edge).atMs - edgeMs)).toBeLessThanOrEqual(10);
    }
    expect(active).toBe(false);
  });

  it('finds the same however the stream is cut', () => {
    const samples = bursts(4, sampleRateHz, spans, -50);
    const whole = listen(samples, { sampleRateHz }, [samples.length]);
    const lengths = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(lengths, (chunks) => {
        expect(listen(samples, { sampleRateHz }, chunks)).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  });

  it('hears something like speech nearly all the time that it lasts, over noise', () => {
    const pause = 2 * sampleRateHz;
    const samples = new Int16Array(pause + 10 * sampleRateHz + pause);
    samples.set(speechLike(10, sampleRateHz, 3), pause);
    const { edges } = listen(add(samples, noise(samples.length, -55)), { sampleRateHz });
    expect((edges[0] as Edge).atMs).toBeGreaterThanOrEqual(2000);
    expect((edges[0] as Edge).atMs).toBeLessThanOrEqual(2250);
    expect(edges.at(-1)).toMatchObject({ kind: 'end' });
    expect((edges.at(-1) as Edge).atMs).toBeLessThanOrEqual(12_020);
    const activeMs = edges.reduce((sum, { kind, atMs }) => sum + (kind === 'end' ? atMs : -atMs), 0);
    expect(activeMs).toBeGreaterThan(7500);
  });
});

describe('voice activity', () => {
  const sampleRateHz = 8000;

  it('tells only after the attack and the release', () => {
    const edges: string[] = [];
    const voice = createVoiceActivity({
      sampleRateHz,
      attackMs: 40,
      releaseMs: 300,
      onStart: () => edges.push('start'),
      onEnd: () => edges.push('end'),
    });
    voice.push(new Int16Array(800));
    voice.push(noise(312, -20));
    expect([voice.active, edges]).toEqual([false, []]);
    voice.push(noise(8, -20));
    expect([voice.active, edges]).toEqual([true, ['start']]);
    voice.push(new Int16Array(2392));
    expect([voice.active, edges]).toEqual([true, ['start']]);
    voice.push(new Int16Array(8));
    expect([voice.active, edges]).toEqual([false, ['start', 'end']]);
  });

  it('passes over a click and bridges a short pause', () => {
    expect(listen(bursts(1, sampleRateHz, [[300, 330]], -60), { sampleRateHz }).edges).toEqual([]);
    const { edges } = listen(
      bursts(
        2,
        sampleRateHz,
        [
          [300, 600],
          [800, 1100],
        ],
        -60,
      ),
      { sampleRateHz },
    );
    expect(edges.map(({ kind }) => kind)).toEqual(['start', 'end']);
  });

  it('takes steady noise for background, from the start or after some seconds', () => {
    expect(listen(noise(5 * sampleRateHz, -50), { sampleRateHz }).edges).toEqual([]);
    const samples = noise(20 * sampleRateHz, -38);
    samples.fill(0, 0, sampleRateHz);
    const { edges, active } = listen(samples, { sampleRateHz });
    expect(edges[0]).toEqual({ kind: 'start', atMs: 1000 });
    expect(active).toBe(false);
    expect((edges[1] as Edge).atMs).toBeLessThan(12_000);
  });

  it('hears a caller who speaks from the first sample', () => {
    expect(listen(noise(sampleRateHz, -22), { sampleRateHz })).toEqual({
      edges: [{ kind: 'start', atMs: 0 }],
      active: true,
    });
  });

  it('hears nothing in faint sound, however quiet the background', () => {
    expect(listen(bursts(2, sampleRateHz, [], -120).fill(0), { sampleRateHz }).edges).toEqual([]);
    const faint = new Int16Array(2 * sampleRateHz);
    faint.set(noise(sampleRateHz, -56), sampleRateHz);
    expect(listen(faint, { sampleRateHz }).edges).toEqual([]);
  });

  it('needs as much above the background as it is told', () => {
    const samples = noise(3 * sampleRateHz, -50);
    samples.set(noise(sampleRateHz, -35, 4), sampleRateHz);
    expect(listen(samples, { sampleRateHz, thresholdDb: 10 }).edges).toHaveLength(2);
    expect(listen(samples, { sampleRateHz, thresholdDb: 20 }).edges).toHaveLength(0);
  });

  it('refuses times that are not above 0', () => {
    for (const value of [0, -1, Number.NaN]) {
      expect(() => createVoiceActivity({ sampleRateHz, attackMs: value })).toThrow(RangeError);
      expect(() => createVoiceActivity({ sampleRateHz, releaseMs: value })).toThrow(RangeError);
    }
  });
});
