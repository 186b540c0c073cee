import type { CloseCodeName } from '../src/close-codes.ts';
import { closeCodes } from '../src/close-codes.ts';
import type { FrameHeader } from '../src/frame-header.ts';
import type { Fence } from './protocol-text.ts';
import { type Side, type SocketName, wireSockets } from './wire-sockets.ts';

/** A text message, as far as the rules look into it. */
export interface TranscriptMessage {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** One line of a transcript. */
export type Step =
  | { readonly kind: 'text'; readonly from: Side; readonly message: TranscriptMessage }
  | { readonly kind: 'audio'; readonly from: Side; readonly header: FrameHeader; readonly samples: number }
  | { readonly kind: 'close'; readonly from: Side; readonly name: CloseCodeName };

/** Reads a transcript block. Throws for a line it cannot read and for a message that its socket does not take as it is. */
export function readTranscript({ info, lines }: Fence): readonly Step[] {
  const socket = info[1] as SocketName;
  return lines.filter((line) => !line.startsWith('#')).map((line) => readStep(socket, line));
}

function readStep(socket: SocketName, line: string): Step {
  const [, side = '', rest = ''] = /^(client|switch) (.*)$/.exec(line) ?? [];
  const from = side as Side;
  if (rest.startsWith('{')) {
    const message = wireSockets[socket][from].decode(rest) as TranscriptMessage;
    if (message.type === 'unknown' || message.type === 'refused') throw new Error(`not a message: ${line}`);
    return { kind: 'text', from, message };
  }
  const closes = /^closes (\w+)$/.exec(rest)?.[1];
  if (closes !== undefined && closes in closeCodes) return { kind: 'close', from, name: closes as CloseCodeName };
  const audio = /^audio track=(\d+) generation=(\d+) flags=(\d+) position=(\d+) samples=(\d+)$/.exec(rest);
  if (audio === null) throw new Error(`cannot be read: ${line}`);
  const [track = 0, generation = 0, flags = 0, position = 0, samples = 0] = audio.slice(1).map(Number);
  return { kind: 'audio', from, header: { track, generation, flags, position }, samples };
}
