import { requireRate, type ResamplerBank, resamplerBank } from './resampler-bank.ts';

/**
 * Changes the sample rate of one stream. After n input samples exactly `ceil(n * outputRateHz / inputRateHz)` output samples
 * have been given, so 20 ms in give 20 ms out from the first frame on; the filter starts in silence. How the input
 * is cut into chunks changes no output sample.
 */
export interface Resampler {
  readonly inputRateHz: number;
  readonly outputRateHz: number;
  /** How much later a sample comes out than it went in, in samples at the output rate; 24 samples of the lower rate, 0 for equal rates. */
  readonly delaySamples: number;
  /** How many samples the next `process` of `inputSamples` samples gives. */
  outputLength(inputSamples: number): number;
  /** Takes the next samples; returns the output as a view of memory that the resampler overwrites at its next call. */
  process(input: Int16Array): Int16Array;
  /** As `process`, into the start of `output`, which shares no memory with `input`; returns how many. Throws `RangeError`, with nothing taken, if they do not fit. */
  processInto(input: Int16Array, output: Int16Array): number;
  /** Ends the stream: returns what is still inside, `delaySamples` to within one, as a view like that of `process`, and starts anew. */
  flush(): Int16Array;
  /** Forgets the stream and starts anew in silence. */
  reset(): void;
}

/** The pair of rates of a resampler, in Hz. */
export interface ResamplerOptions {
  readonly inputRateHz: number;
  readonly outputRateHz: number;
}

/**
 * Makes a resampler: polyphase FIR, flat (0.06 dB) to 0.82 of the lower Nyquist frequency, -85 dB from 1.03 of it on. Equal rates copy.
 * Rates of telephones, browsers and sound files are supported; throws `RangeError` for others without a small common ratio.
 */
export function createResampler(options: ResamplerOptions): Resampler {
  const { inputRateHz, outputRateHz } = options;
  requireRate('inputRateHz', inputRateHz);
  requireRate('outputRateHz', outputRateHz);
  if (inputRateHz === outputRateHz) return new Copy(inputRateHz);
  return new Polyphase(inputRateHz, outputRateHz, resamplerBank(inputRateHz, outputRateHz));
}

const nothing = new Int16Array(0);

/** Output memory that grows to the largest chunk seen and hands out the same view for as long as the length stays the same. */
class OutputMemory {
  #memory: Int16Array = nothing;
  #view: Int16Array = nothing;

  view(length: number): Int16Array {
    if (this.#view.length === length) return this.#view;
    if (this.#memory.length < length) this.#memory = new Int16Array(length);
    this.#view = this.#memory.subarray(0, length);
    return this.#view;
  }
}

function requireRoom(output: Int16Array, count: number): void {
  if (output.length < count) throw new RangeError(`output holds ${output.length} samples, ${count} are needed`);
}

class Copy implements Resampler {
  readonly inputRateHz: number;
  readonly outputRateHz: number;
  readonly delaySamples = 0;
  readonly #output = new OutputMemory();

  constructor(rateHz: number) {
    this.inputRateHz = rateHz;
    this.outputRateHz = rateHz;
  }

  outputLength(inputSamples: number): number {
    return inputSamples;
  }

  process(input: Int16Array): Int16Array {
    const output = this.#output.view(input.length);
    output.set(input);
    return output;
  }

  processInto(input: Int16Array, output: Int16Array): number {
    requireRoom(output, input.length);
    output.set(input);
    return input.length;
  }

  flush(): Int16Array {
    return nothing;
  }

  reset(): void {
    // A copy has no past.
  }
}

// Input is filtered in blocks of at most this many samples, so state stays small whatever the chunk.
const blockSamples = 960;

class Polyphase implements Resampler {
  readonly inputRateHz: number;
  readonly outputRateHz: number;
  readonly delaySamples: number;
  readonly #bank: ResamplerBank;
  readonly #output = new OutputMemory();
  /** The last `taps - 1` samples, the block at work, and spare memory for surplus sums. */
  readonly #line: Float64Array;
  readonly #sums = new Float64Array(4);
  /** Where the next output lies, in units of 1 / up input samples after the first sample not yet taken. */
  #offset = 0;

  constructor(inputRateHz: number, outputRateHz: number, bank: ResamplerBank) {
    this.inputRateHz = inputRateHz;
    this.outputRateHz = outputRateHz;
    this.#bank = bank;
    this.delaySamples = (bank.taps / 2) * (bank.up / bank.down);
    this.#line = new Float64Array(bank.taps - 1 + blockSamples + 4 * bank.down);
  }

  outputLength(inputSamples: number): number {
    return Math.max(0, Math.ceil((inputSamples * this.#bank.up - this.#offset) / this.#bank.down));
  }

  process(input: Int16Array): Int16Array {
    const output = this.#output.view(this.outputLength(input.length));
    this.processInto(input, output);
    return output;
  }

  processInto(input: Int16Array, output: Int16Array): number {
    requireRoom(output, this.outputLength(input.length));
    let given = 0;
    for (let taken = 0; taken < input.length; taken += blockSamples) {
      given = this.#filterBlock(input, taken, output, given);
    }
    return given;
  }

  /** Filters the block of `input` that starts at `from`; writes at `given` and returns where the next block writes. */
  #filterBlock(input: Int16Array, from: number, output: Int16Array, given: number): number {
    const { up, down, taps } = this.#bank;
    const line = this.#line;
    const sums = this.#sums;
    const past = taps - 1;
    const count = Math.min(blockSamples, input.length - from);
    for (let i = 0; i < count; i++) line[past + i] = input[from + i] as number;

    const outputs = this.outputLength(count);
    // Outputs `up` apart share a phase, so they are made four at a time: each coefficient is fetched once for four sums.
    for (let group = 0; group < up && group < outputs; group++) {
      const position = this.#offset + group * down;
      const row = (position % up) * taps;
      let start = Math.floor(position / up);
      for (let index = group; index < outputs; start += 4 * down) {
        this.#sumFour(row, start);
        for (let i = 0; i < 4 && index < outputs; i++, index += up) output[given + index] = round(sums[i] as number);
      }
    }
    this.#offset += outputs * down - count * up;
    line.copyWithin(0, count, count + past);
    return given + outputs;
  }

  /** Leaves in `#sums` the outputs of one row at input samples `start`, `start + down` and so on; surplus ones read spare memory. */
  #sumFour(row: number, start: number): void {
    const { down, taps, coefficients } = this.#bank;
    const line = this.#line;
    const first = start - row;
    const second = first + down;
    const third = second + down;
    const fourth = third + down;
    const rowEnd = row + taps;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let tap = row; tap < rowEnd; tap++) {
      const coefficient = coefficients[tap] as number;
      a += (line[first + tap] as number) * coefficient;
      b += (line[second + tap] as number) * coefficient;
      c += (line[third + tap] as number) * coefficient;
      d += (line[fourth + tap] as number) * coefficient;
    }
    const sums = this.#sums;
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
    sums[3] = d;
  }

  flush(): Int16Array {
    const output = this.process(new Int16Array(this.#bank.taps / 2));
    this.reset();
    return output;
  }

  reset(): void {
    this.#line.fill(0);
    this.#offset = 0;
  }
}

function round(value: number): number {
  const whole = Math.round(value);
  return whole > 32767 ? 32767 : whole < -32768 ? -32768 : whole;
}
