import fc from 'fast-check';
import { finalize, type Subscription } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Emitter, type Replay } from './emitter.ts';

function record<T>(emitter: Emitter<T>): (T | '|')[] {
  const seen: (T | '|')[] = [];
  emitter.observable.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('|') });
  return seen;
}

function create(replay: Replay): { emitter: Emitter<number>; reported: unknown[] } {
  const reported: unknown[] = [];
  return { emitter: new Emitter<number>(replay, (error) => reported.push(error)), reported };
}

describe('an emitter', () => {
  it.each<[Replay, during: unknown[], after: unknown[]]>([
    ['nothing', [2, '|'], ['|']],
    ['current', [1, 2, '|'], [2, '|']],
    ['last', [2, '|'], [2, '|']],
  ])('that replays %s begins with what it should', (replay, during, after) => {
    const { emitter } = create(replay);
    emitter.emit(1);
    const seenDuring = record(emitter);
    emitter.emit(2);
    emitter.complete();
    emitter.emit(3);
    expect(seenDuring).toEqual(during);
    expect(record(emitter)).toEqual(after);
  });

  it('gives every subscriber the same order when one of them emits', () => {
    const { emitter } = create('nothing');
    emitter.observable.subscribe((value) => {
      if (value === 1) emitter.emit(2);
      if (value === 2) emitter.complete();
    });
    const seen = record(emitter);
    emitter.emit(1);
    expect(seen).toEqual([1, 2, '|']);
  });

  it('reports a teardown that throws and serves the others', () => {
    const { emitter, reported } = create('nothing');
    emitter.observable.pipe(finalize(() => expect.unreachable())).subscribe();
    const seen = record(emitter);
    emitter.emit(1);
    emitter.complete();
    expect(seen).toEqual([1, '|']);
    expect(reported).toHaveLength(1);
  });

  it('holds exactly those who have subscribed and not unsubscribed', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), (steps) => {
        const { emitter } = create('current');
        const active: Subscription[] = [];
        for (const subscribe of steps) {
          if (subscribe) active.push(emitter.observable.subscribe());
          else active.shift()?.unsubscribe();
          expect(emitter.subscribers).toBe(active.length);
        }
        emitter.complete();
        expect(emitter.subscribers).toBe(0);
      }),
    );
  });
});
