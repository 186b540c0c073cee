/** Decides when a jitter buffer holds too much or too little: the least it held lately is kept near a target. */
export interface DelayControl {
  /** Samples to drop (positive) or to insert (negative); 0 when all is well. */
  readonly wanted: number;
  /** Ticks since something was first wanted. */
  readonly waitedTicks: number;
  /** What the buffer holds before a tick, in samples. Once per tick. */
  observe(queued: number): void;
  /** `dropped` samples were dropped (negative: inserted). */
  corrected(dropped: number): void;
  /** Forgets the past. */
  reset(): void;
}

/** In samples, or ticks. */
export interface DelayControlOptions {
  readonly target: number;
  /** So much more than the target must be held before anything is dropped; too little is always corrected. */
  readonly dropFrom: number;
  readonly windowTicks: number;
  /** How many windows must all have held too much before anything is dropped. */
  readonly windows: number;
}

/** Makes a control that has seen nothing yet. */
export function createDelayControl({ target, dropFrom, windowTicks, windows }: DelayControlOptions): DelayControl {
  const minima = new Float64Array(windows);
  let filled = 0;
  let ticks = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let wanted = 0;
  let waitedTicks = 0;

  const decide = (): void => {
    minima.copyWithin(1, 0);
    minima[0] = minimum;
    filled = Math.min(filled + 1, windows);
    let floor = minimum;
    for (let i = 1; i < filled; i++) floor = Math.min(floor, minima[i] as number);
    if (minimum < target) wanted = minimum - target;
    else if (filled === windows && floor > target + dropFrom) wanted = floor - target;
    else wanted = 0;
    if (wanted === 0) waitedTicks = 0;
    ticks = 0;
    minimum = Number.POSITIVE_INFINITY;
  };

  return {
    get wanted() {
      return wanted;
    },
    get waitedTicks() {
      return waitedTicks;
    },
    observe(queued) {
      minimum = Math.min(minimum, queued);
      if (wanted !== 0) waitedTicks++;
      if (++ticks >= windowTicks) decide();
    },
    corrected(dropped) {
      minimum -= dropped;
      for (let i = 0; i < filled; i++) minima[i] = (minima[i] as number) - dropped;
      const left = wanted - dropped;
      wanted = left * wanted > 0 ? left : 0;
      waitedTicks = 0;
    },
    reset() {
      filled = 0;
      ticks = 0;
      minimum = Number.POSITIVE_INFINITY;
      wanted = 0;
      waitedTicks = 0;
    },
  };
}
