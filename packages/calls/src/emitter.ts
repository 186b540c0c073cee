import type { Observable, Subscriber } from 'rxjs';
import { GuardedObservable, type ReportError } from './guarded-observable.ts';

/** Which value a new subscriber begins with: none, the current one, or the last one once it is over. */
export type Replay = 'nothing' | 'current' | 'last';

/**
 * Hands values to any number of subscribers in the order they were emitted; what one throws is reported and changes nothing
 * for the others. Values emitted from within a subscriber come after the one under way.
 */
export class Emitter<T> {
  readonly observable: Observable<T>;
  readonly #report: ReportError;
  readonly #subscribers = new Set<Subscriber<T>>();
  readonly #waiting: T[] = [];
  #latest: { readonly value: T } | undefined;
  #emitting = false;
  #completed = false;

  constructor(replay: Replay, report: ReportError) {
    this.#report = report;
    this.observable = new GuardedObservable<T>(report, (subscriber) => {
      const latest = replay === 'current' || (replay === 'last' && this.#completed) ? this.#latest : undefined;
      if (latest !== undefined) subscriber.next(latest.value);
      if (this.#completed) {
        subscriber.complete();
        return undefined;
      }
      this.#subscribers.add(subscriber);
      return () => this.#subscribers.delete(subscriber);
    });
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  emit(value: T): void {
    if (this.#completed) return;
    this.#waiting.push(value);
    if (this.#emitting) return;
    this.#emitting = true;
    while (this.#waiting.length > 0) {
      const next = this.#waiting.shift() as T;
      this.#latest = { value: next };
      for (const subscriber of [...this.#subscribers]) this.#guard(() => subscriber.next(next));
    }
    this.#emitting = false;
    if (this.#completed) this.#finish();
  }

  /** What was emitted before still goes out. */
  complete(): void {
    if (this.#completed) return;
    this.#completed = true;
    if (!this.#emitting) this.#finish();
  }

  #finish(): void {
    const subscribers = [...this.#subscribers];
    this.#subscribers.clear();
    for (const subscriber of subscribers) this.#guard(() => subscriber.complete());
  }

  /** A teardown that throws comes out here. */
  #guard(deliver: () => void): void {
    try {
      deliver();
    } catch (error) {
      this.#report(error);
    }
  }
}
