import { decodeAlaw, decodeUlaw } from './g711.ts';

/** The sample encodings that are read. */
export type WavEncoding = 'pcm8' | 'pcm16' | 'pcm24' | 'pcm32' | 'float32' | 'alaw' | 'ulaw';

/** Bytes of one sample of one channel. */
export const wavEncodingBytes: Readonly<Record<WavEncoding, number>> = {
  pcm8: 1,
  pcm16: 2,
  pcm24: 3,
  pcm32: 4,
  float32: 4,
  alaw: 1,
  ulaw: 1,
};

/** Decodes whole samples of `bytes` into `out`; wider encodings are rounded, floats beyond full scale saturate. */
export function decodeWavSamples(encoding: WavEncoding, bytes: Uint8Array, out: Int16Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (encoding) {
    case 'pcm8':
      for (let i = 0; i < out.length; i++) out[i] = ((bytes[i] as number) - 128) << 8;
      return;
    case 'pcm16':
      for (let i = 0; i < out.length; i++) out[i] = view.getInt16(2 * i, true);
      return;
    case 'pcm24':
      for (let i = 0; i < out.length; i++) {
        const value = ((view.getInt8(3 * i + 2) << 16) | view.getUint16(3 * i, true)) + 0x80;
        out[i] = Math.min(value >> 8, 32767);
      }
      return;
    case 'pcm32':
      for (let i = 0; i < out.length; i++) out[i] = Math.min(Math.round(view.getInt32(4 * i, true) / 65_536), 32767);
      return;
    case 'float32':
      for (let i = 0; i < out.length; i++) {
        // A NaN becomes silence: storing it as an integer gives 0.
        out[i] = Math.max(-32768, Math.min(Math.round(view.getFloat32(4 * i, true) * 32_768), 32767));
      }
      return;
    case 'alaw':
      decodeAlaw(bytes, out);
      return;
    case 'ulaw':
      decodeUlaw(bytes, out);
      return;
  }
}
