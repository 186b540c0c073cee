import type { LegProvider } from '@agentao/switch';
import { createCountingEar, type EarReport } from '../calls/counting-signal.ts';

/** A stretch of silence at an ear. */
export interface Gap {
  /** On the clock: the tick in which it began. */
  readonly fromMs: number;
  readonly samples: number;
}

/** All that one ear heard: the samples, what an account of the counting signal makes of them, and the silences in it. */
export interface EarLog {
  readonly heard: Int16Array;
  readonly gaps: readonly Gap[];
  report(): EarReport;
  /** One tick, heard now. */
  hear(samples: Int16Array): void;
}

/** Makes the log of an ear. It keeps at most `maxSeconds` of audio at 24 kHz. */
export function createEarLog(now: () => number, maxSeconds: number): EarLog {
  const ear = createCountingEar();
  const heard = new Int16Array(maxSeconds * 24_000);
  const gaps: { fromMs: number; samples: number }[] = [];
  let length = 0;
  let silentBefore = 0;
  /** The last tick ended in silence. */
  let inGap = false;
  return {
    get heard() {
      return heard.subarray(0, length);
    },
    gaps,
    report: () => ear.report(),
    hear(samples) {
      const kept = samples.subarray(0, heard.length - length);
      heard.set(kept, length);
      length += kept.length;
      ear.hear(samples);
      const silent = ear.report().silent - silentBefore;
      silentBefore += silent;
      const last = gaps.at(-1);
      if (silent > 0 && inGap && last !== undefined && samples[0] === 0) last.samples += silent;
      else if (silent > 0) gaps.push({ fromMs: now(), samples: silent });
      inGap = silent > 0 && samples.at(-1) === 0;
    },
  };
}

/** `phones`, with `hear` told of every tick that the caller's phone is played. */
export function listenIn(phones: LegProvider, hear: (samples: Int16Array) => void): LegProvider {
  return {
    ...phones,
    start: (host) =>
      phones.start({
        incoming: ({ caller, ...call }) => {
          const play = (samples: Int16Array): void => {
            hear(samples);
            caller.play(samples);
          };
          return host.incoming({ ...call, caller: { ...caller, play } });
        },
      }),
  };
}
