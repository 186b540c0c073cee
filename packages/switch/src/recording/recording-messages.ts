import type { RecordingHeader, RecordingMark, RecordingState } from './recorder.ts';

/** What the thread of the calls tells the thread of the files. Recordings are numbered. */
export type RecordingCommand =
  | {
      readonly type: 'begin';
      readonly id: number;
      readonly path: string;
      readonly header: RecordingHeader;
      readonly memory: SharedArrayBuffer;
    }
  | { readonly type: 'mark'; readonly id: number; readonly mark: RecordingMark }
  | { readonly type: 'end'; readonly id: number; readonly tick: number }
  | { readonly type: 'close' };

/** What the thread of the files tells back. After a state other than `recording` the memory of the ring is free. */
export type RecordingReport =
  /** The thread takes recordings from here on without delay. */
  | { readonly type: 'ready' }
  | {
      readonly type: 'state';
      readonly id: number;
      readonly state: RecordingState;
      /** What the file system said, where it said no. */
      readonly problem?: { readonly code: string; readonly message: string };
    }
  | { readonly type: 'closed' };
