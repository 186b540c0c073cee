/** Positions that somebody waits for, bounded, in ascending order. */
export interface MarkList {
  readonly size: number;
  /** Adds a position; false when the list is full. */
  add(position: number): boolean;
  /** Drops all positions up to and including `position`; returns whether there were any. */
  reach(position: number): boolean;
  clear(): void;
}

/** Makes an empty list of at most `capacity` marks. Overflow policy: the new mark is refused. */
export function createMarkList(capacity: number): MarkList {
  const marks: number[] = [];
  return {
    get size() {
      return marks.length;
    },
    add(position) {
      if (marks.length >= capacity) return false;
      let index = marks.length;
      while (index > 0 && (marks[index - 1] as number) > position) index--;
      marks.splice(index, 0, position);
      return true;
    },
    reach(position) {
      let count = 0;
      while (count < marks.length && (marks[count] as number) <= position) count++;
      if (count > 0) marks.splice(0, count);
      return count > 0;
    },
    clear() {
      marks.length = 0;
    },
  };
}
