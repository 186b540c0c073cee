import type { Clock, Timer } from '@agentao/clock';
import type { SocketClose } from './socket.ts';

/** What travels: a message, or the end. An end with code 1006 is no close frame but the line being cut. */
export type MemoryFrame = string | Uint8Array | SocketClose;

interface Passage {
  readonly frame: MemoryFrame;
  readonly bytes: number;
  readonly dueMs: number;
}

/** How much a line still carries in one direction, and what happens then. */
interface Breakage {
  bytesLeft: number;
  readonly broken: () => void;
}

/** One direction of a memory connection: ordered, late by its latency, and held up while its far end does not read. */
export class MemoryPipe {
  readonly #clock: Clock;
  readonly #receive: (frame: MemoryFrame) => void;
  #queue: Passage[] = [];
  #head = 0;
  #queuedBytes = 0;
  #timer: Timer | undefined;
  #draining = false;
  #reading = false;
  #stalled = false;
  #severed = false;
  #breakage: Breakage | undefined;
  latencyMs: number;

  constructor(clock: Clock, latencyMs: number, receive: (frame: MemoryFrame) => void) {
    this.#clock = clock;
    this.#receive = receive;
    this.latencyMs = latencyMs;
  }

  get #blocked(): boolean {
    return !this.#reading || this.#stalled || this.#severed;
  }

  /** Bytes that are held up on the sender's side. What is merely on its way has left. */
  get heldBytes(): number {
    return this.#blocked ? this.#queuedBytes : 0;
  }

  push(frame: MemoryFrame, bytes: number): void {
    this.#queue.push({ frame, bytes, dueMs: this.#clock.now() + this.latencyMs });
    this.#queuedBytes += bytes;
    this.#schedule();
  }

  /** The far end reads from now on. */
  read(): void {
    this.#reading = true;
    this.#schedule();
  }

  stall(stalled: boolean): void {
    this.#stalled = stalled;
    this.#schedule();
  }

  /** Nothing arrives any more, and nobody is told. */
  sever(): void {
    this.#severed = true;
  }

  /** The line carries so many more bytes of messages and close frames, and is `broken` then: what does not fit whole never arrives. */
  breakAfter(bytes: number, broken: () => void): void {
    this.#breakage = { bytesLeft: bytes, broken };
    if (bytes === 0) broken();
  }

  /** Drops all that is on its way. */
  clear(): void {
    this.#queue = [];
    this.#head = 0;
    this.#queuedBytes = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(): void {
    const next = this.#queue[this.#head];
    if (next === undefined || this.#blocked || this.#draining || this.#timer !== undefined) return;
    if (next.dueMs > this.#clock.now()) {
      this.#timer = this.#clock.setTimer(next.dueMs, () => {
        this.#timer = undefined;
        this.#drain();
      });
    } else {
      this.#draining = true;
      queueMicrotask(() => this.#drain());
    }
  }

  #drain(): void {
    this.#draining = true;
    const nowMs = this.#clock.now();
    for (;;) {
      const next = this.#queue[this.#head];
      if (next === undefined || this.#blocked || next.dueMs > nowMs) break;
      const breakage = this.#breakage;
      if (breakage !== undefined) {
        breakage.bytesLeft -= travellingBytes(next);
        if (breakage.bytesLeft < 0) {
          breakage.broken();
          break;
        }
      }
      this.#head++;
      this.#queuedBytes -= next.bytes;
      this.#receive(next.frame);
      if (breakage?.bytesLeft === 0) breakage.broken();
    }
    this.#queue.splice(0, this.#head);
    this.#head = 0;
    this.#draining = false;
    this.#schedule();
  }
}

/** A close frame is a code and its reason. */
function travellingBytes({ frame, bytes }: Passage): number {
  if (typeof frame === 'string' || frame instanceof Uint8Array || frame.code === 1006) return bytes;
  return 2 + new TextEncoder().encode(frame.reason).length;
}
