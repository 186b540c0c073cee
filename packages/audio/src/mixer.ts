/** Adds signals sample by sample; a sum beyond 16 bits saturates. Holds scratch memory only: one mixer serves any number of calls in turn. */
export interface Mixer {
  /**
   * Overwrites the first `count` samples of `out` (default: all) with the sum of `sources`; no source gives silence.
   * `out` may be one of the sources. Throws `RangeError` if a source or `out` is shorter than `count`.
   */
  mixInto(out: Int16Array, sources: readonly Int16Array[], count?: number): void;
  /**
   * Mix-minus: overwrites `outs[i]` with the sum of all `parties` but the i-th; fastest for three of them.
   * `outs` and `parties` share no memory. Throws `RangeError` if the lists differ in length or an array is shorter than `count`
   * (default: the length of the first out).
   */
  mixMinus(outs: readonly Int16Array[], parties: readonly Int16Array[], count?: number): void;
}

/** Makes a mixer; it owns nothing that needs closing. */
export function createMixer(): Mixer {
  let totals = new Int32Array(480);

  function sumInto(sources: readonly Int16Array[], count: number): Int32Array {
    if (totals.length < count) totals = new Int32Array(count);
    totals.fill(0, 0, count);
    for (const source of sources) addInto(totals, source, count);
    return totals;
  }

  return {
    mixInto(out, sources, count = out.length) {
      requireSamples(out, count);
      for (const source of sources) requireSamples(source, count);
      const [first, second, third] = sources;
      if (first === undefined) {
        out.fill(0, 0, count);
      } else if (second === undefined) {
        out.set(first.length === count ? first : first.subarray(0, count));
      } else if (third === undefined) {
        mixTwo(out, first, second, count);
      } else {
        saturateInto(out, sumInto(sources, count), count);
      }
    },

    mixMinus(outs, parties, count = outs[0]?.length ?? 0) {
      if (outs.length !== parties.length) {
        throw new RangeError(`mix-minus needs one out per party, got ${outs.length} for ${parties.length}`);
      }
      for (const out of outs) requireSamples(out, count);
      for (const party of parties) requireSamples(party, count);
      if (parties.length === 3) {
        mixMinusThree(outs, parties, count);
        return;
      }
      const sum = sumInto(parties, count);
      for (const [i, party] of parties.entries()) subtractInto(outs[i] as Int16Array, sum, party, count);
    },
  };
}

function requireSamples(samples: Int16Array, count: number): void {
  if (!(samples.length >= count)) throw new RangeError(`${count} samples to mix, an array holds ${samples.length}`);
}

// Two comparisons cost the same whether or not anything saturates; bit tricks are twice as slow while nothing does.
function saturate(sum: number): number {
  return sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum;
}

function mixTwo(out: Int16Array, first: Int16Array, second: Int16Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = saturate((first[i] as number) + (second[i] as number));
}

function addInto(totals: Int32Array, source: Int16Array, count: number): void {
  for (let i = 0; i < count; i++) totals[i] = (totals[i] as number) + (source[i] as number);
}

function saturateInto(out: Int16Array, totals: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = saturate(totals[i] as number);
}

function subtractInto(out: Int16Array, totals: Int32Array, own: Int16Array, count: number): void {
  for (let i = 0; i < count; i++) out[i] = saturate((totals[i] as number) - (own[i] as number));
}

function mixMinusThree(outs: readonly Int16Array[], parties: readonly Int16Array[], count: number): void {
  const [outA, outB, outC] = outs as [Int16Array, Int16Array, Int16Array];
  const [partyA, partyB, partyC] = parties as [Int16Array, Int16Array, Int16Array];
  for (let i = 0; i < count; i++) {
    const a = partyA[i] as number;
    const b = partyB[i] as number;
    const c = partyC[i] as number;
    outA[i] = saturate(b + c);
    outB[i] = saturate(a + c);
    outC[i] = saturate(a + b);
  }
}
