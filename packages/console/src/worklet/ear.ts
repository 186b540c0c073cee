import { createJitterBuffer, createLevelMeter, createResampler } from '@agentao/audio';
import { frameSamples, lineRateHz } from './handset-messages.ts';
import { levelWindowMs } from './mouth.ts';

/** From the line to the speaker: evens out what comes at 24,000 Hz and gives it out in quanta at the device's rate. */
export interface Ear {
  /** Level of what was given out lately, in dBFS, -120 for silence. */
  readonly levelDb: number;
  /** Takes audio of the line; copies. Where positions jump the gap is concealed. */
  push(samples: Int16Array, position: number): void;
  /** Fills `quantum` with what is heard next. */
  fill(quantum: Float32Array): void;
  /** Fades out within one quantum, drops the rest, and counts positions anew. */
  hush(): void;
}

/** Makes an ear. Throws RangeError for a rate that cannot be resampled. Allocates nothing per quantum. */
export function createEar({ outputRateHz }: { readonly outputRateHz: number }): Ear {
  const resampler = createResampler({ inputRateHz: lineRateHz, outputRateHz });
  const meter = createLevelMeter({ sampleRateHz: lineRateHz, windowMs: levelWindowMs });
  const tick = new Int16Array(frameSamples);
  const heard = new Int16Array(Math.ceil((frameSamples * outputRateHz) / lineRateHz) + 1);
  let buffer = createJitterBuffer({ sampleRateHz: lineRateHz });
  let count = 0;
  let taken = 0;
  let fading = false;

  const forget = (): void => {
    fading = false;
    buffer = createJitterBuffer({ sampleRateHz: lineRateHz });
    resampler.reset();
    count = 0;
    taken = 0;
  };

  const next = (): void => {
    buffer.pull(tick);
    meter.push(tick);
    count = resampler.processInto(tick, heard);
    taken = 0;
  };

  return {
    get levelDb() {
      return meter.rmsDb;
    },
    push: (samples, position) => {
      if (fading) forget();
      buffer.push(samples, position);
    },
    fill: (quantum) => {
      for (let i = 0; i < quantum.length; i++) {
        if (taken >= count) next();
        const share = fading ? 1 - (i + 1) / quantum.length : 1;
        quantum[i] = ((heard[taken++] ?? 0) / 32_768) * share;
      }
      if (fading) forget();
    },
    hush: () => {
      fading = true;
    },
  };
}
