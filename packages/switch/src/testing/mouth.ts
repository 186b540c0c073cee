import type { Clock, Timer } from '@agentao/clock';

/** A phone's microphone: frames of 20 ms on the phone's own clock, what was queued and then silence. */
export interface Mouth {
  /** Samples queued and not yet spoken. */
  readonly unspoken: number;
  /** Queues a copy. */
  say(samples: Int16Array): void;
  /** The line is open: frames begin to flow. */
  open(): void;
  close(): void;
}

/** What a mouth is made of. */
export interface MouthOptions {
  readonly clock: Clock;
  readonly sampleRateHz: number;
  /** How much too fast the phone's clock runs. */
  readonly driftPpm: number;
  /** Takes one frame, reused after it returns. */
  readonly send: (frame: Int16Array, position: number) => void;
}

/** Makes a mouth that is shut. The queue grows without bound: for tests. */
export function createMouth({ clock, sampleRateHz, driftPpm, send }: MouthOptions): Mouth {
  const frame = new Int16Array(sampleRateHz / 50);
  const frameMs = 20 / (1 + driftPpm * 1e-6);
  const queue: Int16Array[] = [];
  let offset = 0;
  let unspoken = 0;
  let timer: Timer | undefined;

  const fill = (): void => {
    let filled = 0;
    for (let first = queue[0]; first !== undefined && filled < frame.length; first = queue[0]) {
      const count = Math.min(frame.length - filled, first.length - offset);
      frame.set(first.subarray(offset, offset + count), filled);
      filled += count;
      offset += count;
      if (offset === first.length) {
        queue.shift();
        offset = 0;
      }
    }
    frame.fill(0, filled);
    unspoken -= filled;
  };

  const open = (): void => {
    if (timer) return;
    const originMs = clock.now();
    let sent = 0;
    const next = (): void => {
      fill();
      timer = clock.setTimer(originMs + (sent + 2) * frameMs, next);
      send(frame, sent++ * frame.length);
    };
    timer = clock.setTimer(originMs + frameMs, next);
  };

  return {
    get unspoken() {
      return unspoken;
    },
    say(samples) {
      if (samples.length === 0) return;
      queue.push(samples.slice());
      unspoken += samples.length;
    },
    open,
    close() {
      timer?.cancel();
      timer = undefined;
    },
  };
}
