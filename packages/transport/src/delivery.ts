import type { SocketClose, SocketHandlers } from './socket.ts';

/** Hands a socket's messages and its end to its handlers: the end once and last, and no throw gets out. */
export class Delivery {
  readonly #onThrow: (error: unknown) => void;
  #handlers: SocketHandlers | undefined;
  #close: SocketClose | undefined;

  /** `onThrow` is told what a message handler threw; a throw of `closed` has no one left to be told. */
  constructor(onThrow: (error: unknown) => void) {
    this.#onThrow = onThrow;
  }

  get started(): boolean {
    return this.#handlers !== undefined;
  }

  start(handlers: SocketHandlers): void {
    if (this.started) throw new Error('socket: start() was called twice');
    this.#handlers = handlers;
    if (this.#close !== undefined) queueMicrotask(() => this.#tellClosed());
  }

  text(message: string): void {
    if (this.#close !== undefined) return;
    try {
      this.#handlers?.text(message);
    } catch (error) {
      this.#onThrow(error);
    }
  }

  binary(bytes: Uint8Array): void {
    if (this.#close !== undefined) return;
    try {
      this.#handlers?.binary(bytes);
    } catch (error) {
      this.#onThrow(error);
    }
  }

  /** The end; held for `start` if that is still to come. */
  end(close: SocketClose): void {
    if (this.#close !== undefined) return;
    this.#close = close;
    this.#tellClosed();
  }

  #tellClosed(): void {
    try {
      if (this.#close !== undefined) this.#handlers?.closed(this.#close);
    } catch {
      // The contract forbids it, and there is no socket left to end for it.
    }
  }
}
