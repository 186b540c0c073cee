import type { RecordsErrorCode } from './records-error.ts';
import type { RecordChange } from './call-store.ts';
import type { Retention, Swept } from './retention.ts';

/** What a store's thread is started with. */
export interface StoreThreadData {
  readonly folder: string;
  readonly retention: Retention;
}

/** What the thread of the calls tells the thread of the database. */
export type StoreCommand =
  | { readonly type: 'batch'; readonly changes: readonly RecordChange[]; readonly weight: number }
  | { readonly type: 'sweep'; readonly nowMs: number }
  | { readonly type: 'flush'; readonly id: number }
  | { readonly type: 'close' };

/** What it tells back. */
export type StoreReport =
  | { readonly type: 'opened' }
  | { readonly type: 'unopened'; readonly code: RecordsErrorCode; readonly message: string }
  /** So many changes are on the medium, or rejected. */
  | {
      readonly type: 'written';
      readonly changes: number;
      readonly weight: number;
      readonly rejected: number;
      readonly firstRejection?: string;
    }
  /** A batch could not be written; it is tried again. */
  | { readonly type: 'unwritten'; readonly code: number; readonly message: string }
  | { readonly type: 'swept'; readonly swept: Swept }
  /** Everything before the `flush` has been tried. */
  | { readonly type: 'flushed'; readonly id: number; readonly changesLeft: number }
  | { readonly type: 'closed' };
