/** What {@link levelDb} and its kin read for silence, and never less. */
export const silenceDb = -120;

/** Full scale: an RMS of this value is 0 dB (dBov of ITU-T G.100.1), so a full-scale sine reads -3.01 dB. */
const fullScale = 32_768;

/** The level in dB of an amplitude or RMS value in sample units. */
export function amplitudeToDb(amplitude: number): number {
  return Math.max(silenceDb, 20 * Math.log10(amplitude / fullScale));
}

/** The RMS value in sample units of a level in dB. */
export function dbToAmplitude(levelDb: number): number {
  return fullScale * 10 ** (levelDb / 20);
}

/** RMS level in dB, 0 dB being the RMS of a full-scale square wave (dBov, ITU-T G.100.1); silence and no samples give -120. */
export function levelDb(samples: Int16Array): number {
  return samples.length === 0 ? silenceDb : amplitudeToDb(Math.sqrt(energy(samples) / samples.length));
}

function energy(samples: Int16Array): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] as number;
    sum += sample * sample;
  }
  return sum;
}

/** The levels of one window of a {@link LevelMeter}, in dB as {@link levelDb} has them. */
export interface WindowLevel {
  /** Position in the stream of the window's first sample. */
  readonly startSample: number;
  readonly rmsDb: number;
  readonly peakDb: number;
}

/** Follows the level of a stream in windows of equal length, however the stream is cut. */
export interface LevelMeter {
  /** Levels of the last whole window; -120 before the first. */
  readonly rmsDb: number;
  readonly peakDb: number;
  push(samples: Int16Array): void;
  /** Starts anew at position 0. */
  reset(): void;
}

/** Options of {@link createLevelMeter}. */
export interface LevelMeterOptions {
  readonly sampleRateHz: number;
  /** Length of a window; 20 ms unless given. */
  readonly windowMs?: number;
  /** Called inside `push` for every whole window. */
  readonly onWindow?: (level: WindowLevel) => void;
}

/** Makes a level meter. Throws `RangeError` if a window has no sample. */
export function createLevelMeter(options: LevelMeterOptions): LevelMeter {
  const { sampleRateHz, windowMs = 20, onWindow } = options;
  const windowSamples = Math.round((sampleRateHz * windowMs) / 1000);
  if (!(windowSamples >= 1)) throw new RangeError(`a window of ${windowMs} ms at ${sampleRateHz} Hz has no sample`);

  let position = 0;
  let filled = 0;
  let sum = 0;
  let peak = 0;
  let rmsDb = silenceDb;
  let peakDb = silenceDb;

  function closeWindow(): void {
    rmsDb = amplitudeToDb(Math.sqrt(sum / windowSamples));
    peakDb = amplitudeToDb(peak);
    const startSample = position;
    position += windowSamples;
    filled = 0;
    sum = 0;
    peak = 0;
    onWindow?.({ startSample, rmsDb, peakDb });
  }

  return {
    get rmsDb() {
      return rmsDb;
    },
    get peakDb() {
      return peakDb;
    },
    push(samples) {
      for (let from = 0; from < samples.length; ) {
        const end = Math.min(samples.length, from + windowSamples - filled);
        for (let i = from; i < end; i++) {
          const sample = samples[i] as number;
          sum += sample * sample;
          peak = Math.max(peak, Math.abs(sample));
        }
        filled += end - from;
        from = end;
        if (filled === windowSamples) closeWindow();
      }
    },
    reset() {
      position = 0;
      filled = 0;
      sum = 0;
      peak = 0;
      rmsDb = silenceDb;
      peakDb = silenceDb;
    },
  };
}
