import { expect } from 'vitest';

const rate = 24;
const cycle = 30_000;

/** Audio in which every sample tells its position: 1 to 30,000 over and over, never 0. */
export function counting(durationMs: number): Int16Array {
  return Int16Array.from({ length: durationMs * rate }, (_, position) => 1 + (position % cycle));
}

/** Fails unless all of {@link counting} is there, in order, once; silence in between does not count. */
export function expectCounted(heard: Int16Array, durationMs: number): void {
  let position = 0;
  for (const sample of heard) {
    if (sample === 0) continue;
    if (sample !== 1 + (position % cycle)) {
      expect.fail(`sample ${position} is ${sample} instead of ${1 + (position % cycle)}`);
    }
    position++;
  }
  expect(position).toBe(durationMs * rate);
}
