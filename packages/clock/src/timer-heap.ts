/** One pending callback of the virtual clock. `index` is its place in the heap, -1 outside. */
export interface HeapTimer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
  index: number;
}

/** A binary heap of timers, the earliest on top, equal times in order of creation. */
export class TimerHeap {
  readonly #items: HeapTimer[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): HeapTimer | undefined {
    return this.#items[0];
  }

  push(timer: HeapTimer): void {
    this.#rise(timer, this.#items.length);
  }

  /** Takes `timer` out, wherever it is; does nothing if it is not in. */
  remove(timer: HeapTimer): void {
    const hole = timer.index;
    if (hole < 0) return;
    timer.index = -1;
    const last = this.#items.pop();
    if (last === undefined || last === timer) return;
    this.#rise(last, this.#sink(last, hole));
  }

  /** Moves smaller children up from `hole` and tells where `timer` may stand. */
  #sink(timer: HeapTimer, hole: number): number {
    const items = this.#items;
    for (;;) {
      const left = items[2 * hole + 1];
      if (left === undefined) return hole;
      const right = items[2 * hole + 2];
      const child = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(child, timer)) return hole;
      const from = child.index;
      items[hole] = child;
      child.index = hole;
      hole = from;
    }
  }

  /** Moves larger parents down from `hole` and puts `timer` where they stop. */
  #rise(timer: HeapTimer, hole: number): void {
    const items = this.#items;
    while (hole > 0) {
      const parent = items[(hole - 1) >> 1];
      if (parent === undefined || !isBefore(timer, parent)) break;
      const from = parent.index;
      items[hole] = parent;
      parent.index = hole;
      hole = from;
    }
    items[hole] = timer;
    timer.index = hole;
  }
}

function isBefore(a: HeapTimer, b: HeapTimer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
