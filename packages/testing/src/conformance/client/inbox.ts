import { NonConformance } from '../check.ts';
import { clock, patienceMs } from './clock.ts';

/** What is waited for, and for how long. */
export interface Wanted {
  /** What the client was to do, for the report. */
  readonly expected: string;
  /** Default: five seconds. */
  readonly withinMs?: number;
}

interface Waiter<T> {
  readonly fits: (item: T) => boolean;
  readonly settle: (outcome: { readonly item: T } | { readonly error: Error }) => void;
}

/** How many items that nobody took are kept for the report and for whoever asks later; the oldest go. */
const kept = 20_000;

/** What has come from the client, in order: taken one by one by whoever waits for it. */
export class Inbox<T> {
  readonly #describe: (item: T) => string;
  #items: T[] = [];
  readonly #waiters = new Set<Waiter<T>>();
  #error: Error | undefined;

  /** `describe` gives one item a few words, for the report. */
  constructor(describe: (item: T) => string) {
    this.#describe = describe;
  }

  /** What nobody has taken yet, oldest first. */
  get items(): readonly T[] {
    return this.#items;
  }

  push(item: T): void {
    for (const waiter of this.#waiters) {
      if (!waiter.fits(item)) continue;
      waiter.settle({ item });
      return;
    }
    this.#items.push(item);
    if (this.#items.length > kept) this.#items.shift();
  }

  /** The first item that fits, whether it is there or comes in time. Rejects with `NonConformance`, or with what `fail` was given. */
  next<Wish extends T>(fits: (item: T) => item is Wish, wanted: Wanted): Promise<Wish>;
  next(fits: (item: T) => boolean, wanted: Wanted): Promise<T>;
  next(fits: (item: T) => boolean, { expected, withinMs = patienceMs }: Wanted): Promise<T> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    const index = this.#items.findIndex(fits);
    if (index >= 0) return Promise.resolve(this.#items.splice(index, 1)[0] as T);
    return new Promise((resolve, reject) => {
      const waiter: Waiter<T> = {
        fits,
        settle: (outcome) => {
          this.#waiters.delete(waiter);
          timer.cancel();
          if ('item' in outcome) resolve(outcome.item);
          else reject(outcome.error);
        },
      };
      const timer = clock.setTimer(clock.now() + withinMs, () => {
        waiter.settle({ error: new NonConformance(`${expected} within ${withinMs} ms`, this.#seen()) });
      });
      this.#waiters.add(waiter);
    });
  }

  /** Resolves when none that fits has come for so long. */
  async none(fits: (item: T) => boolean, { expected, withinMs = patienceMs }: Wanted): Promise<void> {
    const quiet = Symbol('quiet');
    const found = await this.next(fits, { expected, withinMs }).catch((error: unknown) => {
      if (error instanceof NonConformance && error !== this.#error) return quiet;
      throw error;
    });
    if (found !== quiet) throw new NonConformance(expected, this.#describe(found as T));
  }

  /** Forgets those that fit, and returns them. */
  drop(fits: (item: T) => boolean): readonly T[] {
    const dropped = this.#items.filter(fits);
    this.#items = this.#items.filter((item) => !dropped.includes(item));
    return dropped;
  }

  /** From now on every wait, also one that stands, rejects with this. The first one counts. */
  fail(error: Error): void {
    this.#error ??= error;
    for (const waiter of this.#waiters) waiter.settle({ error: this.#error });
  }

  #seen(): string {
    const last = this.#items.slice(-6).map((item) => this.#describe(item));
    return last.length === 0 ? 'nothing' : `only ${last.join(', ')}`;
  }
}
