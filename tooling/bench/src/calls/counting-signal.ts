const multiplier = 40_503;
/** Inverse of the multiplier modulo 65,536. */
const inverse = inverseModulo65536(multiplier);

/** Fills `out` with a loud, noise-like signal in which sample `first + i` can be told from every other within 65,536. */
export function fillCounting(out: Int16Array, first: number): void {
  let code = Math.imul(first, multiplier) & 0xffff;
  for (let i = 0; i < out.length; i++) {
    out[i] = code - 32_768;
    code = (code + multiplier) & 0xffff;
  }
}

/** What an ear made of the counting signal. */
export interface EarReport {
  /** Samples heard in order since the first one. */
  readonly inOrder: number;
  /** Samples left out. */
  readonly lost: number;
  /** Samples heard again. */
  readonly repeated: number;
  /** Samples of silence in the middle. */
  readonly silent: number;
  /** Times the order broke. */
  readonly breaks: number;
}

/** Listens to the counting signal from its first two samples in a row on. */
export interface CountingEar {
  hear(samples: Int16Array): void;
  /** Counts from nought; where it is in the signal stays. */
  reset(): void;
  report(): EarReport;
}

/** Creates an ear that waits for the signal, which may be faded in, and then accounts for every sample. */
export function createCountingEar(): CountingEar {
  let expected = -1;
  let before = -2;
  let inOrder = 0;
  let lost = 0;
  let repeated = 0;
  let silent = 0;
  let breaks = 0;
  let inSilence = false;
  return {
    hear: (samples) => {
      for (let i = 0; i < samples.length; i++) {
        const value = samples[i] as number;
        const index = Math.imul(value + 32_768, inverse) & 0xffff;
        if (expected < 0) {
          if (index === ((before + 1) & 0xffff)) {
            expected = (index + 1) & 0xffff;
            inOrder = 2;
          }
          before = index;
          continue;
        }
        if (index === expected) {
          inOrder++;
          inSilence = false;
        } else if (value === 0) {
          silent++;
          if (!inSilence) breaks++;
          inSilence = true;
          continue;
        } else {
          const jump = (index - expected + 65_536) & 0xffff;
          if (jump < 32_768) lost += jump;
          else repeated += 65_536 - jump;
          breaks++;
        }
        expected = (index + 1) & 0xffff;
      }
    },
    reset: () => {
      inOrder = lost = repeated = silent = breaks = 0;
    },
    report: () => ({ inOrder, lost, repeated, silent, breaks }),
  };
}

function inverseModulo65536(value: number): number {
  let result = value;
  for (let i = 0; i < 4; i++) result = Math.imul(result, 2 - Math.imul(value, result)) & 0xffff;
  return result;
}
