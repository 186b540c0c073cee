/** The polyphase filter of one pair of rates: `up / down` in lowest terms. Shared and read only. */
export interface ResamplerBank {
  readonly up: number;
  readonly down: number;
  /** Input samples that one output sample is made of; even. */
  readonly taps: number;
  /** Row by row, `up` phases of `taps` coefficients, each row in the order of the input (oldest first). */
  readonly coefficients: Float64Array;
}

// Sized for telephony: 48 taps at the lower rate pass 0.82 of its Nyquist frequency and stop 87 dB from 1.03 of it on.
const tapsAtLowerRate = 48;
const rollOff = 0.91;
const kaiserBeta = 0.1102 * (87 - 8.7);

const minRateHz = 1000;
const maxRateHz = 384_000;
const maxCoefficients = 65_536;
const maxBanks = 32;

const banks = new Map<string, ResamplerBank>();

/** The bank for a pair of valid rates, made once. Throws `RangeError` if they have no small common ratio. */
export function resamplerBank(inputRateHz: number, outputRateHz: number): ResamplerBank {
  const key = `${inputRateHz}/${outputRateHz}`;
  const known = banks.get(key);
  if (known) return known;
  const bank = buildBank(inputRateHz, outputRateHz);
  // Rates may come from a stranger's WAV file, so the cache has a bound: the oldest bank goes.
  if (banks.size >= maxBanks) banks.delete(banks.keys().next().value as string);
  banks.set(key, bank);
  return bank;
}

/** Throws `RangeError` unless `rateHz` is a whole number of 1,000-384,000 Hz. */
export function requireRate(name: string, rateHz: number): void {
  if (!Number.isInteger(rateHz) || rateHz < minRateHz || rateHz > maxRateHz) {
    throw new RangeError(`${name} must be a whole number of ${minRateHz}-${maxRateHz} Hz, got ${rateHz}`);
  }
}

function buildBank(inputRateHz: number, outputRateHz: number): ResamplerBank {
  const common = greatestCommonDivisor(inputRateHz, outputRateHz);
  const up = outputRateHz / common;
  const down = inputRateHz / common;
  const taps = 2 * Math.ceil((tapsAtLowerRate * Math.max(1, down / up)) / 2);
  if (up * taps > maxCoefficients) {
    throw new RangeError(`${inputRateHz} Hz to ${outputRateHz} Hz has no common ratio small enough to resample`);
  }
  // Windowed sinc at the rate common to both sides (input * up), split into phases, each scaled to unity gain at 0 Hz.
  const cutoff = (rollOff * Math.min(1, up / down)) / up;
  const centre = (taps * up) / 2;
  const windowScale = besselI0(kaiserBeta);
  const coefficients = new Float64Array(up * taps);
  for (let phase = 0; phase < up; phase++) {
    let gain = 0;
    for (let tap = 0; tap < taps; tap++) {
      const offset = phase + (taps - 1 - tap) * up - centre;
      const ratio = offset / centre;
      const window = besselI0(kaiserBeta * Math.sqrt(Math.max(0, 1 - ratio * ratio))) / windowScale;
      const value = window * sinc(cutoff * offset);
      coefficients[phase * taps + tap] = value;
      gain += value;
    }
    for (let tap = 0; tap < taps; tap++) {
      coefficients[phase * taps + tap] = (coefficients[phase * taps + tap] as number) / gain;
    }
  }
  return { up, down, taps, coefficients };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Modified Bessel function of the first kind, order zero, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
