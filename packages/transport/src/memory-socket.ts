import type { Clock, Timer } from '@agentao/clock';
import { checkCloseCode, fitCloseReason } from './close-frame.ts';
import { Delivery } from './delivery.ts';
import { type MemoryFrame, MemoryPipe } from './memory-pipe.ts';
import type { Socket, SocketClose, SocketHandlers } from './socket.ts';

/** The line is gone and no close frame came. */
const lost: SocketClose = { code: 1006, reason: '' };

/** One end of a memory connection. */
export interface MemorySocketOptions {
  readonly clock: Clock;
  readonly subprotocol: string;
  readonly maxMessageBytes: number;
  readonly closeTimeoutMs: number;
  readonly latencyMs: number;
  /** Called once when this end is gone, before the handlers are told. */
  readonly onGone: (socket: MemorySocket) => void;
}

/** A `Socket` that behaves as a WebSocket does. `incoming` carries what the other end sends; join both with `connectTo`. */
export class MemorySocket implements Socket {
  readonly subprotocol: string;
  readonly incoming: MemoryPipe;
  readonly #options: MemorySocketOptions;
  readonly #delivery: Delivery = new Delivery((error) => this.#fail({ code: 1011, reason: 'fault', cause: error }));
  #outgoing: MemoryPipe | undefined;
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** Why messages are no longer handed on, and what the end will be reported as. */
  #verdict: SocketClose | undefined;
  #muted = false;
  #closeTimer: Timer | undefined;
  #lastReceivedMs: number;

  constructor(options: MemorySocketOptions) {
    this.#options = options;
    this.subprotocol = options.subprotocol;
    this.incoming = new MemoryPipe(options.clock, options.latencyMs, (frame) => this.#receive(frame));
    this.#lastReceivedMs = options.clock.now();
  }

  connectTo(peer: MemorySocket): void {
    this.#outgoing = peer.incoming;
  }

  get started(): boolean {
    return this.#delivery.started;
  }

  get bufferedBytes(): number {
    return this.#state === 'closed' ? 0 : (this.#outgoing?.heldBytes ?? 0);
  }

  get lastReceivedMs(): number {
    return this.#lastReceivedMs;
  }

  start(handlers: SocketHandlers): void {
    this.#delivery.start(handlers);
    this.incoming.read();
  }

  send(data: string | Uint8Array): void {
    if (this.#state !== 'open') return;
    this.#outgoing?.push(data, byteLength(data));
  }

  close(code = 1000, reason = ''): void {
    checkCloseCode(code);
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#outgoing?.push({ code, reason: fitCloseReason(reason) }, 0);
    const { clock, closeTimeoutMs } = this.#options;
    this.#closeTimer = clock.setTimer(clock.now() + closeTimeoutMs, () => this.terminate());
    if (this.started) return;
    // Nobody is there to hand messages to, but the answer must be seen.
    this.#muted = true;
    this.incoming.read();
  }

  terminate(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closing';
    this.#muted = true;
    this.#verdict ??= lost;
    this.#outgoing?.push(lost, 0);
    queueMicrotask(() => this.end(this.#verdict));
  }

  /** The end, at once: nothing more goes in or out. */
  end(close: SocketClose = lost): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#closeTimer?.cancel();
    this.incoming.clear();
    this.incoming.read();
    this.#options.onGone(this);
    this.#delivery.end(close);
  }

  #receive(frame: MemoryFrame): void {
    if (this.#state === 'closed') return;
    this.#lastReceivedMs = this.#options.clock.now();
    if (typeof frame === 'string' || frame instanceof Uint8Array) this.#receiveMessage(frame);
    else this.#receiveEnd(frame);
  }

  #receiveMessage(message: string | Uint8Array): void {
    if (this.#muted) return;
    if (byteLength(message) > this.#options.maxMessageBytes) {
      this.#fail({ code: 1009, reason: 'message too large' });
    } else if (typeof message === 'string') {
      this.#delivery.text(message);
    } else {
      this.#delivery.binary(new Uint8Array(message));
    }
  }

  #receiveEnd(close: SocketClose): void {
    if (close.code !== lost.code && this.#state === 'open') this.#outgoing?.push(close, 0);
    this.end(this.#verdict ?? close);
  }

  #fail(verdict: SocketClose): void {
    if (this.#verdict !== undefined) return;
    this.#verdict = verdict;
    this.#muted = true;
    this.close(verdict.code, verdict.reason);
  }
}

function byteLength(data: string | Uint8Array): number {
  return typeof data === 'string' ? new TextEncoder().encode(data).length : data.byteLength;
}
