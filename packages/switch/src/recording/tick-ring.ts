import { busTickSamples } from '../media/bus.ts';
import type { SpokenTick } from '../media/level-tap.ts';
import { recordedParties } from './recorder.ts';

/** Ticks that a ring holds: two seconds. */
export const ringTicks = 100;

const controlInts = 2;
const headBytes = 4 * (controlInts + ringTicks);
const trackSamples = ringTicks * busTickSamples;

/** Bytes of memory that one ring takes. */
export const ringBytes: number = headBytes + 2 * recordedParties.length * trackSamples;

/** Ticks that follow each other in time and in memory: one view for each of `recordedParties`, reused after it is let go of. */
export type TickRun = (firstTick: number, tracks: readonly Int16Array[]) => void;

/**
 * Ticks on their way from one thread to another: one that pushes, one that drains, no lock, no message, nothing allocated. Overflow policy: a tick
 * that does not fit is not taken.
 */
export interface TickRing {
  /** Ticks pushed since the memory was new; a limit for `drain`. */
  readonly pushed: number;
  /** Copies one tick in. False, and nothing happens, if there is no room. */
  push(tick: number, spoken: SpokenTick): boolean;
  /** Hands out what was pushed up to `limit`, oldest first; what `take` throws leaves the rest. */
  drain(limit: number, take: TickRun): void;
}

/** A ring in `memory` of {@link ringBytes}, which both threads have. */
export function openTickRing(memory: SharedArrayBuffer): TickRing {
  const control = new Int32Array(memory, 0, controlInts);
  const ticks = new Int32Array(memory, 4 * controlInts, ringTicks);
  const tracks = recordedParties.map((_, i) => new Int16Array(memory, headBytes + 2 * i * trackSamples, trackSamples));
  const [caller, callee, agent] = tracks as [Int16Array, Int16Array, Int16Array];

  /** Ticks from `slot` on that follow each other, at most `most`. */
  const runLength = (slot: number, most: number): number => {
    const first = ticks[slot] as number;
    const end = Math.min(most, ringTicks - slot);
    let length = 1;
    while (length < end && ticks[slot + length] === first + length) length++;
    return length;
  };

  return {
    get pushed() {
      return Atomics.load(control, 0);
    },
    push(tick, spoken) {
      const pushed = control[0] as number;
      if (pushed - Atomics.load(control, 1) >= ringTicks) return false;
      const slot = slotOf(pushed);
      ticks[slot] = tick;
      const at = slot * busTickSamples;
      caller.set(spoken.caller, at);
      callee.set(spoken.callee, at);
      agent.set(spoken.agent, at);
      Atomics.store(control, 0, pushed + 1);
      return true;
    },
    drain(limit, take) {
      let drained = control[1] as number;
      while (drained < limit) {
        const slot = slotOf(drained);
        const length = runLength(slot, limit - drained);
        const from = slot * busTickSamples;
        take(
          ticks[slot] as number,
          tracks.map((track) => track.subarray(from, from + length * busTickSamples)),
        );
        drained += length;
        Atomics.store(control, 1, drained);
      }
    },
  };
}

/** Where a tick lies, by its number. Numbers stay below 2^31 for as long as a ring lives: that many ticks take 1.3 years. */
function slotOf(number: number): number {
  return number % ringTicks;
}
