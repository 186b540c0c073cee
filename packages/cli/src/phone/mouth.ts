import type { WheelMember } from '@agentao/clock';
import { encodeFrame, tracks } from '@agentao/protocol';
import { createRecording, type Recording } from '../measure/recording.ts';

/** Two moments on the clock. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a phone sends: speech while it has some, silence else, one message for each tick. */
export interface Mouth extends WheelMember {
  readonly said: Recording;
  /** Speaks after what is being spoken; resolves with when it left the mouth. The samples must stay as they are meanwhile. */
  say(samples: Int16Array): Promise<Span>;
  /** Nothing more is sent; what was to be said is left unsaid and its promises reject with `error`. */
  stop(error: Error): void;
}

/** What a mouth needs. */
export interface MouthOptions {
  readonly sampleRateHz: number;
  readonly tickMs: number;
  readonly now: () => number;
  readonly send: (frame: Uint8Array) => void;
}

interface Utterance {
  readonly samples: Int16Array;
  readonly resolve: (span: Span) => void;
  readonly reject: (error: Error) => void;
  spoken: number;
  fromMs: number;
}

/** Makes a mouth that sends whenever the wheel that it is added to turns. */
export function createMouth({ sampleRateHz, tickMs, now, send }: MouthOptions): Mouth {
  const frameSamples = (sampleRateHz * tickMs) / 1000;
  const frame = new Int16Array(frameSamples);
  const said = createRecording({ sampleRateHz });
  const queue: Utterance[] = [];
  let position = 0;
  let stopped: Error | undefined;

  return {
    said,
    tick: () => {
      frame.fill(0);
      // A microphone hands over a tick when the tick is over, so its first sample was spoken one tick ago.
      const startMs = now() - tickMs;
      const current = queue[0];
      if (current) {
        if (current.spoken === 0) current.fromMs = startMs;
        frame.set(current.samples.subarray(current.spoken, current.spoken + frameSamples));
        current.spoken += frameSamples;
      }
      said.write(frame, position, startMs);
      send(encodeFrame({ track: tracks.mix, generation: 0, flags: 0, position }, frame));
      position += frameSamples;
      if (current && current.spoken >= current.samples.length) {
        queue.shift();
        current.resolve({ fromMs: current.fromMs, toMs: startMs + tickMs });
      }
    },
    skipped: (ticks) => {
      position += ticks * frameSamples;
    },
    say: (samples) =>
      new Promise((resolve, reject) => {
        if (stopped) reject(stopped);
        else queue.push({ samples, resolve, reject, spoken: 0, fromMs: 0 });
      }),
    stop: (error) => {
      stopped = error;
      for (const { reject } of queue.splice(0)) reject(error);
    },
  };
}
