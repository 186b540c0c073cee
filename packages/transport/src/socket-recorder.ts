import type { Socket, SocketClose, SocketHandlers } from './socket.ts';

/** Handlers that keep what they are told, and let a test wait for it. */
export class SocketRecorder implements SocketHandlers {
  /** The messages, binary ones copied. */
  readonly messages: (string | Uint8Array)[] = [];
  /** Where the binary messages stood in their buffers. */
  readonly offsets: number[] = [];
  /** What kind of view the binary messages were. */
  readonly prototypes: unknown[] = [];
  readonly closes: SocketClose[] = [];
  /** The socket that is recorded, for a server's end. */
  socket: Socket | undefined;
  /** Called on each message, after it was kept. */
  onMessage: () => void = () => undefined;
  readonly #waiters: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  text(message: string): void {
    this.messages.push(message);
    this.#check();
    this.onMessage();
  }

  binary(bytes: Uint8Array): void {
    this.messages.push(new Uint8Array(bytes));
    this.offsets.push(bytes.byteOffset);
    this.prototypes.push(Object.getPrototypeOf(bytes));
    this.#check();
    this.onMessage();
  }

  closed(): Promise<SocketClose>;
  closed(close: SocketClose): void;
  closed(close?: SocketClose): Promise<SocketClose> | void {
    return undefined;
  }

  #check(): void {
    for (const waiter of this.#waiters) if (waiter.holds()) waiter.resolve();
  }
}
