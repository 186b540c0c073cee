import { encodeWav, levelDb, type SampleRateHz, toneLevelDb } from '@agentao/audio';

/** A stretch of what a phone heard, in milliseconds since its first sample; left out = from the start, to the end. */
export interface HeardRange {
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** Everything that was played to a phone, from the first sample on. */
export interface Ear {
  readonly heardMs: number;
  /** A copy. */
  heard(range?: HeardRange): Int16Array;
  /** Level in dBFS, of everything or of one frequency; -120 for silence. */
  levelDb(range?: HeardRange & { readonly frequencyHz?: number }): number;
  /** All of it as a WAV file. */
  recording(): Uint8Array;
}

/** An ear and the hand that fills it. */
export interface RecordingEar extends Ear {
  write(samples: Int16Array): void;
}

/** Makes an ear that has heard nothing. It grows without bound: for tests. */
export function createEar(sampleRateHz: SampleRateHz): RecordingEar {
  let memory = new Int16Array(sampleRateHz);
  let length = 0;
  const indexOf = (ms: number): number => Math.min(length, Math.max(0, Math.round((ms * sampleRateHz) / 1000)));
  const view = ({ fromMs = 0, toMs = Number.POSITIVE_INFINITY }: HeardRange = {}): Int16Array =>
    memory.subarray(indexOf(fromMs), indexOf(toMs));

  return {
    get heardMs() {
      return (length * 1000) / sampleRateHz;
    },
    heard: (range) => view(range).slice(),
    levelDb(range) {
      const samples = view(range);
      const frequencyHz = range?.frequencyHz;
      return frequencyHz === undefined ? levelDb(samples) : toneLevelDb(samples, { frequencyHz, sampleRateHz });
    },
    recording: () => encodeWav(view(), { sampleRateHz }),
    write(samples) {
      if (length + samples.length > memory.length) {
        const larger = new Int16Array(2 * (length + samples.length));
        larger.set(memory.subarray(0, length));
        memory = larger;
      }
      memory.set(samples, length);
      length += samples.length;
    },
  };
}
