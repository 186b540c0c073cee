// Both laws follow the reference rule of ITU-T G.191 (STL): negative samples are taken in one's complement, so that
// -1 shares the first step with 0. The rule is evaluated once per code or step into tables.

function buildUlawDecoder(): Int16Array {
  const table = new Int16Array(256);
  for (let code = 0; code < 256; code++) {
    const inverted = ~code;
    const exponent = (inverted >> 4) & 7;
    const mantissa = inverted & 15;
    const magnitude = ((2 * mantissa + 33) << (exponent + 2)) - 132;
    table[code] = code < 128 ? -magnitude : magnitude;
  }
  return table;
}

function buildAlawDecoder(): Int16Array {
  const table = new Int16Array(256);
  for (let code = 0; code < 256; code++) {
    const plain = code ^ 0x55;
    const exponent = (plain >> 4) & 7;
    const mantissa = plain & 15;
    const magnitude = exponent === 0 ? (2 * mantissa + 1) << 3 : (2 * mantissa + 33) << (exponent + 2);
    table[code] = code < 128 ? -magnitude : magnitude;
  }
  return table;
}

/** Codes of the 14-bit values -8192...8191: mu-law drops the two lowest bits of a sample. */
function buildUlawEncoder(): Uint8Array {
  const table = new Uint8Array(16384);
  for (let value = -8192; value < 8192; value++) {
    const magnitude = Math.min((value < 0 ? ~value : value) + 33, 0x1fff);
    const exponent = 26 - Math.clz32(magnitude);
    const mantissa = (magnitude >> (exponent + 1)) & 15;
    const sign = value < 0 ? 0x80 : 0;
    table[value + 8192] = ~(sign | (exponent << 4) | mantissa);
  }
  return table;
}

/** Codes of the 12-bit values -2048...2047: A-law drops the four lowest bits of a sample. */
function buildAlawEncoder(): Uint8Array {
  const table = new Uint8Array(4096);
  for (let value = -2048; value < 2048; value++) {
    const magnitude = value < 0 ? ~value : value;
    const exponent = magnitude < 16 ? 0 : 28 - Math.clz32(magnitude);
    const mantissa = (magnitude >> Math.max(exponent - 1, 0)) & 15;
    const sign = value < 0 ? 0 : 0x80;
    table[value + 2048] = (sign | (exponent << 4) | mantissa) ^ 0x55;
  }
  return table;
}

const ulawDecoder = /* @__PURE__ */ buildUlawDecoder();
const alawDecoder = /* @__PURE__ */ buildAlawDecoder();
const ulawEncoder = /* @__PURE__ */ buildUlawEncoder();
const alawEncoder = /* @__PURE__ */ buildAlawEncoder();

function requireRoom(output: { readonly length: number }, count: number): void {
  if (output.length < count) throw new RangeError(`out holds ${output.length} values, ${count} are needed`);
}

/** One mu-law byte per sample (ITU-T G.711, rule of G.191). Writes into `out` and returns it, or into a new array; throws `RangeError` if `out` is too short. */
export function encodeUlaw(samples: Int16Array, out: Uint8Array = new Uint8Array(samples.length)): Uint8Array {
  requireRoom(out, samples.length);
  for (let i = 0; i < samples.length; i++) {
    out[i] = ulawEncoder[((samples[i] as number) >> 2) + 8192] as number;
  }
  return out;
}

/** One sample per mu-law byte (ITU-T G.711). Writes into `out` and returns it, or into a new array; throws `RangeError` if `out` is too short. */
export function decodeUlaw(bytes: Uint8Array, out: Int16Array = new Int16Array(bytes.length)): Int16Array {
  requireRoom(out, bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = ulawDecoder[bytes[i] as number] as number;
  return out;
}

/** One A-law byte per sample (ITU-T G.711, rule of G.191). Writes into `out` and returns it, or into a new array; throws `RangeError` if `out` is too short. */
export function encodeAlaw(samples: Int16Array, out: Uint8Array = new Uint8Array(samples.length)): Uint8Array {
  requireRoom(out, samples.length);
  for (let i = 0; i < samples.length; i++) {
    out[i] = alawEncoder[((samples[i] as number) >> 4) + 2048] as number;
  }
  return out;
}

/** One sample per A-law byte (ITU-T G.711). Writes into `out` and returns it, or into a new array; throws `RangeError` if `out` is too short. */
export function decodeAlaw(bytes: Uint8Array, out: Int16Array = new Int16Array(bytes.length)): Int16Array {
  requireRoom(out, bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = alawDecoder[bytes[i] as number] as number;
  return out;
}
