import {
  createDtmfDetector,
  createJitterBuffer,
  createResampler,
  decodeAlaw,
  decodeUlaw,
  dtmf,
  encodeAlaw,
  encodeUlaw,
} from '@agentao/audio';
import type { FuzzRandom } from './fuzz-random.ts';
import { type FuzzStep, type FuzzTarget, textOf } from './fuzz-target.ts';

interface SignalStep extends FuzzStep {
  readonly does: 'g711' | 'resample' | 'jitter' | 'dtmf';
  readonly rates?: readonly [number, number];
  /** Lengths of the pieces in which the samples come. */
  readonly pieces?: readonly number[];
  /** Position of each piece at the jitter buffer. */
  readonly positions?: readonly number[];
  readonly digits?: string;
  readonly noise: number;
}

const oddRates = [
  8_000, 16_000, 24_000, 44_100, 48_000, 11_025, 22_050, 1_000, 999, 384_000, 384_001, 7_999, 8_000.5, 0, -1,
];
const oddPositions = [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32 - 480, 479, 480, 481, 24_000];

/** What touches samples: odd rates and lengths, hostile positions, noise and full scale. */
export function createSignalTarget(): FuzzTarget {
  return {
    name: 'signals',
    share: 1,
    cpuMs: 2_000,
    generate: (random) => [generateStep(random)],
    run: (steps) => {
      let accepted = 0;
      let rejected = 0;
      const findings: string[] = [];
      for (const step of steps) {
        const given = step as SignalStep;
        try {
          findings.push(...runs[given.does](given).map((finding) => `${given.does}: ${finding}`));
          accepted++;
        } catch (error) {
          rejected++;
          if (!(error instanceof RangeError) || given.does === 'jitter')
            findings.push(`${given.does}: threw ${textOf(error)}`);
        }
      }
      return { accepted, rejected, findings };
    },
  };
}

function generateStep(random: FuzzRandom): SignalStep {
  const pieces = Array.from({ length: 1 + random.int(8) }, () =>
    random.pick([0, 1, 2, 159, 160, 480, 481, random.int(3_000)]),
  );
  const noise = random.int(2 ** 31);
  const does = random.pick(['g711', 'resample', 'jitter', 'jitter', 'dtmf'] as const);
  if (does === 'resample') return { does, noise, pieces, rates: [random.pick(oddRates), random.pick(oddRates)] };
  if (does === 'dtmf') {
    const digits = random.pick(['1', '123A', '#*0', '', 'x', '5'.repeat(20)]);
    return { does, noise, pieces, digits, rates: [random.pick([8_000, 16_000, 24_000, 44_100, 7_999]), 0] };
  }
  if (does === 'g711') return { does, noise, pieces };
  const many = Array.from({ length: 4 + random.int(40) }, () =>
    random.pick([480, 480, 480, 480, 0, 1, 7, 481, random.int(12_000)]),
  );
  let position = random.pick(oddPositions);
  const positions = many.map((length) => {
    const here = random.once(8)
      ? random.pick([...oddPositions, position + random.int(30_000), position >> 1])
      : position;
    position = (here + length) % 2 ** 32;
    return here;
  });
  return { does, noise, pieces: many, positions, rates: [random.pick([8_000, 16_000, 24_000]), 0] };
}

/** Noise, silence and full scale, the same for the same number. */
function signal(length: number, noise: number): Int16Array {
  const kind = noise % 4;
  if (kind === 0) return new Int16Array(length);
  if (kind === 1) return new Int16Array(length).map((_, at) => (at & 16 ? 32_767 : -32_768));
  let state = noise;
  return new Int16Array(length).map(() => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    return state >> 16;
  });
}

