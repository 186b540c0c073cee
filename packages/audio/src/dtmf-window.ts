import { dtmfColumnsHz, dtmfRowsHz } from './dtmf.ts';
import { dbToAmplitude } from './level.ts';

/** Looks at a stream through overlapping windows of 20 ms, one every 5 ms, and tells for each which key sounds in it. */
export interface DtmfWindow {
  /** Samples of the stream from one window to the next. */
  readonly hopSamples: number;
  readonly hopsPerWindow: number;
  push(samples: Int16Array): void;
  /** Starts anew in silence. */
  reset(): void;
}

const hopsPerWindow = 4;
const frequenciesHz: readonly number[] = [...dtmfRowsHz, ...dtmfColumnsHz];

/** Both tones of a key together hold at least this share of the window's energy: speech and music spread theirs. */
const minShare = 0.8;
/** Between what ITU-T Q.24 has accepted (1.5 % and 2 Hz) and refused (3.5 %). */
const maxDeviation = 0.022;
/** Power ratios: of the two tones, 8 dB of Q.24 and some for noise; of each to the others of its group. */
const maxTwist = 10;
const minOverOthers = 4;
const minToneDb = -38;

/** Makes the window; `onWindow` gets an index into `dtmfKeys`, or -1. Throws `RangeError` for a rate below 8000 Hz. */
export function createDtmfWindow(sampleRateHz: number, onWindow: (key: number) => void): DtmfWindow {
  if (!(sampleRateHz >= 8000)) throw new RangeError(`sampleRateHz must be 8000 or more, got ${sampleRateHz}`);
  return new Window(sampleRateHz, onWindow);
}

class Window implements DtmfWindow {
  readonly hopSamples: number;
  readonly hopsPerWindow = hopsPerWindow;
  readonly #onWindow: (key: number) => void;

  // Higher rates are brought down to 8-16 kHz by a triangular filter; all eight tones lie far below.
  readonly #decimation: number;
  #fallingSum = 0;
  #risingSum = 0;
  #phase = 0;

  readonly #rateHz: number;
  readonly #hop: number;
  readonly #line: Float64Array;
  #filled: number;
  readonly #shape: Float64Array;
  readonly #windowed: Float64Array;

  readonly #tones = new Float64Array(2 * frequenciesHz.length);
  readonly #tonesBefore = new Float64Array(2 * frequenciesHz.length);
  #hasTonesBefore = false;

  constructor(sampleRateHz: number, onWindow: (key: number) => void) {
    this.#onWindow = onWindow;
    this.#decimation = Math.floor(sampleRateHz / 8000);
    this.#rateHz = sampleRateHz / this.#decimation;
    this.#hop = Math.round(this.#rateHz / 200);
    this.hopSamples = this.#hop * this.#decimation;
    const length = hopsPerWindow * this.#hop;
    this.#line = new Float64Array(length);
    this.#filled = length - this.#hop;
    this.#windowed = new Float64Array(length);
    this.#shape = Float64Array.from({ length }, (_, i) => Math.sin((Math.PI * (i + 0.5)) / length) ** 2);
  }

