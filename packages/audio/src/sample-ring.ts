/** A bounded first-in first-out queue of samples in one block of memory, which grows with what is written, up to the capacity. */
export interface SampleRing {
  /** Samples it can hold. */
  readonly capacity: number;
  /** Samples it holds now. */
  readonly length: number;
  /** Samples that still fit: `capacity - length`. */
  readonly free: number;
  /** Copies all of `samples` in, or nothing and returns false when they do not fit. */
  write(samples: Int16Array): boolean;
  /** Moves the oldest samples into `into`, as many as there are and fit; returns how many. The rest of `into` stays untouched. */
  read(into: Int16Array): number;
  /** As `read`, but leaves the samples in the ring. */
  peek(into: Int16Array): number;
  /** Drops up to `count` of the oldest samples; returns how many. */
  discard(count: number): number;
  /** Drops everything; returns how many samples that were. */
  clear(): number;
}

/** Makes an empty ring. Overflow policy: a write that does not fit is refused whole. Throws `RangeError` unless the capacity is a positive integer. */
export function createSampleRing(capacitySamples: number): SampleRing {
  if (!Number.isSafeInteger(capacitySamples) || capacitySamples < 1) {
    throw new RangeError(`capacitySamples must be a positive integer, got ${capacitySamples}`);
  }
  return new Ring(capacitySamples);
}

/** What a ring starts with; most never need more, however large they may become. */
const firstMemorySamples = 4_096;

class Ring implements SampleRing {
  readonly capacity: number;
  #memory: Int16Array;
  #start = 0;
  #length = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#memory = new Int16Array(Math.min(capacity, firstMemorySamples));
  }

  get length(): number {
    return this.#length;
  }

  get free(): number {
    return this.capacity - this.#length;
  }

  write(samples: Int16Array): boolean {
    const count = samples.length;
    if (count > this.capacity - this.#length) return false;
    if (this.#length + count > this.#memory.length) this.#grow(this.#length + count);
    let end = this.#start + this.#length;
    if (end >= this.#memory.length) end -= this.#memory.length;
    const untilWrap = this.#memory.length - end;
    if (count <= untilWrap) {
      this.#memory.set(samples, end);
    } else {
      this.#memory.set(samples.subarray(0, untilWrap), end);
      this.#memory.set(samples.subarray(untilWrap), 0);
    }
    this.#length += count;
    return true;
  }

  read(into: Int16Array): number {
    return this.discard(this.peek(into));
  }

  peek(into: Int16Array): number {
    const count = Math.min(into.length, this.#length);
    const untilWrap = this.#memory.length - this.#start;
    if (count <= untilWrap) {
      into.set(this.#memory.subarray(this.#start, this.#start + count));
    } else {
      into.set(this.#memory.subarray(this.#start));
      into.set(this.#memory.subarray(0, count - untilWrap), untilWrap);
    }
    return count;
  }

  discard(count: number): number {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new RangeError(`count must be a whole number of samples, got ${count}`);
    }
    const dropped = Math.min(count, this.#length);
    this.#start = (this.#start + dropped) % this.#memory.length;
    this.#length -= dropped;
    return dropped;
  }

  clear(): number {
    return this.discard(this.#length);
  }

  #grow(neededSamples: number): void {
    const memory = new Int16Array(Math.min(this.capacity, Math.max(neededSamples, 2 * this.#memory.length)));
    this.peek(memory);
    this.#memory = memory;
    this.#start = 0;
  }
}
