import { subprotocols } from '@agentao/protocol';
import type { FuzzRandom } from './fuzz-random.ts';
import { toHex } from './hex-bytes.ts';
import { type SocketName, socketNames } from './json-schema.ts';
import type { MessageGrammar } from './message-grammar.ts';
import { encodeRawFrame } from './raw-frames.ts';
import { mutateBytes } from './wav-target.ts';

/** Bytes that somebody writes to a port: text in which `$key` stands for a credential, or any bytes. */
export type RawStep =
  | { readonly line: number; readonly text: string }
  | { readonly line: number; readonly hex: string };

/** Connections of one case. */
const rawLines = 6;

/** Makes what a few connections write, woven into each other. */
export function createRawScript(grammar: MessageGrammar, random: FuzzRandom): readonly RawStep[] {
  const flows = Array.from({ length: rawLines }, (_, line) => flow(grammar, random, line));
  const steps: RawStep[] = [];
  while (flows.some((left) => left.length > 0)) {
    const next = random.pick(flows.filter((left) => left.length > 0)).shift();
    if (next !== undefined) steps.push(next);
  }
  return steps;
}

function flow(grammar: MessageGrammar, random: FuzzRandom, line: number): RawStep[] {
  const socket = random.pick(socketNames);
  const credential = socket === 'control' ? '$key' : '$operator';
  const request = random.once(4) ? brokenRequest(random) : upgradeRequest(socket, credential, random);
  const steps: RawStep[] = splits(request, random).map((text) => ({ line, text }));
  for (let count = random.int(7); count > 0; count--) {
    const bytes = new Uint8Array(frame(grammar, socket, random));
    steps.push({ line, hex: toHex(random.once(5) ? mutateBytes(bytes, random) : bytes) });
  }
  return steps;
}

function upgradeRequest(socket: SocketName, credential: string, random: FuzzRandom): string {
  const lines = [
    `GET /${socket} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    `Sec-WebSocket-Protocol: ${subprotocols[socket]}`,
    `Authorization: Bearer ${credential}`,
  ];
  if (random.once(3)) {
    const at = random.int(lines.length);
    const odd = [
      'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
      'Sec-WebSocket-Extensions: ;;,=',
      'Sec-WebSocket-Version: 8',
      'Sec-WebSocket-Key: short',
      `Sec-WebSocket-Protocol: ${','.repeat(random.int(20))}`,
      'Sec-WebSocket-Protocol: a, a',
      'Content-Length: 5',
      'Transfer-Encoding: chunked',
      'Expect: 100-continue',
      'Expect: nonsense',
      `X-Long: ${'x'.repeat(random.pick([1_000, 17_000]))}`,
      'Origin: http://evil',
      'Connection: close',
      'Upgrade: h2c',
      'Cookie: =;;==',
      ' folded: line',
      'no colon',
      'Host: [',
    ];
    if (random.once(3)) lines.splice(at, 1);
    else lines.splice(Math.max(1, at), random.int(2), random.pick(odd));
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function brokenRequest(random: FuzzRandom): string {
  const method = random.pick(['GET', 'POST', 'HEAD', 'OPTIONS', 'CONNECT', 'PRI', 'get', '', 'M-SEARCH']);
  const path = random.pick([
    '/',
    '/session',
    '/../x',
    '*',
    'http://a/b',
    '/%00',
    '/a b',
    `/${'a'.repeat(20_000)}`,
    '//',
  ]);
  const version = random.pick(['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', 'XTP']);
  const end = random.pick(['\r\n\r\n', '\r\n\r\n', '\n\n', '\r\n', '']);
  const headers = random.pick([
    '\r\nHost: a',
    '\r\nHost: 127.0.0.1',
    '',
    '\r\nContent-Length: -1',
    '\r\nContent-Length: 99999999999\r\nHost: a',
  ]);
  return `${method} ${path} ${version}${headers}${end}`;
}

/** The text in one piece or several. */
function splits(text: string, random: FuzzRandom): string[] {
  if (!random.once(4)) return [text];
  const at = random.int(text.length + 1);
  return [text.slice(0, at), text.slice(at)].filter((part) => part !== '');
}

function frame(grammar: MessageGrammar, socket: SocketName, random: FuzzRandom): Uint8Array {
  const opcode = random.pick([1, 1, 1, 1, 2, 2, 0, 8, 9, 10, 3, 11]);
  return encodeRawFrame({
    fin: !random.once(6),
    reserved: random.once(10) ? random.int(8) : 0,
    opcode,
    masked: !random.once(12),
    lengthBytes: random.once(8) ? random.pick([2, 8] as const) : 0,
    claims: random.once(14) ? random.pick([0, 1, 126, 65_536, 2 ** 31, 2 ** 53 - 1]) : undefined,
    payload: payload(grammar, { socket, opcode }, random),
  });
}

function payload(
  grammar: MessageGrammar,
  { socket, opcode }: { readonly socket: SocketName; readonly opcode: number },
  random: FuzzRandom,
): Uint8Array {
  if (opcode === 8) {
    const code = random.pick([1_000, 1_001, 1_005, 1_006, 1_015, 999, 0, 4_411, 4_999, 5_000, 65_535]);
    const reason = random.pick(['', 'x', 'x'.repeat(123), 'x'.repeat(124), '\u00ff']);
    return random.once(5)
      ? random.bytes(random.int(3))
      : Buffer.concat([new Uint8Array([code >> 8, code & 255]), Buffer.from(reason, 'latin1')]);
  }
  if (opcode >= 9) return random.bytes(random.pick([0, 4, 125, 126, 300]));
  if (opcode === 2) return random.bytes(random.pick([0, 7, 8, 9, 10, 968]));
  if (random.once(5)) return Buffer.from(random.pick(['c3', 'c328', 'edA080', 'f8888080', 'ff', '7b22f09f']), 'hex');
  if (random.once(20)) return Buffer.alloc(random.pick([131_071, 131_073, 140_000]), 32);
  return Buffer.from(grammar.text({ socket, from: 'client' }, random));
}
