/** Random choices that are the same for the same seed. */
export interface FuzzRandom {
  /** A whole number from 0 to `below` - 1. */
  int(below: number): number;
  /** True once in `times`. */
  once(times: number): boolean;
  /** One of `list`, which must not be empty. */
  pick<Item>(list: readonly Item[]): Item;
  /** Bytes of any value. */
  bytes(count: number): Uint8Array<ArrayBuffer>;
}

/** Makes the choices of case `index` of a target: every case has its own, whatever ran before it. */
export function createFuzzRandom(seed: number, target: string, index = 0): FuzzRandom {
  let state = seed ^ Math.imul(index + 1, 0x9e3779b1);
  for (const letter of target) state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  const next = (): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const int = (below: number): number => next() % below;
  return {
    int,
    once: (times) => int(times) === 0,
    pick: (list) => {
      if (list.length === 0) throw new RangeError('pick: there is nothing to pick from');
      return list[int(list.length)] as (typeof list)[number];
    },
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
  };
}
