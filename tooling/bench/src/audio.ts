import {
  createMixer,
  createResampler,
  createSampleRing,
  decodeUlaw,
  encodeAlaw,
  encodeUlaw,
  toBytes,
} from '@agentao/audio';
import { type BenchRow, printBench } from './bench-report.ts';

// What the sample paths cost, each next to the obvious way of doing the same in this very run: only the ratios are judged,
// because absolute figures follow the machine and what else runs on it.

const frameSamples = 480;

/** Microseconds of one call: the fastest of several rounds, so that what else runs on the machine disturbs least. */
function microseconds(work: () => void): number {
  const callsPerRound = 400;
  for (let i = 0; i < 10 * callsPerRound; i++) work();
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 30; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < callsPerRound; i++) work();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / callsPerRound / 1000);
  }
  return best;
}

function signal(length: number, seed: number): Int16Array {
  return Int16Array.from({ length }, (_, i) => Math.round(20_000 * Math.sin(0.05 * seed * i + seed)));
}

function resamplerRows(): BenchRow[] {
  const pairs: (readonly [number, number])[] = [
    [8000, 16000],
    [8000, 24000],
    [16000, 8000],
    [16000, 24000],
    [24000, 8000],
    [24000, 16000],
    [48000, 24000],
    [44100, 24000],
  ];
  const rows: BenchRow[] = pairs.map(([inputRateHz, outputRateHz]) => {
    const resampler = createResampler({ inputRateHz, outputRateHz });
    const input = signal(inputRateHz / 50, 3);
    const output = new Int16Array(outputRateHz / 50);
    const value = microseconds(() => resampler.processInto(input, output));
    return { name: `resample ${inputRateHz} to ${outputRateHz}`, value, unit: 'us per 20 ms' };
  });
  const naive = microseconds(naiveDecimation());
  const own = rows.find((row) => row.name === 'resample 24000 to 8000')?.value as number;
  rows.push({ name: 'resample 24000 to 8000, Buffer and plain sum', value: naive, unit: 'us per 20 ms' });
  rows.push(atLeast('resample: times faster', naive / own, 1.5));
  return rows;
}

/** The same 144 taps for every third sample, read from a Buffer one by one. */
function naiveDecimation(): () => void {
  const taps = Array.from({ length: 144 }, (_, i) => Math.sin(i + 1) / (i + 1));
  const input = Buffer.from(toBytes(signal(frameSamples + taps.length, 3)));
  const output = Buffer.alloc((frameSamples / 3) * 2);
  return () => {
    for (let at = 0; at < frameSamples / 3; at++) {
      let sum = 0;
      for (let tap = 0; tap < taps.length; tap++) sum += (taps[tap] as number) * input.readInt16LE(2 * (3 * at + tap));
      output.writeInt16LE(Math.max(-32768, Math.min(Math.round(sum), 32767)), 2 * at);
    }
  };
}

function mixerRows(): BenchRow[] {
  const mixer = createMixer();
  const parties = [1, 2, 3].map((seed) => signal(frameSamples, seed));
  const outs = parties.map(() => new Int16Array(frameSamples));
  const pairs = parties.map((_, i) => parties.filter((_, k) => k !== i));
  const own = microseconds(() => mixer.mixMinus(outs, parties));
  const perHearer = microseconds(() => {
    for (const [i, out] of outs.entries()) mixer.mixInto(out, pairs[i] as Int16Array[]);
  });

  const partyBuffers = parties.map((samples) => Buffer.from(toBytes(samples)));
  const outBuffers = parties.map(() => Buffer.alloc(2 * frameSamples));
  const naive = microseconds(() => {
    for (const [i, out] of outBuffers.entries()) {
      for (let at = 0; at < out.length; at += 2) {
        let sum = 0;
        for (const [k, party] of partyBuffers.entries()) if (k !== i) sum += party.readInt16LE(at);
        out.writeInt16LE(Math.max(-32768, Math.min(sum, 32767)), at);
      }
    }
  });
  return [
    { name: 'mix-minus of three', value: own, unit: 'us per tick' },
    { name: 'mix of two for each of three', value: perHearer, unit: 'us per tick' },
    { name: 'mix-minus of three, readInt16LE', value: naive, unit: 'us per tick' },
    atLeast('mix-minus: times faster', naive / own, 5),
  ];
}

function g711Rows(): BenchRow[] {
  const samples = signal(frameSamples, 2);
  const codes = new Uint8Array(frameSamples);
  const decoded = new Int16Array(frameSamples);
  const nanosecondsPerSample = (work: () => void) => (1000 * microseconds(work)) / frameSamples;
  const encode = nanosecondsPerSample(() => encodeUlaw(samples, codes));
  const alaw = nanosecondsPerSample(() => encodeAlaw(samples, codes));
  const decode = nanosecondsPerSample(() => decodeUlaw(codes, decoded));
  const naive = nanosecondsPerSample(() => {
    for (let i = 0; i < frameSamples; i++) codes[i] = searchedUlaw(samples[i] as number);
  });
  return [
    { name: 'encode mu-law', value: encode, unit: 'ns per sample' },
    { name: 'encode A-law', value: alaw, unit: 'ns per sample' },
    { name: 'decode mu-law', value: decode, unit: 'ns per sample' },
    { name: 'encode mu-law, segment search', value: naive, unit: 'ns per sample' },
    atLeast('mu-law: times faster', naive / encode, 2),
  ];
}

function searchedUlaw(sample: number): number {
  let magnitude = Math.min(((sample < 0 ? ~sample : sample) >> 2) + 33, 0x1fff);
  let segment = 0;
  while (magnitude > 63) {
    magnitude >>= 1;
    segment++;
  }
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | ((magnitude >> 1) & 15)) & 0xff;
}

function ringRows(): BenchRow[] {
  const ring = createSampleRing(10_007);
  const frame = signal(frameSamples, 1);
  const out = new Int16Array(frameSamples);
  ring.write(signal(5000, 1));
  const own = microseconds(() => {
    ring.write(frame);
    ring.read(out);
  });
  let queued = Buffer.from(toBytes(signal(5000, 1)));
  const frameBuffer = Buffer.from(toBytes(frame));
  const naive = microseconds(() => {
    queued = Buffer.concat([queued, frameBuffer]);
    queued = queued.subarray(frameBuffer.length);
  });
  return [
    { name: 'ring, write and read a frame', value: own, unit: 'us' },
    { name: 'Buffer.concat and subarray', value: naive, unit: 'us' },
    atLeast('ring: times faster', naive / own, 2),
  ];
}

function atLeast(name: string, value: number, minimum: number): BenchRow {
  return { name, value, unit: 'x', target: `at least ${minimum}`, ok: value >= minimum };
}

printBench('audio', [...resamplerRows(), ...mixerRows(), ...g711Rows(), ...ringRows()]);
