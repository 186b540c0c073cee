/** One thing a peer must do. `Bench` is what the kit gives the check to try it with; every check gets a fresh one. */
export interface ConformanceCheck<Bench> {
  /** A sentence about the peer's behaviour. */
  readonly name: string;
  /** Rules of PROTOCOL.md that it tries, such as `C-03`. */
  readonly clauses: readonly string[];
  /** Why it cannot be tried on this bench; `undefined` if it can. */
  readonly skipWhy?: (bench: Bench) => string | undefined;
  /** Longer than the run's deadline, where the protocol itself waits longer. */
  readonly timeoutMs?: number;
  /** Rejects with {@link NonConformance} when the peer does something else, with {@link Untried} when it could not be tried. Anything else counts as a failure too. */
  readonly run: (bench: Bench) => Promise<void>;
}

/** The peer did not do what the protocol says. */
export class NonConformance extends Error {
  override readonly name = 'NonConformance';
  readonly expected: string;
  readonly seen: string;

  constructor(expected: string, seen: string) {
    super(`expected ${expected}, saw ${seen}`);
    this.expected = expected;
    this.seen = seen;
  }
}

/** The check could not be tried here, and `message` says why: neither a pass nor a failure. */
export class Untried extends Error {
  override readonly name = 'Untried';
}
