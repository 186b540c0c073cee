import { lastValueFrom, map, merge, mergeMap, Observable, of, share, Subject, take, tap } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GuardedObservable } from './guarded-observable.ts';

/** A guarded source fed by a Subject, and what it reported. */
function setup(): { source: Subject<number>; guarded: Observable<number>; reported: unknown[] } {
  const source = new Subject<number>();
  const reported: unknown[] = [];
  const guarded = new GuardedObservable<number>(
    (error) => reported.push(error),
    (subscriber) => source.subscribe(subscriber),
  );
  return { source, guarded, reported };
}

const boom = new Error('boom');
const fail = (): never => {
  throw boom;
};

/** A custom operator in the style of the RxJS guide: no `lift`, its own Observable. */
function doubled(source: Observable<number>): Observable<number> {
  return new Observable((subscriber) => source.subscribe({ next: (value) => subscriber.next(value * 2) }));
}

describe('a guarded observable', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('hands on values, errors and completion like any other', async () => {
    const guarded: Observable<number> = new GuardedObservable<number>(fail, (subscriber) =>
      of(1, 2).subscribe(subscriber),
    );
    expect(await lastValueFrom(guarded.pipe(map((value) => value * 10)))).toBe(20);
    const seen: unknown[] = [];
    const failing = new GuardedObservable<number>(fail, (subscriber) => subscriber.error(boom));
    failing.subscribe({ error: (error) => seen.push(error) });
    failing.subscribe(null, (error) => seen.push(error));
    expect(seen).toEqual([boom, boom]);
  });

  const consumers: [name: string, subscribe: (guarded: Observable<number>) => void][] = [
    ['a function', (guarded) => guarded.subscribe(fail)],
    ['an observer', (guarded) => guarded.subscribe({ next: fail })],
    ['a function behind operators', (guarded) => guarded.pipe(map(Number), take(3)).subscribe(fail)],
    ['a map without an error handler', (guarded) => guarded.pipe(map(fail)).subscribe()],
    ['a function behind share', (guarded) => guarded.pipe(share()).subscribe(fail)],
    ['a function behind a custom operator', (guarded) => guarded.pipe(doubled).subscribe(fail)],
    ['a function behind merge', (guarded) => merge(guarded, new Subject()).subscribe(fail)],
    ['a map behind merge', (guarded) => merge(guarded, new Subject()).pipe(map(fail)).subscribe()],
    [
      'a function behind a projection',
      (guarded) =>
        of(1)
          .pipe(mergeMap(() => guarded))
          .subscribe(fail),
    ],
    ['an error handler', (guarded) => guarded.pipe(map(fail)).subscribe({ error: fail })],
    ['forEach', (guarded) => void guarded.pipe(tap(fail)).forEach(() => undefined)],
  ];
  it.each(consumers)('reports what %s throws, ends that subscription and serves the others', (name, subscribe) => {
    const { source, guarded, reported } = setup();
    const seen: number[] = [];
    subscribe(guarded);
    guarded.subscribe((value) => seen.push(value));
    source.next(1);
    source.next(2);
    // RxJS throws what nobody has caught from a timer of its own.
    expect(vi.getTimerCount()).toBe(0);
    expect(seen).toEqual([1, 2]);
    expect(source.observers).toHaveLength(1);
    if (name !== 'forEach') expect(reported.length).toBeGreaterThan(0);
    for (const error of reported) expect(error).toBe(boom);
  });

  it('reports what a completion handler throws', () => {
    const { source, guarded, reported } = setup();
    guarded.subscribe({ complete: fail });
    source.complete();
    expect(reported).toEqual([boom]);
  });

  it('reports a throw during subscription and leaves nothing subscribed', () => {
    const reported: unknown[] = [];
    let released = 0;
    const guarded = new GuardedObservable<number>(
      (error) => reported.push(error),
      (subscriber) => {
        subscriber.next(1);
        return () => released++;
      },
    );
    expect(guarded.subscribe(fail).closed).toBe(true);
    expect(reported).toEqual([boom]);
    expect(released).toBe(1);
  });

  it('calls a throwing subscriber no second time', () => {
    const { source, guarded } = setup();
    let calls = 0;
    guarded.subscribe(() => {
      calls++;
      fail();
    });
    source.next(1);
    source.next(2);
    expect(calls).toBe(1);
  });
});
