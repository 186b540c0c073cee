import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMixer } from './mixer.ts';

const clamp = (value: number) => Math.max(-32768, Math.min(value, 32767));
const sumAt = (sources: readonly Int16Array[], i: number) =>
  sources.reduce((sum, source) => sum + (source[i] as number), 0);
const edges = [-32768, -32767, -16385, -16384, -1, 0, 1, 16383, 16384, 32766, 32767];

const parties = fc.tuple(fc.nat(6), fc.nat(20)).chain(([count, length]) =>
  fc.array(
    fc
      .array(fc.oneof(fc.constantFrom(...edges), fc.integer({ min: -32768, max: 32767 })), {
        minLength: length,
        maxLength: length,
      })
      .map((values) => Int16Array.from(values)),
    { minLength: count, maxLength: count },
  ),
);

describe('mixInto', () => {
  it('saturates every pair of edge values at 16 bits', () => {
    const mixer = createMixer();
    for (const a of edges) {
      for (const b of edges) {
        const out = new Int16Array(1);
        mixer.mixInto(out, [Int16Array.of(a), Int16Array.of(b)]);
        expect(out[0]).toBe(clamp(a + b));
      }
    }
  });

  it('is the saturated sum of any number of sources', () => {
    const mixer = createMixer();
    fc.assert(
      fc.property(parties, (sources) => {
        const out = new Int16Array(sources[0]?.length ?? 5).fill(123);
        mixer.mixInto(out, sources);
        expect([...out]).toEqual(Array.from(out, (_, i) => clamp(sumAt(sources, i))));
      }),
    );
  });

  it('saturates the total once, so that a loud pair and its opposite cancel', () => {
    const out = new Int16Array(1);
    createMixer().mixInto(out, [Int16Array.of(32767), Int16Array.of(32767), Int16Array.of(-32768)]);
    expect(out[0]).toBe(32766);
  });

  it('writes exactly zero without a source', () => {
    const out = new Int16Array(4).fill(5);
    createMixer().mixInto(out, [], 3);
    expect([...out]).toEqual([0, 0, 0, 5]);
  });

  it('writes no further than the count, whatever the number of sources', () => {
    for (let sources = 0; sources <= 4; sources++) {
      const out = new Int16Array(4).fill(5);
      createMixer().mixInto(
        out,
        Array.from({ length: sources }, () => Int16Array.of(1, 1, 1, 1)),
        2,
      );
      expect([...out]).toEqual([sources, sources, 5, 5]);
    }
  });

  it('may write over one of its sources', () => {
    for (let others = 0; others <= 3; others++) {
      const out = Int16Array.of(1, 2);
      createMixer().mixInto(out, [...Array.from({ length: others }, () => Int16Array.of(10, 10)), out]);
      expect([...out]).toEqual([1 + 10 * others, 2 + 10 * others]);
    }
  });

  it('refuses arrays shorter than the count', () => {
    const mixer = createMixer();
    expect(() => mixer.mixInto(new Int16Array(2), [new Int16Array(1)])).toThrow(RangeError);
    expect(() => mixer.mixInto(new Int16Array(1), [], 2)).toThrow(RangeError);
  });

  it('grows with the frame', () => {
    const out = new Int16Array(5000);
    const source = new Int16Array(5000).fill(3);
    createMixer().mixInto(out, [source, source, source]);
    expect(out).toEqual(new Int16Array(5000).fill(9));
  });
});

describe('mixMinus', () => {
  it('gives each party the saturated sum of all others', () => {
    const mixer = createMixer();
    fc.assert(
      fc.property(parties, (sources) => {
        const outs = sources.map((source) => new Int16Array(source.length).fill(77));
        mixer.mixMinus(outs, sources);
        for (const [i, out] of outs.entries()) {
          const others = sources.filter((_, k) => k !== i);
          expect([...out]).toEqual(Array.from(out, (_, at) => clamp(sumAt(others, at))));
        }
      }),
    );
  });

  it('saturates every triple of edge values', () => {
    const mixer = createMixer();
    const outs = [new Int16Array(1), new Int16Array(1), new Int16Array(1)];
    for (const a of edges) {
      for (const b of edges) {
        for (const c of edges) {
          mixer.mixMinus(outs, [Int16Array.of(a), Int16Array.of(b), Int16Array.of(c)]);
          expect(outs.map((out) => out[0])).toEqual([clamp(b + c), clamp(a + c), clamp(a + b)]);
        }
      }
    }
  });

  it('writes no further than the count', () => {
    for (const count of [1, 2, 3, 4]) {
      const outs = Array.from({ length: count }, () => new Int16Array(3).fill(5));
      createMixer().mixMinus(
        outs,
        outs.map(() => Int16Array.of(1, 1, 1)),
        2,
      );
      for (const out of outs) expect([...out]).toEqual([count - 1, count - 1, 5]);
    }
  });

  it('refuses lists that do not match and arrays that are too short', () => {
    const mixer = createMixer();
    expect(() => mixer.mixMinus([new Int16Array(1)], [])).toThrow(RangeError);
    expect(() => mixer.mixMinus([new Int16Array(2)], [new Int16Array(1)])).toThrow(RangeError);
    expect(() => mixer.mixMinus([new Int16Array(1)], [new Int16Array(2)], 2)).toThrow(RangeError);
  });
});
