import { WSSError } from '@agentao/calls';

/** A promise that was handed out, and what became of it. */
export interface Entry {
  readonly what: string;
  /** The client whose promise it is. */
  readonly client: number;
  readonly settled: Promise<void>;
  outcome: 'pending' | 'fulfilled' | 'rejected';
}

/** Whose promise it is, and who is told of its outcome. */
export interface Tracked<T> {
  readonly client: number;
  readonly what: string;
  readonly succeeded?: (value: T) => void;
  readonly failed?: (error: unknown) => void;
}

/** Every promise that a run was given, so that none can be forgotten. */
export interface Ledger {
  readonly entries: readonly Entry[];
  /** What should not have happened. */
  readonly complaints: string[];
  /** Notes a promise of a client. A rejection that is no typed error is a complaint. */
  track<T>(of: Tracked<T>, promise: Promise<T>): void;
}

/** What an act aborts with. */
export const aborted: Error = new Error('aborted by the plan');

/** Makes an empty one. */
export function createLedger(): Ledger {
  const entries: Entry[] = [];
  const complaints: string[] = [];
  return {
    entries,
    complaints,
    track({ client, what, succeeded, failed }, promise) {
      const settled = promise.then(
        (value) => {
          entry.outcome = 'fulfilled';
          succeeded?.(value);
        },
        (error: unknown) => {
          entry.outcome = 'rejected';
          failed?.(error);
          if (!(error instanceof WSSError) && error !== aborted)
            complaints.push(`${what} failed with ${String(error)}`);
        },
      );
      const entry: Entry = { what, client, settled, outcome: 'pending' };
      entries.push(entry);
    },
  };
}
