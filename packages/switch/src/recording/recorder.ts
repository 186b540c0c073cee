import type { Party } from '@agentao/protocol';
import type { SpokenTick } from '../media/level-tap.ts';
import type { Matrix } from '../media/matrix.ts';

/** The parties of a recording, in the order of their tracks. */
export const recordedParties = ['caller', 'callee', 'agent'] as const;

/** A recording before its first sample. Sample 0 of every track is the first of tick `startTick` of the call. */
export interface RecordingHeader {
  readonly callId: string;
  readonly connectorUuid: string;
  /** Wall time of the call's arrival, Unix ms. */
  readonly startedAtMs: number;
  /** Milliseconds from the call's arrival to sample 0. */
  readonly startMs: number;
  /** Ticks from the call's arrival to sample 0. */
  readonly startTick: number;
  /** What people hear as notice, at the bus rate in whole ticks; `undefined` if nothing. Not to be changed. */
  readonly consentClip: Int16Array | undefined;
}

/** A moment from which on something is different, named by the first tick of the call that it holds for. */
export type RecordingMark =
  /** Who hears whom. */
  | { readonly type: 'matrix'; readonly tick: number; readonly matrix: Matrix }
  /** A ring-back tone begins, or has sounded for so long when the recording begins. */
  | { readonly type: 'ringback'; readonly tick: number; readonly soundedTicks: number }
  /** The switch itself says `clip` to everybody whose line is open, and has said so many ticks of it already; `undefined`: no more of it. */
  | {
      readonly type: 'prompt';
      readonly tick: number;
      readonly clip: Int16Array | undefined;
      readonly soundedTicks: number;
    }
  /** A person's line opens or closes. With its opening the consent tone begins, if there is one. */
  | { readonly type: 'line'; readonly tick: number; readonly party: Party; readonly isOpen: boolean }
  /** Silence in place of ticks that were never mixed (`stall`), or mixed and not recorded because the disk was behind (`overload`). */
  | { readonly type: 'gap'; readonly tick: number; readonly ticks: number; readonly cause: 'stall' | 'overload' };

/** Why a recording stopped before its call did. */
export type RecordingStopReason = 'disk_full' | 'unwritable' | 'failed';

/** How a recording stands, for the call's record. `path` leads to its folder, from the folder of the records. */
export type RecordingState =
  | { readonly state: 'recording'; readonly path: string }
  | { readonly state: 'complete'; readonly path: string; readonly bytes: number }
  | { readonly state: 'stopped'; readonly path: string; readonly bytes: number; readonly reason: RecordingStopReason };

/** Takes the recording of one call. None of these may throw, wait, or touch a file on the caller's thread. */
export interface RecordingSink {
  /** Comes before the tick that it holds for. */
  mark(mark: RecordingMark): void;
  /** One tick of what each party says, each tick once and in order; one that is left out is silence. Copies; allocates nothing. */
  write(tick: number, spoken: SpokenTick): void;
  /** The call is over; `tick` is the first that is not part of it. */
  end(tick: number): void;
}

/** Makes recordings. */
export interface Recorder {
  /** Begins a recording; `told` is called whenever it stands differently, the last time with `complete` or `stopped`. Must not throw. */
  begin(header: RecordingHeader, told: (state: RecordingState) => void): RecordingSink;
}
