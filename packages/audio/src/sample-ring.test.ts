import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSampleRing } from './sample-ring.ts';

const sample = fc.integer({ min: -32768, max: 32767 });
const operation = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), samples: fc.array(sample, { maxLength: 12 }) }),
  fc.record({ kind: fc.constantFrom('read' as const, 'peek' as const, 'discard' as const), count: fc.nat(12) }),
  fc.record({ kind: fc.constant('clear' as const) }),
);

describe('sample ring', () => {
  it('behaves like an array for any sequence of operations', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), fc.array(operation, { maxLength: 60 }), (capacity, operations) => {
        const ring = createSampleRing(capacity);
        let model: number[] = [];
        for (const step of operations) {
          if (step.kind === 'write') {
            const fits = model.length + step.samples.length <= capacity;
            expect(ring.write(Int16Array.from(step.samples))).toBe(fits);
            if (fits) model.push(...step.samples);
          } else if (step.kind === 'clear') {
            expect(ring.clear()).toBe(model.length);
            model = [];
          } else if (step.kind === 'discard') {
            expect(ring.discard(step.count)).toBe(Math.min(step.count, model.length));
            model = model.slice(step.count);
          } else {
            const into = new Int16Array(step.count).fill(7);
            const count = Math.min(step.count, model.length);
            expect(step.kind === 'read' ? ring.read(into) : ring.peek(into)).toBe(count);
            expect([...into]).toEqual([...model.slice(0, count), ...Array.from(into.subarray(count), () => 7)]);
            if (step.kind === 'read') model = model.slice(count);
          }
          expect(ring.length).toBe(model.length);
          expect(ring.free).toBe(capacity - model.length);
          expect(ring.capacity).toBe(capacity);
        }
        const rest = new Int16Array(capacity);
        expect([...rest.subarray(0, ring.read(rest))]).toEqual(model);
      }),
    );
  });

  it('keeps order while its memory grows, wherever the oldest sample lies', () => {
    const ring = createSampleRing(100_000);
    const piece = new Int16Array(3_000);
    const into = new Int16Array(1_000);
    let written = 0;
    let taken = 0;
    while (ring.free >= piece.length) {
      ring.write(piece.map(() => written++ % 32_768));
      ring.read(into);
      expect(into).toEqual(into.map(() => taken++ % 32_768));
    }
    const rest = new Int16Array(ring.length);
    ring.read(rest);
    expect(rest).toEqual(rest.map(() => taken++ % 32_768));
    expect(taken).toBe(written);
  });

  it('takes nothing of a write that does not fit', () => {
    const ring = createSampleRing(4);
    expect(ring.write(Int16Array.of(1, 2, 3))).toBe(true);
    expect(ring.write(Int16Array.of(4, 5))).toBe(false);
    expect(ring.length).toBe(3);
    expect(ring.write(Int16Array.of(4))).toBe(true);
    expect(ring.free).toBe(0);
  });

  it('keeps its own copy of what was written', () => {
    const ring = createSampleRing(4);
    const written = Int16Array.of(1, 2);
    ring.write(written);
    written.fill(9);
    const into = new Int16Array(2);
    ring.read(into);
    expect(into).toEqual(Int16Array.of(1, 2));
  });

  it('refuses a capacity that is no positive integer', () => {
    for (const capacity of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => createSampleRing(capacity)).toThrow(RangeError);
    }
  });

  it('refuses to discard a negative or broken count', () => {
    const ring = createSampleRing(4);
    for (const count of [-1, 0.5, Number.NaN]) expect(() => ring.discard(count)).toThrow(RangeError);
  });
});
