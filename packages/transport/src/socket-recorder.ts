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
  #waiting: (() => boolean)[] = [];

  text(message: string): void {
    this.messages.push(message);
    this.#told();
    this.onMessage();
  }

  binary(bytes: Uint8Array): void {
    this.messages.push(new Uint8Array(bytes));
    this.offsets.push(bytes.byteOffset);
    this.prototypes.push(Object.getPrototypeOf(bytes));
    this.#told();
    this.onMessage();
  }

  closed(close: SocketClose): void {
    this.closes.push(close);
    this.#told();
  }

  /** Resolves once `count` messages have come in all; rejects if the socket ends before. */
  received(count: number): Promise<void> {
    return this.#until((resolve, reject) => {
      if (this.messages.length >= count) resolve();
      else if (this.closes.length > 0) {
        reject(new Error(`closed with ${this.closes[0]?.code} after ${this.messages.length} of ${count} messages`));
      } else return false;
      return true;
    });
  }

  /** Resolves with the end. */
  ended(): Promise<SocketClose> {
    return this.#until((resolve) => {
      const [close] = this.closes;
      if (close !== undefined) resolve(close);
      return close !== undefined;
    });
  }

  #until<T>(look: (resolve: (value: T) => void, reject: (error: Error) => void) => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = (): boolean => look(resolve, reject);
      if (!done()) this.#waiting.push(done);
    });
  }

  #told(): void {
    if (this.#waiting.length > 0) this.#waiting = this.#waiting.filter((done) => !done());
  }
}
