import { createLevelMeter } from './level.ts';

/** Options of {@link createVoiceActivity}. */
export interface VoiceActivityOptions {
  readonly sampleRateHz: number;
  /** How far above the noise floor a sound counts as voice; 12 unless given. */
  readonly thresholdDb?: number;
  /** How long it must last; 40 unless given. */
  readonly attackMs?: number;
  /** How long it must pause to have ended; 300 unless given. */
  readonly releaseMs?: number;
  /** Called inside `push`, `attackMs` after the fact; `atSample` is where the voice began, counted from the first sample pushed. */
  readonly onStart?: (atSample: number) => void;
  /** Called inside `push`, `releaseMs` after the fact; `atSample` is where the voice ended. */
  readonly onEnd?: (atSample: number) => void;
}

/** Tells voice from background by its energy, however the stream is cut. */
export interface VoiceActivity {
  /** Between `onStart` and `onEnd`. */
  readonly active: boolean;
  push(samples: Int16Array): void;
}

const frameMs = 10;
/** Whatever the noise floor, nothing below this is voice: telephone speech lies at -20 to -35 dB. */
const minVoiceDb = -50;
const minFloorDb = -70;
const maxFirstFloorDb = -45;
/** Speech dips to the floor several times a second, so the floor falls at once and rises slowly: steady sound becomes background in time. */
const floorFall = 0.5;
const floorRiseDbPerSecond = 3;

/**
 * Makes a voice activity detector with an adaptive noise floor, deciding every 10 ms. A steady sound counts as voice for as many
 * seconds as it takes the floor to reach it at 3 dB/s. Throws `RangeError` for a rate too low or times that are not positive.
 */
export function createVoiceActivity(options: VoiceActivityOptions): VoiceActivity {
  const { sampleRateHz, thresholdDb = 12, attackMs = 40, releaseMs = 300, onStart, onEnd } = options;
  if (!(attackMs > 0 && releaseMs > 0)) throw new RangeError('attackMs and releaseMs must be above 0');
  const attackFrames = Math.ceil(attackMs / frameMs);
  const releaseFrames = Math.ceil(releaseMs / frameMs);

  let active = false;
  let floorDb: number | undefined;
  /** Frames in a row that speak against the present state, and where they began. */
  let contraryFrames = 0;
  let contraryFrom = 0;

  function trackFloor(levelDb: number): number {
    if (floorDb === undefined) floorDb = Math.min(levelDb, maxFirstFloorDb);
    else if (levelDb < floorDb) floorDb += (levelDb - floorDb) * floorFall;
    else floorDb = Math.min(levelDb, floorDb + (floorRiseDbPerSecond * frameMs) / 1000);
    floorDb = Math.max(floorDb, minFloorDb);
    return floorDb;
  }

  const meter = createLevelMeter({
    sampleRateHz,
    windowMs: frameMs,
    onWindow({ startSample, rmsDb }) {
      const loud = rmsDb >= Math.max(trackFloor(rmsDb) + thresholdDb, minVoiceDb);
      if (loud === active) {
        contraryFrames = 0;
        return;
      }
      if (contraryFrames++ === 0) contraryFrom = startSample;
      if (contraryFrames < (active ? releaseFrames : attackFrames)) return;
      contraryFrames = 0;
      active = loud;
      if (loud) onStart?.(contraryFrom);
      else onEnd?.(contraryFrom);
    },
  });

  return {
    get active() {
      return active;
    },
    push: (samples) => meter.push(samples),
  };
}
