import type { Clock, Timer, Wheel } from '@agentao/clock';

/** When new calls are refused for the sake of those that run. */
export interface SheddingOptions {
  /** The time that is looked at. Default 5000. */
  readonly windowMs?: number;
  /** Share of the window for which the ticks of a call may be late or left out, on average; more, and new calls are refused. Default 0.1. */
  readonly missedShare?: number;
  /** Share below which it is well again. Default 0.01. */
  readonly wellShare?: number;
  /** How long it has to be well before new calls are taken again. Default 5000. */
  readonly recoverMs?: number;
}

/** What the watch is given. */
export interface PacingWatchOptions {
  readonly clock: Clock;
  readonly wheel: Pick<Wheel, 'stats' | 'size' | 'tickMs'>;
  /** Left out: ticks are measured, and no call is ever shed. */
  readonly shedding: SheddingOptions | undefined;
  /** Told of each half second with calls how late its latest tick came. */
  readonly onLateness: (worstMs: number) => void;
  readonly onShedding: (shedding: boolean, share: number) => void;
}

/** Looks twice a second at how punctual the ticks are. */
export interface PacingWatch {
  readonly shedding: boolean;
  /** A tick came so late. From the wheel, for each turn of it. */
  late(latenessMs: number): void;
  /** There are calls: looks from now on. Idempotent. */
  wake(): void;
  /** There are none any more: looks on only while calls are shed. */
  rest(): void;
  close(): void;
}

/** Between two looks. */
const sampleMs = 500;

const defaults: Required<SheddingOptions> = { windowMs: 5_000, missedShare: 0.1, wellShare: 0.01, recoverMs: 5_000 };

interface Sample {
  readonly atMs: number;
  /** For how long a call missed its ticks, on average. */
  readonly missedMs: number;
}

/** Creates a watch at rest. Throws a TypeError that names the option at fault. */
export function createPacingWatch(options: PacingWatchOptions): PacingWatch {
  const { clock, wheel, onLateness, onShedding } = options;
  const resolved = { ...defaults, ...options.shedding };
  for (const [name, value] of Object.entries(resolved)) {
    if (!(value > 0)) throw new TypeError(`shedding.${name} must be above 0`);
  }
  const { windowMs, missedShare, wellShare, recoverMs } = resolved;
  if (wellShare >= missedShare) throw new TypeError('shedding.wellShare must be below shedding.missedShare');
  let samples: Sample[] = [];
  let last = wheel.stats();
  let lastSize = wheel.size;
  let worstMs = 0;
  let shedding = false;
  let wellSinceMs: number | undefined;
  let resting = true;
  let timer: Timer | undefined;

  const share = (): number => samples.reduce((sum, { missedMs }) => sum + missedMs, 0) / windowMs;

  const sample = (): void => {
    const now = wheel.stats();
    // Whoever resets the counters starts them at nought.
    const from =
      now.ticks < last.ticks || now.skippedTicks < last.skippedTicks
        ? { ticks: 0, lateTicks: 0, skippedTicks: 0 }
        : last;
    const skipped = now.skippedTicks - from.skippedTicks;
    const atMs = clock.now();
    const missed = now.lateTicks - from.lateTicks + skipped;
    // The calls that have just ended had ticks too.
    const calls = Math.max(1, lastSize, wheel.size);
    samples = samples.filter((older) => older.atMs > atMs - windowMs);
    samples.push({ atMs, missedMs: (missed * wheel.tickMs) / calls });
    if (now.ticks - from.ticks + skipped > 0) onLateness(worstMs);
    worstMs = 0;
    last = now;
    lastSize = wheel.size;
    if (options.shedding !== undefined) judge(share(), atMs);
  };

  const judge = (missed: number, atMs: number): void => {
    if (!shedding) {
      if (missed > missedShare) turn(true, missed);
      return;
    }
    if (missed >= wellShare) wellSinceMs = undefined;
    else wellSinceMs ??= atMs;
    if (wellSinceMs !== undefined && atMs - wellSinceMs >= recoverMs) turn(false, missed);
  };

  const turn = (to: boolean, missed: number): void => {
    shedding = to;
    wellSinceMs = undefined;
    onShedding(to, missed);
  };

  const look = (): void => {
    sample();
    timer = resting && !shedding ? undefined : clock.setTimer(clock.now() + sampleMs, look);
  };

  return {
    get shedding() {
      return shedding;
    },
    late: (latenessMs) => {
      if (latenessMs > worstMs) worstMs = latenessMs;
    },
    wake: () => {
      resting = false;
      timer ??= clock.setTimer(clock.now() + sampleMs, look);
    },
    rest: () => {
      resting = true;
      if (timer === undefined || shedding) return;
      sample();
      if (shedding) return;
      timer.cancel();
      timer = undefined;
    },
    close: () => {
      resting = true;
      shedding = false;
      timer?.cancel();
      timer = undefined;
    },
  };
}
