/** The newest ticks of one incoming track, numbered from 0 in the order in which they came, oldest first out. */
export interface HeardHistory {
  /** Number of the oldest tick kept. */
  readonly start: number;
  /** Number of the next tick. */
  readonly end: number;
  /** Copies one tick in. All ticks of a history have the same number of samples. */
  push(samples: Int16Array, position: number): void;
  /** Position of the first sample of a tick that is kept. */
  positionOf(number: number): number;
  /** The samples of a tick that is kept: a view, good until the next `push`. */
  samplesOf(number: number): Int16Array;
  /** Number of the first tick kept that holds samples from `position` on; `end` if there is none. */
  find(position: number): number;
  /** From now on at most so many ticks are kept. Memory beyond what is held now is taken as it is needed. */
  setCapacity(ticks: number): void;
}

/** Ticks that there is room for to begin with. */
const firstTicks = 32;

/** Makes an empty history of ticks of `tickSamples`. Overflow policy: the oldest tick goes. */
export function createHeardHistory(tickSamples: number, capacityTicks: number): HeardHistory {
  let capacity = capacityTicks;
  let slots = Math.min(capacityTicks, firstTicks);
  let samples = new Int16Array(slots * tickSamples);
  let positions = new Float64Array(slots);
  let start = 0;
  let end = 0;

  const resize = (next: number): void => {
    const kept = Math.min(end - start, next);
    const newSamples = new Int16Array(next * tickSamples);
    const newPositions = new Float64Array(next);
    for (let number = end - kept; number < end; number++) {
      const from = (number % slots) * tickSamples;
      newSamples.set(samples.subarray(from, from + tickSamples), (number % next) * tickSamples);
      newPositions[number % next] = positions[number % slots] as number;
    }
    samples = newSamples;
    positions = newPositions;
    slots = next;
    start = end - kept;
  };

  const positionOf = (number: number): number => positions[number % slots] as number;

  return {
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    push(tick, position) {
      if (end - start === slots) {
        if (slots < capacity) resize(Math.min(2 * slots, capacity));
        else start++;
      }
      samples.set(tick, (end % slots) * tickSamples);
      positions[end % slots] = position;
      end++;
    },
    positionOf,
    samplesOf(number) {
      const from = (number % slots) * tickSamples;
      return samples.subarray(from, from + tickSamples);
    },
    find(position) {
      let number = start;
      while (number < end && positionOf(number) + tickSamples <= position) number++;
      return number;
    },
    setCapacity(ticks) {
      capacity = ticks;
      if (slots > capacity) resize(capacity);
    },
  };
}