const runs: Readonly<Record<SignalStep['does'], (step: SignalStep) => string[]>> = {
  g711: ({ pieces = [], noise }) => {
    const findings: string[] = [];
    for (const length of pieces) {
      const bytes = new Uint8Array(signal(length, noise).buffer);
      for (const [law, decode, encode] of [
        ['A-law', decodeAlaw, encodeAlaw],
        ['mu-law', decodeUlaw, encodeUlaw],
      ] as const) {
        const samples = decode(bytes);
        if (samples.length !== bytes.length) findings.push(`${law} gives ${samples.length} samples of ${bytes.length}`);
        // Both codes of nought in mu-law mean the same.
        if (decode(encode(samples)).some((value, at) => value !== samples[at]))
          findings.push(`${law} changes on its way`);
      }
    }
    return findings;
  },
  resample: ({ pieces = [], rates = [0, 0], noise }) => {
    const findings: string[] = [];
    const [inputRateHz, outputRateHz] = rates;
    const resampler = createResampler({ inputRateHz, outputRateHz });
    const total = pieces.reduce((sum, length) => sum + length, 0);
    const input = signal(total, noise);
    const once = createResampler({ inputRateHz, outputRateHz }).process(input).slice();
    let given = 0;
    let taken = 0;
    for (const length of pieces) {
      const output = resampler.process(input.subarray(taken, taken + length));
      if (output.some((value, at) => value !== once[given + at]))
        findings.push('pieces sound otherwise than the whole');
      given += output.length;
      taken += length;
    }
    const wanted = Math.ceil((total * outputRateHz) / inputRateHz);
    if (given !== wanted || once.length !== wanted) findings.push(`${given} samples instead of ${wanted}`);
    const rest = resampler.flush().length;
    if (Math.abs(rest - resampler.delaySamples) >= 1) findings.push(`${rest} samples at the end`);
    return findings;
  },
  jitter: ({ pieces = [], positions = [], rates = [24_000, 0], noise }) => {
    const findings: string[] = [];
    const [sampleRateHz] = rates;
    const buffer = createJitterBuffer({ sampleRateHz });
    const tick = new Int16Array(sampleRateHz / 50);
    for (const [index, length] of pieces.entries()) {
      buffer.push(signal(length, noise + index), positions[index] ?? 0);
      if ((noise >> (index % 24)) & 1) buffer.pull(tick);
      const { queuedMs } = buffer;
      if (!(queuedMs >= 0 && queuedMs <= 520)) findings.push(`it holds ${queuedMs} ms`);
    }
    for (let after = 0; after < 60; after++) buffer.pull(tick);
    if (tick.some((sample) => sample !== 0)) findings.push('it makes sound of nothing for ever');
    for (const [name, count] of Object.entries(buffer.stats)) {
      if (!Number.isSafeInteger(count) || count < 0) findings.push(`${name} is ${count}`);
    }
    // Whatever came before, a phone that goes on well is heard as it speaks.
    let position = 7_000_000;
    let value = 0;
    const heard: number[] = [];
    for (let after = 0; after < 200; after++) {
      buffer.push(
        tick.map(() => (value++ % 30_000) + 1),
        position,
      );
      position += tick.length;
      buffer.pull(tick);
      heard.push(...tick.subarray(0, 2));
    }
    const [last = 0, next = 0] = heard.slice(-2);
    if (last === 0 || (next - last !== 1 && last !== 30_000)) findings.push('it is not well any more afterwards');
    return findings;
  },
  dtmf: ({ digits = '', rates = [8_000, 0], pieces = [], noise }) => {
    const [sampleRateHz] = rates;
    const found: string[] = [];
    const detector = createDtmfDetector({ sampleRateHz, onDigit: (digit) => found.push(digit) });
    for (const length of pieces) detector.push(signal(length, noise));
    detector.flush();
    found.length = 0;
    const tones = dtmf(digits, { sampleRateHz });
    let at = 0;
    for (const length of [...pieces, tones.length]) {
      detector.push(tones.subarray(at, at + length));
      at += length;
    }
    detector.flush();
    return found.join('') === digits ? [] : [`heard ${found.join('')} for ${digits}`];
  },
};
