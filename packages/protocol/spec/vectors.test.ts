import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { callEventSchemas } from '../src/call-event-schema.ts';
import { encode } from '../src/codec.ts';
import { decodeFrame, encodeFrame } from '../src/frame-codec.ts';
import type { FrameHeader } from '../src/frame-header.ts';
import { ProtocolError } from '../src/protocol-error.ts';
import { subprotocols } from '../src/subprotocols.ts';
import { type Side, type SocketName, wireSockets } from './wire-sockets.ts';

interface Vector {
  readonly name: string;
  readonly from: Side;
  readonly text: string;
  readonly result: {
    readonly message?: { readonly type: string; readonly event?: { readonly type: string } };
    readonly unknown?: string;
    readonly seq?: number;
    readonly refused?: { readonly id: number; readonly code: string };
    readonly close?: string;
  };
}

interface FrameVector {
  readonly name: string;
  readonly hex: string;
  readonly header: FrameHeader;
  readonly samples: readonly number[];
  readonly close?: string;
}

const sockets = ['control', 'media', 'phone', 'monitor'] as const satisfies readonly SocketName[];

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'));
}

/** What the decoder makes of a text, in the words of the vectors; the text of a refusal is left open. */
function outcome(decode: (text: string) => object, text: string): unknown {
  try {
    const decoded: { type?: string; message?: string } = decode(text);
    return decoded.type === 'refused' ? { ...decoded, message: '' } : decoded;
  } catch (error) {
    if (error instanceof ProtocolError) return { close: error.closeCode };
    throw error;
  }
}

function expected({ message, refused, unknown, seq, close }: Vector['result']): unknown {
  if (message !== undefined) return message;
  if (refused !== undefined) return { type: 'refused', ...refused, message: '' };
  if (close !== undefined) return { close };
  return seq === undefined ? { type: 'unknown', name: unknown } : { type: 'unknown', name: unknown, seq };
}

describe.each(sockets)('golden vectors of the %s socket', (socket) => {
  const sides = wireSockets[socket];
  const { subprotocol, texts } = readJson(`vectors/${socket}.json`) as {
    readonly subprotocol: string;
    readonly texts: readonly Vector[];
  };
  const ajv = new Ajv2020({ strict: true });
  ajv.addSchema(readJson(`schema/${socket}.json`) as object, socket);

  it('name the subprotocol', () => {
    expect(subprotocol).toBe(subprotocols[socket]);
  });

  it('cover every message type of both sides', () => {
    for (const side of ['client', 'switch'] as const) {
      const covered = new Set(texts.filter(({ from }) => from === side).map(({ result }) => result.message?.type));
      expect([...covered]).toEqual(expect.arrayContaining(Object.keys(sides[side].schemas)));
    }
  });

  it.each(texts.map((vector) => [`${vector.from}: ${vector.name}`, vector] as const))('%s', (_, vector) => {
    expect(outcome(sides[vector.from].decode, vector.text)).toStrictEqual(expected(vector.result));
  });

  const valid = texts.filter(({ result }) => result.message !== undefined);
  it.each(valid.map((vector) => [`${vector.from}: ${vector.name}`, vector] as const))(
    '%s: encodes to what decodes the same, and satisfies the JSON Schema',
    (_, { from, text, result }) => {
      expect(sides[from].decode(encode(sides[from].decode(text) as never))).toStrictEqual(result.message);
      const validate = ajv.getSchema(`${socket}#/$defs/${from}.${result.message?.type}`);
      expect(validate?.(JSON.parse(text))).toBe(true);
    },
  );
});

it('golden vectors cover every event of a call', () => {
  const { texts } = readJson('vectors/media.json') as { readonly texts: readonly Vector[] };
  const covered = new Set(texts.map(({ result }) => result.message?.event?.type));
  expect([...covered]).toEqual(expect.arrayContaining(Object.keys(callEventSchemas)));
});

describe('golden vectors of binary messages', () => {
  const { frames, refused } = readJson('vectors/frames.json') as {
    readonly frames: readonly FrameVector[];
    readonly refused: readonly FrameVector[];
  };

  it.each(frames)('$name', ({ hex, header, samples }) => {
    const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
    const frame = decodeFrame(bytes);
    expect(frame.header).toEqual(header);
    expect([...frame.samples]).toEqual(samples);
    expect(encodeFrame(header, Int16Array.from(samples))).toEqual(bytes);
  });

  it.each(refused)('$name is refused', ({ hex, close }) => {
    expect(outcome((text) => decodeFrame(new Uint8Array(Buffer.from(text, 'hex'))), hex)).toEqual({ close });
  });
});
