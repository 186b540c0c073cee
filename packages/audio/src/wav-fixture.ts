/** The bytes of a RIFF chunk, padded to even length. */
export function chunk(name: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + body.length + (body.length % 2));
  for (let i = 0; i < 4; i++) bytes[i] = name.charCodeAt(i);
  new DataView(bytes.buffer).setUint32(4, body.length, true);
  bytes.set(body, 8);
  return bytes;
}

/** The bytes of a WAV file made of `chunks`. */
export function riff(chunks: readonly Uint8Array[]): Uint8Array {
  const form = Uint8Array.of(0x57, 0x41, 0x56, 0x45);
  const file = chunk('RIFF', Uint8Array.from([form, ...chunks].flatMap((part) => [...part])));
  return file;
}

/** The body of a data chunk of 16-bit PCM. */
export function pcm16Body(samples: Int16Array): Uint8Array {
  return Uint8Array.from([...samples].flatMap((sample) => [sample & 0xff, (sample >> 8) & 0xff]));
}

/** What a `fmt ` chunk is made from; 16-bit PCM, mono, 8000 Hz unless told otherwise. */
export interface FormatFields {
  readonly tag?: number;
  readonly bits?: number;
  readonly channels?: number;
  readonly sampleRateHz?: number;
  readonly frameBytes?: number;
  /** Wraps the tag in WAVE_FORMAT_EXTENSIBLE. */
  readonly extensible?: boolean;
  /** Overwrites the last byte of the extensible GUID. */
  readonly subFormatTail?: number;
  /** Bytes after the 16 that every format chunk has. */
  readonly extra?: number;
}

/** The body of a `fmt ` chunk. */
export function formatBody(fields: FormatFields): Uint8Array {
  const { tag = 1, bits = 16, channels = 1, sampleRateHz = 8000, extensible = false } = fields;
  const { frameBytes = channels * Math.ceil(bits / 8), extra = extensible ? 24 : 0 } = fields;
  const bytes = new Uint8Array(16 + extra);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, extensible ? 0xfffe : tag, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, sampleRateHz, true);
  view.setUint32(8, sampleRateHz * frameBytes, true);
  view.setUint16(12, frameBytes, true);
  view.setUint16(14, bits, true);
  if (extensible) {
    view.setUint16(16, 22, true);
    view.setUint16(18, bits, true);
    bytes.set([tag, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, fields.subFormatTail ?? 0x71], 24);
  }
  return bytes;
}
