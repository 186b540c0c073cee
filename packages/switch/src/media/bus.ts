/** Rate of the switch's bus, in Hz. */
export const busRateHz = 24_000;

/** One tick of the bus, in milliseconds. */
export const tickMs = 20;

/** Ticks per second: a rate in Hz divided by this is the samples of one tick. */
export const ticksPerSecond = 50;

/** Samples of one tick on the bus. */
export const busTickSamples: number = busRateHz / ticksPerSecond;