  push(samples: Int16Array): void {
    const decimation = this.#decimation;
    const scale = 1 / (decimation * decimation);
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i] as number;
      this.#fallingSum += (decimation - 1 - this.#phase) * sample;
      this.#risingSum += (this.#phase + 1) * sample;
      if (++this.#phase === decimation) {
        this.#take(this.#fallingSum * scale);
        this.#fallingSum = this.#risingSum;
        this.#risingSum = 0;
        this.#phase = 0;
      }
    }
  }

  reset(): void {
    this.#fallingSum = 0;
    this.#risingSum = 0;
    this.#phase = 0;
    this.#line.fill(0);
    this.#filled = this.#line.length - this.#hop;
    this.#hasTonesBefore = false;
  }

  #take(value: number): void {
    const line = this.#line;
    line[this.#filled++] = value;
    if (this.#filled < line.length) return;
    this.#onWindow(this.#key());
    line.copyWithin(0, this.#hop);
    this.#filled = line.length - this.#hop;
  }

  #key(): number {
    const length = this.#line.length;
    let energy = 0;
    for (let i = 0; i < length; i++) {
      const value = (this.#line[i] as number) * (this.#shape[i] as number);
      this.#windowed[i] = value;
      energy += value * value;
    }
    // A sine of RMS r has the power (r * length / (2 * sqrt(2)))^2 behind this window, and the energy r^2 * 3/8 * length.
    const minRms = dbToAmplitude(minToneDb);
    if (energy < minRms * minRms * 0.375 * length) {
      this.#hasTonesBefore = false;
      return -1;
    }
    const tones = this.#tones;
    measureTones(this.#windowed, this.#rateHz, tones);
    const row = strongest(tones, 0);
    const column = strongest(tones, 4);
    const rowPower = this.#steadyPower(row);
    const columnPower = this.#steadyPower(column);
    const heard =
      Math.min(rowPower, columnPower) >= (minRms * minRms * length * length) / 8 &&
      rowPower + columnPower >= (minShare * energy * length) / 3 &&
      columnPower <= rowPower * maxTwist &&
      rowPower <= columnPower * maxTwist &&
      standsOut(tones, 0, row) &&
      standsOut(tones, 4, column);
    this.#tonesBefore.set(tones);
    this.#hasTonesBefore = true;
    return heard ? 4 * row + column - 4 : -1;
  }

  /**
   * The power of a tone whose true frequency, told by how far its phase moved since the window before, is near enough, else 0.
   * What the window takes from a tone off its nominal frequency is given back.
   */
  #steadyPower(tone: number): number {
    if (!this.#hasTonesBefore) return 0;
    const frequency = frequenciesHz[tone] as number;
    const re = this.#tones[2 * tone] as number;
    const im = this.#tones[2 * tone + 1] as number;
    const reBefore = this.#tonesBefore[2 * tone] as number;
    const imBefore = this.#tonesBefore[2 * tone + 1] as number;
    const moved = Math.atan2(im * reBefore - re * imBefore, re * reBefore + im * imBefore) / (2 * Math.PI);
    const excess = moved - (frequency * this.#hop) / this.#rateHz;
    const turnsPerHop = excess - Math.round(excess);
    if (Math.abs(turnsPerHop * this.#rateHz) > maxDeviation * frequency * this.#hop) return 0;
    const gain = hannGain(turnsPerHop * hopsPerWindow);
    return (re * re + im * im) / (gain * gain);
  }
}

/** What a Hann window leaves of the amplitude of a tone that is off by less than one turn per window. */
function hannGain(turns: number): number {
  const x = Math.PI * turns;
  return x === 0 ? 1 : Math.sin(x) / (x * (1 - turns * turns));
}

/** Goertzel filters for all eight frequencies; leaves real and imaginary parts in `tones`, phases referring to the last sample. */
function measureTones(samples: Float64Array, rateHz: number, tones: Float64Array): void {
  for (let tone = 0; tone < frequenciesHz.length; tone += 2) {
    const angle = (2 * Math.PI * (frequenciesHz[tone] as number)) / rateHz;
    const otherAngle = (2 * Math.PI * (frequenciesHz[tone + 1] as number)) / rateHz;
    const coefficient = 2 * Math.cos(angle);
    const otherCoefficient = 2 * Math.cos(otherAngle);
    let last = 0;
    let beforeLast = 0;
    let otherLast = 0;
    let otherBeforeLast = 0;
    // Two at a time: each recursion alone would keep the processor waiting for itself.
    for (let i = 0; i < samples.length; i++) {
      const sample = samples[i] as number;
      const next = sample - beforeLast + coefficient * last;
      const otherNext = sample - otherBeforeLast + otherCoefficient * otherLast;
      beforeLast = last;
      last = next;
      otherBeforeLast = otherLast;
      otherLast = otherNext;
    }
    tones[2 * tone] = last - beforeLast * Math.cos(angle);
    tones[2 * tone + 1] = beforeLast * Math.sin(angle);
    tones[2 * tone + 2] = otherLast - otherBeforeLast * Math.cos(otherAngle);
    tones[2 * tone + 3] = otherBeforeLast * Math.sin(otherAngle);
  }
}

function power(tones: Float64Array, tone: number): number {
  const re = tones[2 * tone] as number;
  const im = tones[2 * tone + 1] as number;
  return re * re + im * im;
}

/** The strongest of the four tones from `first` on. */
function strongest(tones: Float64Array, first: number): number {
  let best = first;
  for (let tone = first + 1; tone < first + 4; tone++) if (power(tones, tone) > power(tones, best)) best = tone;
  return best;
}

function standsOut(tones: Float64Array, first: number, best: number): boolean {
  for (let tone = first; tone < first + 4; tone++) {
    if (tone !== best && power(tones, tone) * minOverOthers > power(tones, best)) return false;
  }
  return true;
}
