import { once } from 'node:events';
import { connect as connectTcp, type Socket as TcpSocket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { sleep } from '@agentao/clock';
import { paths, subprotocols } from '@agentao/protocol';
import { clock } from '../real-line.ts';

/** A connection that carries whatever bytes an attacker likes. */
export interface RawLine {
  readonly tcp: TcpSocket;
  /** All that has come so far, a character for each byte. */
  readonly received: string;
  /** Whether the other end has hung up. */
  readonly ended: boolean;
  write(data: string | Uint8Array): void;
  /** Resolves once the other end has hung up; rejects after 15 s. */
  hungUp(): Promise<void>;
  /** Resolves with all that has come once it matches; rejects after 10 s. */
  gets(pattern: RegExp): Promise<string>;
}

/** Opens it to a port on loopback; with `tls` through a handshake that believes everything. */
export async function openRawLine(port: number, { tls = false }: { readonly tls?: boolean } = {}): Promise<RawLine> {
  const host = '127.0.0.1';
  const tcp = tls ? connectTls({ port, host, rejectUnauthorized: false }) : connectTcp({ port, host, noDelay: true });
  const parts: Buffer[] = [];
  let ended = false;
  tcp.on('data', (data) => parts.push(data));
  // The other end may hang up while this one writes.
  tcp.on('error', () => tcp.destroy());
  tcp.on('end', () => tcp.destroy());
  tcp.on('close', () => (ended = true));
  await once(tcp, tls ? 'secureConnect' : 'connect');
  const received = (): string => Buffer.concat(parts).toString('latin1');
  return {
    tcp,
    get received() {
      return received();
    },
    get ended() {
      return ended;
    },
    write: (data) => {
      if (tcp.writable) tcp.write(data);
    },
    hungUp: () => eventually(() => ended, 'the connection is still open', 15_000),
    gets: async (pattern) => {
      await eventually(() => pattern.test(received()), `no ${pattern}`);
      return received();
    },
  };
}

/** What is different about an upgrade. A header that is given twice, or with another value, is what an attack is made of. */
export interface UpgradeText {
  readonly path?: string;
  readonly subprotocol?: string;
  /** Lines beside those of the handshake. Default: `Host: 127.0.0.1`. */
  readonly lines?: readonly string[];
}

/** The text of an upgrade request. */
export function upgradeText({ path = paths.control, subprotocol, lines = ['Host: 127.0.0.1'] }: UpgradeText): string {
  const handshake = [
    `GET ${path} HTTP/1.1`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    `Sec-WebSocket-Protocol: ${subprotocol ?? subprotocols.control}`,
  ];
  return `${[...handshake, ...lines].join('\r\n')}\r\n\r\n`;
}

/** One frame as a client sends it, masked with zeros; the payload is at most 125 bytes. */
export function frame(firstByte: number, payload: string | Uint8Array = ''): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([Buffer.from([firstByte, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}

/** First bytes of frames: opcodes, the last fragment where it says so. */
export const opcodes = { firstText: 0x01, more: 0x00, text: 0x81, close: 0x88, ping: 0x89, pong: 0x8a } as const;

/** The code of the close frame that ends what a switch has sent; `undefined` if there is none. */
export function closeCodeOf(received: string): number | undefined {
  const bytes = Buffer.from(received, 'latin1');
  let at = received.indexOf('\r\n\r\n') + 4;
  while (at + 2 <= bytes.length) {
    const opcode = (bytes[at] ?? 0) & 15;
    const short = (bytes[at + 1] ?? 0) & 127;
    const length = short === 126 ? bytes.readUInt16BE(at + 2) : short;
    const start = at + (short === 126 ? 4 : 2);
    if (opcode === 8) return length < 2 ? 1005 : bytes.readUInt16BE(start);
    at = start + length;
  }
  return undefined;
}

/** Writes `text` byte by byte, one every 20 ms, until it is all written or the other end has hung up. */
export async function drip(line: RawLine, text: string | Uint8Array): Promise<void> {
  for (const byte of Buffer.from(text)) {
    if (line.ended) return;
    line.write(Uint8Array.of(byte));
    await sleep(clock, 20);
  }
}

/** Writes `chunk` over and over until the other end has taken nothing for a second or hangs up. Resolves with how much has gone, at most `mostBytes`. */
export async function pushInto(line: RawLine, chunk: Uint8Array, mostBytes: number): Promise<number> {
  const { tcp } = line;
  const gone = (): number => tcp.bytesWritten - tcp.writableLength;
  let before = gone();
  let sinceMs = clock.now();
  while (!line.ended && gone() < mostBytes && clock.now() - sinceMs < 1_000) {
    while (tcp.writable && tcp.writableLength < 1_000_000) tcp.write(chunk);
    await sleep(clock, 5);
    if (gone() === before) continue;
    before = gone();
    sinceMs = clock.now();
  }
  return gone();
}

/** Resolves when the condition holds. */
export async function eventually(condition: () => boolean, failure: string, withinMs = 10_000): Promise<void> {
  const deadlineMs = clock.now() + withinMs;
  while (!condition()) {
    if (clock.now() > deadlineMs) throw new Error(`${failure} after ${withinMs} ms`);
    await sleep(clock, 5);
  }
}
