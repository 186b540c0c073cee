import { type Clock, withDeadline } from '@agentao/clock';
import { NonConformance } from '../check.ts';
import type { UpgradedConnection } from './http-request.ts';
import { closeName } from './peer.ts';

/** Opcodes of RFC 6455. */
export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** How a frame is written that the rules may or may not allow. */
export interface FrameShape {
  readonly final?: boolean;
  /** A bit that only an extension may set. */
  readonly reserved?: boolean;
  readonly masked?: boolean;
}

interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** One WebSocket connection, written and read byte by byte; answers nothing by itself. */
export class RawPeer implements Disposable {
  /** Texts that came. */
  readonly texts: string[] = [];
  /** Payloads of WebSocket pongs that came. */
  readonly pongs: string[] = [];
  readonly #clock: Clock;
  readonly #connection: UpgradedConnection;
  readonly #ended = Promise.withResolvers<number>();
  #unread: Buffer;
  #closed = false;

  constructor(clock: Clock, connection: UpgradedConnection) {
    this.#clock = clock;
    this.#connection = connection;
    this.#unread = connection.head;
    const { net } = connection;
    net.on('data', (chunk: Buffer) => {
      this.#unread = Buffer.concat([this.#unread, chunk]);
      this.#read();
    });
    net.on('error', () => undefined);
    net.on('close', () => this.#end(1006));
    this.#read();
  }

  /** Whether the switch has closed it, or the connection is gone. */
  get closed(): boolean {
    return this.#closed;
  }

  write(opcode: number, payload: string | Uint8Array, shape: FrameShape = {}): void {
    const { final = true, reserved = false, masked = true } = shape;
    const data = Buffer.from(payload as string);
    if (data.length > 125) throw new RangeError('a raw frame has at most 125 bytes');
    const head = [(final ? 0x80 : 0) | (reserved ? 0x40 : 0) | opcode, (masked ? 0x80 : 0) | data.length];
    // A mask of zeros leaves the bytes as they are.
    this.#connection.net.write(Buffer.from([...head, ...(masked ? [0, 0, 0, 0] : []), ...data]));
  }

  /** Resolves with the name of the close code. */
  async closes(withinMs: number): Promise<string> {
    const error = (): Error => new NonConformance('a close', `nothing within ${withinMs} ms`);
    return closeName(await withDeadline(this.#clock, this.#ended.promise, { timeoutMs: withinMs, error }));
  }

  [Symbol.dispose](): void {
    this.#connection.net.destroy();
  }

  #end(code: number): void {
    this.#closed = true;
    this.#ended.resolve(code);
  }

  #read(): void {
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
      const { opcode, payload } = frame;
      if (opcode === opcodes.text) this.texts.push(payload.toString());
      else if (opcode === opcodes.pong) this.pongs.push(payload.toString());
      else if (opcode === opcodes.close) this.#end(payload.length < 2 ? 1005 : payload.readUInt16BE(0));
    }
  }

  #next(): Frame | undefined {
    const data = this.#unread;
    if (data.length < 2) return undefined;
    const short = data.readUInt8(1) & 0x7f;
    const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (data.length < headBytes) return undefined;
    const length = short < 126 ? short : short === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
    if (data.length < headBytes + length) return undefined;
    this.#unread = data.subarray(headBytes + length);
    return { opcode: data.readUInt8(0) & 0x0f, payload: data.subarray(headBytes, headBytes + length) };
  }
}
