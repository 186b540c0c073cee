import { createVirtualClock } from '@agentao/clock';
import fc from 'fast-check';
import { Observable, type OperatorFunction, type SchedulerAction, type Subscriber, type Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import type { ActiveCall, AudioChunk } from '../active-call.ts';
import { createBench } from '../testing/bench.ts';
import { createFakeCall } from '../testing/fake-call.ts';
import { takeUntilTerminated, whenState } from './call-state.ts';
import { chunkAudio } from './chunk-audio.ts';
import { clockScheduler } from './clock-scheduler.ts';
import { handleCalls } from './handle-calls.ts';
import { voiceActivity } from './voice-activity.ts';

const marbles = (run: Parameters<TestScheduler['run']>[0]): void =>
  void new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(run);

/** 10 ms at 8,000 Hz, from `index` times 10 ms on. */
function chunk(index: number): AudioChunk {
  return { samples: new Int16Array(80).fill(index), positionSamples: index * 80, party: 'mix', sampleRateHz: 8_000 };
}

describe('in marbles', () => {
  it('whenState lets through what comes in its states', () => {
    marbles(({ hot, expectObservable }) => {
      const { call, become } = createFakeCall();
      hot('  --a---p---', { a: 'ANSWERED', p: 'PENDING' } as const).subscribe(become);
      const source = hot('-1-2-3--4-|');
      expectObservable(source.pipe(whenState(call, 'ANSWERED', 'CONNECTED'))).toBe('---2-3----|');
    });
  });

  it('whenState passes an error on', () => {
    marbles(({ cold, expectObservable }) => {
      const { call } = createFakeCall();
      expectObservable(cold('-1-#').pipe(whenState(call, 'PENDING'))).toBe('-1-#');
    });
  });

  it('takeUntilTerminated completes with the terminal event, and not with another, and lets go of both sources', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const { call, events } = createFakeCall();
      const base = { callId: 'fake', atMs: 0 };
      const told = {
        a: { ...base, type: 'call.answered' },
        t: { ...base, type: 'call.terminated', reason: 'hangup', by: 'caller' },
      } as const;
      hot('                            --a--t', told).subscribe((event) => events.next(event));
      const source = hot('            -1-2-3-4');
      expectObservable(source.pipe(takeUntilTerminated(call))).toBe('-1-2-|');
      expectSubscriptions(source.subscriptions).toBe('^----!');
    });
  });

  it('chunkAudio gives a chunk as soon as it is full, and the rest at the end', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('-0-1-2-3-4-|', { 0: chunk(0), 1: chunk(1), 2: chunk(2), 3: chunk(3), 4: chunk(4) });
      const pairs = (first: number, count: number): AudioChunk => ({
        ...chunk(first),
        samples: Int16Array.from({ length: count * 80 }, (_, index) => first + Math.floor(index / 80)),
      });
      expectObservable(source.pipe(chunkAudio(20))).toBe('---a---b---(c|)', {
        a: pairs(0, 2),
        b: pairs(2, 2),
        c: pairs(4, 1),
      });
    });
  });

  it('chunkAudio and voiceActivity pass an error on', () => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-0-#', { 0: chunk(0) }).pipe(chunkAudio(20))).toBe('---#');
      expectObservable(cold('-0-#', { 0: chunk(0) }).pipe(voiceActivity())).toBe('---#');
    });
  });

  it('handleCalls passes an error on, and completes when the last handler has settled', async () => {
    const { call } = createFakeCall();
    const seen: string[] = [];
    let finish: (() => void) | undefined;
    const handler = (): Promise<void> => new Promise((resolve) => (finish = resolve));
    new Observable<ActiveCall>((subscriber) => {
      subscriber.next(call);
      subscriber.complete();
    })
      .pipe(handleCalls(handler))
      .subscribe({ next: ({ callId }) => seen.push(callId), complete: () => seen.push('complete') });
    await Promise.resolve();
    expect(seen).toEqual([]);
    finish?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(['fake', 'complete']);
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold<ActiveCall>('--#').pipe(handleCalls(handler))).toBe('--#');
    });
  });
});

type Act = 'subscribe' | 'unsubscribe' | 'next' | 'error' | 'complete';
const acts = fc.array(
  fc.record({
    do: fc.constantFrom<Act>('subscribe', 'subscribe', 'unsubscribe', 'next', 'next', 'error', 'complete'),
    at: fc.nat(20),
  }),
  { maxLength: 40 },
);

/** A source that counts who holds it. */
class Counted<T> {
  acquired = 0;
  released = 0;
  readonly live = new Set<Subscriber<T>>();
  readonly source: Observable<T> = new Observable<T>((subscriber) => {
    this.acquired++;
    this.live.add(subscriber);
    return () => {
      this.released++;
      this.live.delete(subscriber);
    };
  });
}

