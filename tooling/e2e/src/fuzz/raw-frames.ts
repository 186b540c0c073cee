/** A WebSocket frame as somebody may send it (RFC 6455, section 5.2), right or not. */
export interface RawFrame {
  readonly fin: boolean;
  /** The three reserved bits; 4 is the one of compression. */
  readonly reserved: number;
  readonly opcode: number;
  readonly masked: boolean;
  /** The length that the header claims, if not that of the payload. */
  readonly claims?: number | undefined;
  /** How many bytes the length takes: 0 as few as it needs. */
  readonly lengthBytes: 0 | 2 | 8;
  readonly payload: Uint8Array;
}

/** Its bytes. */
export function encodeRawFrame(frame: RawFrame): Uint8Array {
  const { fin, reserved, opcode, masked, lengthBytes, payload } = frame;
  const length = frame.claims ?? payload.length;
  const form = lengthBytes === 8 || length > 65_535 ? 8 : lengthBytes === 2 || length > 125 ? 2 : 0;
  const head = Buffer.alloc(2 + form);
  head[0] = (fin ? 0x80 : 0) | ((reserved & 7) << 4) | (opcode & 15);
  head[1] = (masked ? 0x80 : 0) | (form === 8 ? 127 : form === 2 ? 126 : length);
  if (form === 2) head.writeUInt16BE(length & 0xffff, 2);
  if (form === 8) head.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) return Buffer.concat([head, payload]);
  const mask = [0x37, 0xfa, 0x21, 0x3d];
  const hidden = payload.map((byte, at) => byte ^ (mask[at % 4] as number));
  return Buffer.concat([head, new Uint8Array(mask), hidden]);
}

/** The whole frames at the start of what a server sent. Throws for what no server may send. */
export function readServerFrames(bytes: Uint8Array): { readonly opcode: number; readonly payload: Uint8Array }[] {
  const view = Buffer.from(bytes);
  const frames: { opcode: number; payload: Uint8Array }[] = [];
  let at = 0;
  while (at + 2 <= view.length) {
    const first = view[at] as number;
    const second = view[at + 1] as number;
    if ((second & 0x80) !== 0) throw new Error('the server masks a frame');
    if ((first & 0x70) !== 0) throw new Error('the server sets a reserved bit');
    const form = second === 127 ? 8 : second === 126 ? 2 : 0;
    if (at + 2 + form > view.length) break;
    const length = form === 8 ? Number(view.readBigUInt64BE(at + 2)) : form === 2 ? view.readUInt16BE(at + 2) : second;
    const start = at + 2 + form;
    if (start + length > view.length) break;
    frames.push({ opcode: first & 15, payload: view.subarray(start, start + length) });
    at = start + length;
  }
  return frames;
}
