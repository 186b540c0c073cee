import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHeardHistory } from './heard-history.ts';

const tickSamples = 4;
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('push' as const), skip: fc.constantFrom(0, 0, 0, 3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('capacity' as const), ticks: fc.integer({ min: 1, max: 9 }) }) },
);

describe('the history of a track', () => {
  it('keeps the newest ticks with their positions, as many as it may, whatever is asked of it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const history = createHeardHistory(tickSamples, 3);
        let kept: { position: number; samples: number[] }[] = [];
        let capacity = 3;
        let pushed = 0;
        let position = 0;
        for (const next of steps) {
          if (next.do === 'capacity') {
            capacity = next.ticks;
            history.setCapacity(capacity);
          } else {
            position += next.skip * tickSamples;
            const samples = [++pushed, pushed, pushed, -pushed];
            history.push(Int16Array.from(samples), position);
            kept.push({ position, samples });
            position += tickSamples;
          }
          kept = kept.slice(-capacity);
          const held = Array.from({ length: history.end - history.start }, (_, i) => ({
            position: history.positionOf(history.start + i),
            samples: [...history.samplesOf(history.start + i)],
          }));
          expect(held).toEqual(kept);
          expect(history.end).toBe(pushed);
        }
        for (const { position: first } of kept) {
          const [at, inside, behind] = [0, 2, tickSamples].map((offset) => history.find(first + offset));
          expect(history.positionOf(at as number)).toBe(first);
          expect(inside).toBe(at);
          expect(behind).toBe((at as number) + 1);
        }
      }),
    );
  });
});