describe('whatever is subscribed, unsubscribed, emitted, failed and completed, in whatever order', () => {
  const { call } = createFakeCall();
  const operators: [name: string, operator: () => OperatorFunction<never, unknown>, value: unknown][] = [
    ['chunkAudio', () => chunkAudio(15), chunk(0)],
    ['voiceActivity', () => voiceActivity(), chunk(0)],
    ['whenState', () => whenState(call, 'PENDING'), 1],
    ['takeUntilTerminated', () => takeUntilTerminated(call), 1],
    ['handleCalls', () => handleCalls(() => undefined), call],
  ];
  it.each(operators)('%s holds its source once for each subscriber that is active', async (_name, operator, value) => {
    await fc.assert(
      fc.asyncProperty(acts, async (sequence) => {
        const counted = new Counted<unknown>();
        // One operator for all subscribers: it holds no state that they share.
        const piped = (counted.source as Observable<never>).pipe(operator());
        const active: Subscription[] = [];
        for (const { do: what, at } of sequence) {
          const sources = [...counted.live];
          const target = sources[at % Math.max(1, sources.length)];
          if (what === 'subscribe') active.push(piped.subscribe({ error: () => undefined }));
          else if (what === 'unsubscribe') active[at % Math.max(1, active.length)]?.unsubscribe();
          else if (what === 'next') target?.next(value);
          else if (what === 'error') target?.error(new Error('source'));
          else target?.complete();
          // A handler that is at work holds the end of its stream back.
          await Promise.resolve().then(() => Promise.resolve());
          const open = active.filter(({ closed }) => !closed).length;
          expect(counted.acquired - counted.released).toBe(open);
        }
        for (const subscription of active) subscription.unsubscribe();
        expect(counted.released).toBe(counted.acquired);
      }),
    );
  });

  it('audio$ and audioStream ask the switch for the tracks of those who listen, and for no others', async () => {
    const step = fc.record({
      do: fc.constantFrom('subscribe' as const, 'iterate' as const, 'stop' as const),
      party: fc.constantFrom('mix' as const, 'caller' as const, 'callee' as const),
      at: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const bench = createBench();
        const { call: real, peer } = await bench.call();
        const active: { readonly party: string; readonly stop: () => void }[] = [];
        for (const { do: what, party, at } of steps) {
          if (what === 'subscribe') {
            const subscription = real.audio$({ party }).subscribe();
            active.push({ party, stop: () => subscription.unsubscribe() });
          } else if (what === 'iterate') {
            const iterator = real.audioStream({ party })[Symbol.asyncIterator]();
            active.push({ party, stop: () => void iterator.return?.() });
          } else if (active.length > 0) {
            active.splice(at % active.length, 1)[0]?.stop();
          }
        }
        await bench.pass();
        const wanted = ['mix', 'caller', 'callee'].filter(
          (name) => name === 'mix' || active.some(({ party }) => party === name),
        );
        expect(peer.sent('tracks').at(-1)?.tracks ?? ['mix']).toEqual(wanted);
        for (const { stop } of active) stop();
        await bench.pass();
        expect(peer.sent('tracks').at(-1)?.tracks ?? ['mix']).toEqual(['mix']);
        await bench.until(real.disconnect());
        expect(bench.network.connections()).toHaveLength(1);
      }),
      { numRuns: 60 },
    );
  });

  it('clockScheduler holds one timer for each piece of work that is to come', async () => {
    const step = fc.record({
      do: fc.constantFrom('once' as const, 'again' as const, 'cancel' as const, 'pass' as const),
      ms: fc.integer({ min: 1, max: 50 }),
      at: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const clock = createVirtualClock({ settle: () => Promise.resolve() });
        const scheduler = clockScheduler(clock);
        const work: Subscription[] = [];
        for (const { do: what, ms, at } of steps) {
          if (what === 'once') work.push(scheduler.schedule(() => undefined, ms));
          else if (what === 'cancel') work[at % Math.max(1, work.length)]?.unsubscribe();
          else if (what === 'pass') await clock.advance(ms);
          else {
            const again = function (this: SchedulerAction<unknown>): void {
              this.schedule(undefined, ms);
            };
            work.push(scheduler.schedule(again, ms));
          }
          expect(clock.pendingTimers).toBe(work.filter(({ closed }) => !closed).length);
        }
        for (const subscription of work) subscription.unsubscribe();
        expect(clock.pendingTimers).toBe(0);
      }),
    );
  });
});
