import {
  createWavReader,
  createWavWriter,
  decodeWav,
  encodeWav,
  readWav,
  type WavAudio,
  WavError,
} from '@agentao/audio';
import type { FuzzRandom } from './fuzz-random.ts';
import { fromHex, toHex } from './hex-bytes.ts';
import { type FuzzStep, type FuzzTarget, textOf } from './fuzz-target.ts';

interface WavStep extends FuzzStep {
  readonly hex: string;
  /** Where the file is cut while it arrives. */
  readonly cuts: readonly number[];
  readonly rateHz: number;
}

/** WAV files: whatever they claim, cut anywhere, they are read alike or refused with a WavError, and cost no more than they have bytes. */
export function createWavTarget(): FuzzTarget {
  return {
    name: 'wav',
    share: 1,
    cpuMs: 1_000,
    generate: (random) => {
      const bytes = mutateBytes(createFile(random), random);
      const cuts = Array.from({ length: random.int(5) }, () => random.int(bytes.length + 1));
      return [
        { hex: toHex(bytes), cuts: cuts.toSorted((a, b) => a - b), rateHz: random.pick([8_000, 16_000, 24_000]) },
      ];
    },
    run: (steps) => {
      let accepted = 0;
      let rejected = 0;
      const findings: string[] = [];
      for (const step of steps) {
        const { hex, cuts, rateHz } = step as WavStep;
        const bytes = fromHex(hex);
        const whole = attempt(() => decodeWav(bytes));
        const pieces = attempt(() => readInPieces(bytes, cuts));
        const mono = attempt(() => readWav(bytes, { sampleRateHz: rateHz }));
        if (typeof whole === 'string') rejected++;
        else accepted++;
        for (const result of [whole, pieces, mono]) {
          if (typeof result === 'string' && result.startsWith('!')) findings.push(result.slice(1));
        }
        if (typeof whole === 'string' || typeof pieces === 'string') {
          if (whole !== pieces) findings.push('whole and in pieces it is not refused alike');
          continue;
        }
        const { samples, channels, sampleRateHz } = whole;
        if (pieces.samples.length !== samples.length || pieces.samples.some((value, at) => value !== samples[at])) {
          findings.push('whole and in pieces it does not sound alike');
        }
        if (samples.length > bytes.length) findings.push(`${bytes.length} bytes became ${samples.length} samples`);
        if (samples.length % channels !== 0) findings.push('an incomplete frame is given out');
        if (mono instanceof Int16Array) {
          const wanted = Math.ceil(((samples.length / channels) * rateHz) / sampleRateHz);
          if (mono.length !== wanted) findings.push(`${mono.length} samples at ${rateHz} Hz instead of ${wanted}`);
        }
        const known = sampleRateHz <= 384_000 && channels <= 255;
        const back = known ? decodeWav(encodeWav(samples, { sampleRateHz, channels })) : whole;
        if (back.samples.some((value, at) => value !== samples[at]))
          findings.push('what was read is written otherwise');
      }
      return { accepted, rejected, findings };
    },
  };
}

/** The result, the code of a WavError, or another error behind a `!`. */
function attempt<Result>(act: () => Result): Result | string {
  try {
    return act();
  } catch (error) {
    return error instanceof WavError ? error.code : `!threw ${textOf(error)}`;
  }
}

function readInPieces(bytes: Uint8Array, cuts: readonly number[]): WavAudio {
  const reader = createWavReader();
  const parts: Int16Array[] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    parts.push(reader.push(bytes.subarray(from, to)));
    from = to;
  }
  reader.end();
  const samples = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    samples.set(part, at);
    at += part.length;
  }
  return { samples, channels: reader.header?.channels ?? 0, sampleRateHz: reader.header?.sampleRateHz ?? 0 };
}

function createFile(random: FuzzRandom): Uint8Array<ArrayBuffer> {
  const [tag, bits] = random.pick([
    [1, 8],
    [1, 16],
    [1, 24],
    [1, 32],
    [3, 32],
    [6, 8],
    [7, 8],
    [0xfffe, 16],
    [2, 4],
  ] as const);
  const channels = random.pick([1, 1, 2, 3, 255]);
  const rateHz = random.pick([8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000, 44_101, 1_000, 999, 384_000, 7]);
  const data = random.bytes(random.int(600));
  const format = new DataView(new ArrayBuffer(tag === 0xfffe ? 40 : random.pick([16, 18])));
  format.setUint16(0, tag, true);
  format.setUint16(2, channels, true);
  format.setUint32(4, rateHz, true);
  format.setUint16(12, (channels * bits) / 8, true);
  format.setUint16(14, bits, true);
  if (tag === 0xfffe)
    new Uint8Array(format.buffer).set([1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71], 24);
  const size = random.pick([data.length, data.length, data.length, 0, 0xffff_ffff, data.length + 9, data.length - 1]);
  const chunks = [chunk('fmt ', new Uint8Array(format.buffer)), chunk('data', data, size >>> 0)];
  if (random.once(3))
    chunks.splice(random.int(3), 0, chunk(random.pick(['LIST', 'fact', 'fmt ']), random.bytes(random.int(30))));
  const header = createWavWriter({ sampleRateHz: 8_000 }).header().subarray(0, 12);
  return new Uint8Array(Buffer.concat([header, ...chunks]));
}

function chunk(name: string, body: Uint8Array, size = body.length): Uint8Array {
  const head = Buffer.alloc(8);
  head.write(name, 0, 'latin1');
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, body, new Uint8Array(body.length % 2)]);
}

/** Bytes flipped, cut, doubled or overwritten, as often as not none at all. */
export function mutateBytes(bytes: Uint8Array<ArrayBuffer>, random: FuzzRandom): Uint8Array<ArrayBuffer> {
  let changed = bytes;
  for (let changes = random.pick([0, 0, 1, 2, 5]); changes > 0; changes--) {
    const at = random.int(changed.length + 1);
    const how = random.int(4);
    if (how === 0) changed = changed.slice(0, at);
    else if (how === 1) changed = new Uint8Array(Buffer.concat([changed.subarray(0, at), changed.subarray(at >> 1)]));
    else if (at < changed.length) {
      changed = changed.slice();
      changed[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.int(256)]);
    }
  }
  return changed;
}
