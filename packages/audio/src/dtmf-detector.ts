import { type DtmfDigit, dtmfKeys } from './dtmf.ts';
import { createDtmfWindow } from './dtmf-window.ts';

/** Where a digit was heard in the stream, to about 5 ms. */
export interface DtmfTiming {
  /** Position of the digit's first sample, counted from the first sample pushed. */
  readonly startSample: number;
  readonly durationMs: number;
}

/** Options of {@link createDtmfDetector}. */
export interface DtmfDetectorOptions {
  /** 8000 Hz or more. */
  readonly sampleRateHz: number;
  /** Called inside `push` or `flush`, once per digit, 25-40 ms after its end. */
  readonly onDigit: (digit: DtmfDigit, timing: DtmfTiming) => void;
}

/** Listens to a stream for DTMF, however the stream is cut. */
export interface DtmfDetector {
  push(samples: Int16Array): void;
  /** Ends the stream: reports a digit that still sounds, and starts anew at position 0. */
  flush(): void;
}

// In hops of 5 ms. A tone of 40 ms hits six windows or more, one of 25 ms at most four. A pause of 10 ms is bridged, one of
// 30 ms parts two digits.
const hitsForDigit = 5;
const missesForEnd = 5;

interface Digit {
  readonly key: number;
  readonly firstHit: number;
  lastHit: number;
}

/**
 * Makes a DTMF detector after ITU-T Q.24: digits of 40 ms and more are reported, shorter than 25 ms are not; frequencies within
 * 1.5 % are taken and off by 3.5 % refused; either tone may be weaker by 8 dB, the weaker one down to -38 dB; pauses of 10 ms do not split a digit.
 * Throws `RangeError` for a rate below 8000 Hz.
 */
export function createDtmfDetector(options: DtmfDetectorOptions): DtmfDetector {
  const { sampleRateHz, onDigit } = options;
  const window = createDtmfWindow(sampleRateHz, onWindow);
  let hop = 0;
  let runKey = -1;
  let runHits = 0;
  let sounding: Digit | undefined;

  function onWindow(key: number): void {
    runHits = key === runKey ? runHits + 1 : 1;
    runKey = key;
    if (sounding !== undefined) {
      if (key === sounding.key) sounding.lastHit = hop;
      else if (hop - sounding.lastHit >= missesForEnd) report(sounding);
    }
    if (key >= 0 && runHits >= hitsForDigit && key !== sounding?.key) {
      if (sounding !== undefined) report(sounding);
      sounding = { key, firstHit: hop - runHits + 1, lastHit: hop };
    }
    hop++;
  }

  /** The first and the last window that hit reach about one hop beyond the digit. */
  function report(digit: Digit): void {
    sounding = undefined;
    const firstHop = digit.firstHit + 1 - (window.hopsPerWindow - 1);
    const hops = digit.lastHit - digit.firstHit + window.hopsPerWindow - 2;
    const startSample = Math.max(0, firstHop * window.hopSamples);
    onDigit(dtmfKeys[digit.key] as DtmfDigit, {
      startSample,
      durationMs: (hops * window.hopSamples * 1000) / sampleRateHz,
    });
  }

  return {
    push: (samples) => window.push(samples),
    flush() {
      window.push(new Int16Array(window.hopsPerWindow * window.hopSamples));
      if (sounding !== undefined) report(sounding);
      window.reset();
      hop = 0;
      runKey = -1;
      runHits = 0;
    },
  };
}
