import { describe, expect, it } from 'vitest';
import { createMarkList } from './mark-list.ts';

describe('mark list', () => {
  it('reaches marks in order of position, whatever the order they came in', () => {
    const marks = createMarkList(10);
    for (const position of [300, 100, 200]) marks.add(position);
    expect(marks.reach(99)).toBe(false);
    expect(marks.reach(200)).toBe(true);
    expect(marks.size).toBe(1);
    expect(marks.reach(299)).toBe(false);
    expect(marks.reach(300)).toBe(true);
  });

  it('refuses what is beyond its capacity', () => {
    const marks = createMarkList(2);
    expect([marks.add(1), marks.add(2), marks.add(3)]).toEqual([true, true, false]);
    marks.reach(1);
    expect(marks.add(3)).toBe(true);
  });
});
