import { createLevelMeter, createResampler } from '@agentao/audio';
import { createFramer } from './framer.ts';
import { frameSamples, lineRateHz } from './handset-messages.ts';

/** From the microphone to the line: what comes in quanta at the device's rate goes out in frames of 20 ms at 24,000 Hz. */
export interface Mouth {
  /** Level of the last frames in dBFS, -120 for silence. */
  readonly levelDb: number;
  muted: boolean;
  /** Takes one quantum of the microphone. */
  speak(quantum: Float32Array): void;
  /** Takes `count` samples of silence: there is no microphone. */
  pause(count: number): void;
  /** Says this at 24,000 Hz in place of the microphone, also when muted, after what it was to say before. Overflow policy: what is too much is left out. */
  say(samples: Int16Array): void;
}

/** What a mouth is made of. */
export interface MouthOptions {
  readonly inputRateHz: number;
  /** Gets the same memory each time: copies what it keeps. */
  readonly onFrame: (frame: Int16Array) => void;
}

/** The window of the levels in both directions. */
export const levelWindowMs = 60;

/** A minute. */
const mostToSay = 60 * lineRateHz;

/** Makes a mouth. Throws RangeError for a rate that cannot be resampled. Allocates only when the size of the quanta changes. */
export function createMouth({ inputRateHz, onFrame }: MouthOptions): Mouth {
  const resampler = createResampler({ inputRateHz, outputRateHz: lineRateHz });
  const meter = createLevelMeter({ sampleRateHz: lineRateHz, windowMs: levelWindowMs });
  const framer = createFramer(frameSamples, (frame) => {
    meter.push(frame);
    onFrame(frame);
  });
  let input = new Int16Array(0);
  let output = new Int16Array(0);
  let muted = false;
  const texts: Int16Array[] = [];
  let said = 0;

  const resize = (count: number): void => {
    if (input.length === count) return;
    input = new Int16Array(count);
    output = new Int16Array(Math.ceil((count * lineRateHz) / inputRateHz) + 1);
  };

  const go = (): void => {
    const count = resampler.processInto(input, output);
    takeTexts(count);
    framer.push(output, count);
  };

  const takeTexts = (count: number): void => {
    let filled = 0;
    while (filled < count) {
      const [text] = texts;
      if (text === undefined) return;
      const part = text.subarray(said, said + count - filled);
      output.set(part, filled);
      filled += part.length;
      said += part.length;
      if (said < text.length) continue;
      texts.shift();
      said = 0;
    }
  };

  const pause = (count: number): void => {
    resize(count);
    input.fill(0);
    go();
  };

  return {
    get levelDb() {
      return meter.rmsDb;
    },
    get muted() {
      return muted;
    },
    set muted(on) {
      muted = on;
    },
    speak: (quantum) => {
      // Muted before the resampler, whose filter rounds the edge off.
      if (muted) {
        pause(quantum.length);
        return;
      }
      resize(quantum.length);
      for (let i = 0; i < quantum.length; i++) {
        const sample = Math.round((quantum[i] ?? 0) * 32_768);
        input[i] = sample > 32_767 ? 32_767 : sample < -32_768 ? -32_768 : sample;
      }
      go();
    },
    pause,
    say: (samples) => {
      const waiting = texts.reduce((sum, { length }) => sum + length, -said);
      if (samples.length > 0 && waiting + samples.length <= mostToSay) texts.push(samples);
    },
  };
}
