/** Cuts a stream into frames of equal length. */
export interface Framer {
  /** Takes the first `count` samples of `samples`. */
  push(samples: Int16Array, count: number): void;
}

/** Makes a framer. `onFrame` gets the same memory each time: it copies what it keeps. */
export function createFramer(frameSamples: number, onFrame: (frame: Int16Array) => void): Framer {
  const frame = new Int16Array(frameSamples);
  let filled = 0;
  return {
    push: (samples, count) => {
      for (let i = 0; i < count; i++) {
        frame[filled++] = samples[i] ?? 0;
        if (filled < frameSamples) continue;
        filled = 0;
        onFrame(frame);
      }
    },
  };
}
