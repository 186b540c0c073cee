import type { Clock } from '@agentao/clock';
import { WebSocket } from 'ws';
import { checkCloseCode, fitCloseReason } from './close-frame.ts';
import { Delivery } from './delivery.ts';
import type { Socket, SocketClose, SocketHandlers } from './socket.ts';

/** Errors of ws about what the peer has sent, and what the socket is closed with for it (RFC 6455, 7.4.1). */
const verdicts: ReadonlyMap<unknown, SocketClose> = new Map([
  ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', { code: 1009, reason: 'message too large' }],
  ['WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH', { code: 1009, reason: 'message too large' }],
  ['WS_ERR_INVALID_UTF8', { code: 1007, reason: 'text is not UTF-8' }],
  ['WS_ERR_TOO_MANY_BUFFERED_PARTS', { code: 1008, reason: 'too many fragments' }],
]);

/** Pings and pongs of WebSocket itself that a peer may send: on average per second, and at once. Messages are its owner's to count. */
const controlFramesPerSecond = 50;
const controlFramesAtOnce = 100;

/** What a peer may still send once this side has said goodbye, in messages, a larger one counting once more per KB. */
const messagesAfterClose = 2_000;

/** A `Socket` on an open `WebSocket` of ws, on either side. */
export class WsSocket implements Socket {
  readonly #ws: WebSocket;
  readonly #clock: Clock;
  readonly #delivery: Delivery = new Delivery((error) => this.#fault(error));
  /** What the end will be reported as, where the close frame does not tell. */
  #verdict: SocketClose | undefined;
  #muted = false;
  #lastReceivedMs: number;
  #controlFramesLeft = controlFramesAtOnce;
  #controlFrameMs: number;
  #sinceClose = 0;

  constructor(ws: WebSocket, clock: Clock) {
    this.#ws = ws;
    this.#clock = clock;
    this.#lastReceivedMs = clock.now();
    this.#controlFrameMs = this.#lastReceivedMs;
    // Until start() the peer's messages wait in the connection, not in memory.
    ws.pause();
    ws.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    ws.on('ping', () => this.#control());
    ws.on('pong', () => this.#control());
    ws.on('error', (error: Error & { code?: unknown }) => {
      this.#verdict ??= verdicts.get(error.code) ?? { code: 1002, reason: error.message };
    });
    ws.on('close', (code, reason) => this.#delivery.end(this.#verdict ?? { code, reason: reason.toString() }));
  }

  get started(): boolean {
    return this.#delivery.started;
  }

  get subprotocol(): string {
    return this.#ws.protocol;
  }

  get bufferedBytes(): number {
    return this.#ws.readyState === WebSocket.CLOSED ? 0 : this.#ws.bufferedAmount;
  }

  get lastReceivedMs(): number {
    return this.#lastReceivedMs;
  }

  start(handlers: SocketHandlers): void {
    this.#delivery.start(handlers);
    this.#ws.resume();
  }

  send(data: string | Uint8Array): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(data);
  }

  close(code = 1000, reason = ''): void {
    checkCloseCode(code);
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    this.#ws.close(code, fitCloseReason(reason));
    if (this.started) return;
    // Nobody is there to hand messages to, but the answer must be seen.
    this.#muted = true;
    this.#ws.resume();
  }

  terminate(): void {
    this.#muted = true;
    this.#verdict ??= { code: 1006, reason: '' };
    this.#ws.terminate();
  }

  #touch(): void {
    this.#lastReceivedMs = this.#clock.now();
  }

  #control(): void {
    this.#touch();
    const sinceMs = this.#lastReceivedMs - this.#controlFrameMs;
    this.#controlFrameMs = this.#lastReceivedMs;
    const left = this.#controlFramesLeft + (sinceMs * controlFramesPerSecond) / 1_000;
    this.#controlFramesLeft = Math.min(controlFramesAtOnce, left) - 1;
    if (this.#controlFramesLeft >= 0) return;
    this.#verdict ??= { code: 4429, reason: 'too many pings' };
    this.close(4429, 'too many pings');
    this.#ws.pause();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.#touch();
    // To read on until the closing times out would take time from everybody else.
    if (this.#ws.readyState !== WebSocket.OPEN && (this.#sinceClose += 1 + data.length / 1_024) > messagesAfterClose) {
      this.#muted = true;
      this.#ws.pause();
    }
    if (this.#muted) return;
    if (isBinary) this.#delivery.binary(evenView(data));
    else this.#delivery.text(data.toString());
  }

  #fault(error: unknown): void {
    this.#muted = true;
    this.#verdict ??= { code: 1011, reason: 'fault', cause: error };
    this.close(1011, 'fault');
  }
}

/** A plain view, so that `slice` copies, on an offset that fits an `Int16Array`. */
function evenView(data: Buffer): Uint8Array {
  return data.byteOffset % 2 === 0
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
