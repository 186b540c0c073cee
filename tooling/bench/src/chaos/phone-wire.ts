import type { CallEnd } from '@agentao/calls';

/** What a phone may be told, so far as it matters here (PROTOCOL.md, section 8). Written from that text: a phone that shares no code with the switch. */
export type PhoneMessage =
  | { readonly type: 'registered' | 'answered' | 'pong' }
  | { readonly type: 'dialing' | 'incoming'; readonly callId: string }
  | ({ readonly type: 'ended' } & CallEnd)
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'error'; readonly code: string; readonly message: string };

/** What the protocol fixes. */
export const phoneWire = {
  path: '/phone',
  subprotocol: 'agentao.phone.v1',
  maxMessageBytes: 131_072,
  pingMs: 500,
  deadMs: 2_000,
} as const;

const headerBytes = 8;

/** One frame of a phone: track 0, generation 0, no flags. */
export function encodePhoneFrame(samples: Int16Array, position: number): Uint8Array {
  const frame = new Uint8Array(headerBytes + samples.byteLength);
  new DataView(frame.buffer).setUint32(4, position, true);
  frame.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), headerBytes);
  return frame;
}

/** A frame to a phone; the samples are a copy. */
export function decodePhoneFrame(bytes: Uint8Array): { readonly samples: Int16Array; readonly position: number } {
  const position = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  return { samples: new Int16Array(bytes.slice(headerBytes).buffer), position };
}
