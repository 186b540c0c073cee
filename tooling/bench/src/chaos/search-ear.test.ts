import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSearchingEar } from './ear.ts';
import { searchEar } from './search-ear.ts';
import { createSpeech, type Voice, voiceOf } from './voices.ts';

const caller = voiceOf(5, 'caller');
const callee = voiceOf(5, 'callee');
const agent = voiceOf(5, 'agent');
const stranger = voiceOf(40, 'agent');

/** One second of these voices, of which `only` speaks for a while. */
function mix(
  voices: readonly Voice[],
  only?: { readonly voice: Voice; readonly from: number; readonly samples: number },
): Int16Array {
  const out = new Int16Array(24_000);
  const add = (voice: Voice, from: number, samples: number): void => {
    const speech = createSpeech(voice);
    for (let done = 0; done < samples; done += 480) {
      const piece = speech.next(Math.min(480, samples - done));
      for (let i = 0; i < piece.length; i++)
        out[from + done + i] = (out[from + done + i] as number) + (piece[i] as number);
    }
  };
  for (const voice of voices) add(voice, 0, out.length);
  if (only !== undefined) add(only.voice, only.from, only.samples);
  return out;
}

function search(samples: Int16Array, allowed: readonly Voice[]) {
  const ear = createSearchingEar();
  for (let at = 0; at < samples.length; at += 480) ear.hear(samples.subarray(at, at + 480), at);
  return searchEar({ stretches: ear.take().stretches, originMs: 0, allowed: () => allowed });
}

describe('searching an ear', () => {
  it('finds a stranger who is there for three ticks, under two voices that may be heard, wherever it begins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), (from) => {
        const { foreign } = search(mix([caller, agent], { voice: stranger, from, samples: 1_800 }), [caller, agent]);
        expect(foreign.map(({ voice }) => voice)).toContain(stranger);
        expect(Math.abs((foreign[0]?.atMs ?? 0) - from / 24)).toBeLessThan(25);
      }),
    );
  });

  it('finds a party of the same call who may not be heard', () => {
    const coach = voiceOf(5, 'coach');
    const { foreign } = search(mix([caller], { voice: coach, from: 5_000, samples: 2_400 }), [caller, callee, agent]);
    expect(foreign.map(({ voice }) => voice)).toEqual([coach]);
  });

  it('finds nobody in voices that may be heard, however they are cut, left out and repeated', () => {
    const whole = mix([caller, callee, agent]);
    const cuts = fc.array(
      fc.record({ keep: fc.integer({ min: 400, max: 6_000 }), jump: fc.integer({ min: 0, max: 511 }) }),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(cuts, (pieces) => {
        const heard = new Int16Array(24_000);
        let to = 0;
        let from = 0;
        for (const { keep, jump } of pieces) {
          from = (from + jump) % 512;
          const piece = whole.subarray(from, from + Math.min(keep, heard.length - to));
          heard.set(piece, to);
          to += piece.length + (jump % 3 === 0 ? 480 : 0);
          from += piece.length;
          if (to >= heard.length || from > 20_000) break;
        }
        expect(search(heard, [caller, callee, agent]).foreign).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('tells how long somebody was heard, and the longest time in which nobody was', () => {
    const { spokenMs, worstGapMs } = search(mix([], { voice: caller, from: 0, samples: 12_000 }), [caller]);
    expect(spokenMs).toBeGreaterThan(470);
    expect(spokenMs).toBeLessThan(530);
    expect(worstGapMs).toBeGreaterThan(450);
  });

  it('takes no jump of the position for sound', () => {
    const ear = createSearchingEar();
    const samples = mix([caller]).subarray(0, 480);
    for (const position of [0, 480, 9_600, 10_080]) ear.hear(samples, position);
    expect(ear.take().stretches.filter((_, index) => index % 4 === 0)).toEqual([0, 9_600]);
  });
});
