import { Observable, type Observer, Subscriber, type Subscription, type TeardownLogic } from 'rxjs';
import { handled } from './handled.ts';

/** Takes what a subscriber threw, or an error notification nobody takes. Must not throw. */
export type ReportError = (error: unknown) => void;

type Subscribe<T> = (subscriber: Subscriber<T>) => TeardownLogic;
type Consumer<T> = Partial<Observer<T>>;
type Next<T> = (value: T) => void;

/**
 * An Observable whose subscribers cannot end the process: RxJS throws what a subscriber throws, and errors without a
 * handler, from a timer of its own; here they are reported and that subscription alone ends. What is piped from it is
 * guarded too, and so is the last subscriber of a foreign chain, such as `merge`, that its values flow into.
 */
export class GuardedObservable<T> extends Observable<T> {
  readonly #report: ReportError;

  constructor(report: ReportError, subscribe?: Subscribe<T>) {
    super(subscribe);
    this.#report = report;
  }

  /** Custom operators make plain Observables, so what comes out is wrapped, whatever it is made of. */
  override pipe(...operations: unknown[]): Observable<never> {
    const pipe = super.pipe as (...operations: unknown[]) => Observable<never>;
    const piped = pipe.apply(this, operations);
    return new GuardedObservable<never>(this.#report, (subscriber) => piped.subscribe(subscriber));
  }

  override subscribe(
    first?: Consumer<T> | Next<T> | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (first instanceof Subscriber) {
      guardEndOf(first, this.#report);
      return super.subscribe(first);
    }
    const consumer =
      typeof first === 'object' && first !== null
        ? first
        : { ...(first && { next: first }), ...(error && { error }), ...(complete && { complete }) };
    const guard = new Guard<T>(consumer, this.#report);
    const subscription = super.subscribe(guard);
    guard.subscription = subscription;
    return subscription;
  }

  override forEach(next: Next<T>): Promise<void> {
    return handled(super.forEach(next));
  }
}

/** Stands in front of a consumer and lets nothing it throws get out. */
class Guard<T> implements Observer<T> {
  readonly #consumer: Consumer<T>;
  readonly #report: ReportError;
  #failed = false;
  #subscription: Subscription | undefined;

  constructor(consumer: Consumer<T>, report: ReportError) {
    this.#consumer = consumer;
    this.#report = report;
  }

  /** What is ended when the consumer throws; it may have thrown already. */
  set subscription(subscription: Subscription) {
    this.#subscription = subscription;
    if (this.#failed) this.#end();
  }

  next(value: T): void {
    if (this.#failed) return;
    try {
      this.#consumer.next?.(value);
    } catch (error) {
      this.#failed = true;
      this.#report(error);
      this.#end();
    }
  }

  error(error: unknown): void {
    if (this.#consumer.error === undefined) {
      this.#report(error);
      return;
    }
    try {
      this.#consumer.error(error);
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  complete(): void {
    try {
      this.#consumer.complete?.();
    } catch (error) {
      this.#report(error);
    }
  }

  #end(): void {
    try {
      this.#subscription?.unsubscribe();
    } catch (error) {
      this.#report(error);
    }
  }
}

/** The part of a `Subscriber` of RxJS 7 that says where its values go. */
interface Link {
  destination: Link | Consumer<unknown> | null;
}

/** Follows a chain of operators to the subscriber at its end, and puts a guard in front of that one's callbacks. */
function guardEndOf(first: Subscriber<never>, report: ReportError): void {
  let last = first as unknown as Link;
  while (last.destination instanceof Subscriber) last = last.destination as unknown as Link;
  const { destination } = last;
  // Where values leave the chain for a Subject or the like, its own subscribers are the user's.
  if (destination === null || !('partialObserver' in destination)) return;
  if (destination.partialObserver instanceof Guard) return;
  const guard = new Guard(destination.partialObserver as Consumer<unknown>, report);
  guard.subscription = last as unknown as Subscription;
  last.destination = guard;
}
