/** The sample rates that cross a media socket or the switch's bus. */
export type SampleRateHz = 8000 | 16000 | 24000;

/** Every {@link SampleRateHz}, in ascending order. */
export const sampleRates: readonly SampleRateHz[] = [8000, 16000, 24000];

/** Whether `value` is one of {@link sampleRates}. */
export function isSampleRate(value: unknown): value is SampleRateHz {
  return value === 8000 || value === 16000 || value === 24000;
}

const platformIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function swapBytePairs(bytes: Uint8Array): void {
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const low = bytes[i] as number;
    bytes[i] = bytes[i + 1] as number;
    bytes[i + 1] = low;
  }
}

/**
 * Reads little-endian 16-bit PCM into samples that the caller owns; any `byteOffset` will do.
 * Throws `RangeError` on an odd number of bytes.
 */
export function toSamples(bytes: Uint8Array): Int16Array<ArrayBuffer> {
  if (bytes.length % 2 !== 0) {
    throw new RangeError(`16-bit PCM has an even number of bytes, got ${bytes.length}`);
  }
  const samples = new Int16Array(bytes.length / 2);
  const target = new Uint8Array(samples.buffer);
  target.set(bytes);
  if (!platformIsLittleEndian) swapBytePairs(target);
  return samples;
}

/**
 * The little-endian bytes of `samples`: a view of the same memory on a little-endian machine (every common one), else a copy.
 * Copy it before `samples` is written again if it outlives them.
 */
export function toBytes<B extends ArrayBufferLike>(samples: Int16Array<B>): Uint8Array<B | ArrayBuffer> {
  if (platformIsLittleEndian) return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  const bytes = new Uint8Array(new Int16Array(samples).buffer);
  swapBytePairs(bytes);
  return bytes;
}
