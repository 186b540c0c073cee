import { silenceDb } from '@agentao/audio';
import { busTickSamples, tickMs } from './bus.ts';

/** How loud each party speaks, RMS in dBFS over 200 ms; -120 is digital silence. */
export interface CallLevels {
  readonly callerDb: number;
  readonly calleeDb: number;
  readonly agentDb: number;
}

/** What the parties say in one tick of the bus, as said and not as heard. */
export interface SpokenTick {
  readonly caller: Int16Array;
  readonly callee: Int16Array;
  readonly agent: Int16Array;
}

/** Measures what the parties of a call say, while somebody wants to know. */
export interface LevelTap {
  /** Whether somebody listens; nothing needs to be pushed otherwise. */
  readonly active: boolean;
  /** The tick of this number. Allocates nothing but the levels, at the end of each whole window. */
  push(tick: number, spoken: SpokenTick): void;
  /**
   * Tells `listener` of every whole window from now on, in the tick, so it must not throw; the result ends that. Windows begin at each tenth tick
   * of the call, so that calls that are watched together do not report together.
   */
  listen(listener: (levels: CallLevels) => void): () => void;
}

const windowTicks = 200 / tickMs;

/** Makes a tap to which nobody listens. */
export function createLevelTap(): LevelTap {
  const listeners = new Set<(levels: CallLevels) => void>();
  /** Sums of squares of caller, callee and agent: an array, so that adding to them allocates nothing. */
  const energies = new Float64Array(3);
  let windowNumber = -1;
  let counted = 0;

  return {
    get active() {
      return listeners.size > 0;
    },
    push(tick, { caller, callee, agent }) {
      const number = Math.floor(tick / windowTicks);
      if (number !== windowNumber) {
        windowNumber = number;
        counted = 0;
        energies.fill(0);
      }
      addEnergy(energies, 0, caller);
      addEnergy(energies, 1, callee);
      addEnergy(energies, 2, agent);
      if (++counted < windowTicks) return;
      const [callerDb = silenceDb, calleeDb = silenceDb, agentDb = silenceDb] = [...energies].map(windowDb);
      const levels = { callerDb, calleeDb, agentDb };
      for (const listener of listeners) listener(levels);
    },
    listen(listener) {
      const own = (levels: CallLevels): void => listener(levels);
      if (listeners.size === 0) windowNumber = -1;
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
  };
}

function addEnergy(energies: Float64Array, index: number, samples: Int16Array): void {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] as number;
    sum += sample * sample;
  }
  energies[index] = (energies[index] as number) + sum;
}

/** RMS of a window in dBFS, 0 dB being the RMS of a full-scale square wave. */
function windowDb(energy: number): number {
  const rms = Math.sqrt(energy / (windowTicks * busTickSamples));
  return Math.max(silenceDb, 20 * Math.log10(rms / 32_768));
}
