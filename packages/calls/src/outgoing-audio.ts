import { createSampleRing, type SampleRing } from '@agentao/audio';
import {
  type Discard,
  encodeFrame,
  frameHeaderBytes,
  limits,
  type MediaResumed,
  ProtocolError,
  tracks,
} from '@agentao/protocol';
import type { SendAudioOptions } from './active-call.ts';
import { type BufferClosedError, BufferFullError } from './errors.ts';

/** What the outgoing side of a call is made of. */
export interface OutgoingAudioOptions {
  readonly bufferBytes: number;
  readonly generation: number;
  /** The credit to begin with (exclusive position), and the one every new generation begins with. */
  readonly upTo: number;
  readonly windowSamples: number;
  readonly sendFrame: (frame: Uint8Array) => void;
  /** Whether what is sent waits for its turn: audio waits here then, to leave in one frame when `flush` is called. */
  readonly isBehind: () => boolean;
}

interface Waiter {
  readonly samples: Int16Array;
  readonly settle: (failure?: { readonly reason: unknown }) => void;
}

/** Somebody who wants to know when these are gone. */
interface Watcher {
  readonly waiting: Set<Waiter>;
  readonly resolve: () => void;
}

/** A switch grants a second at most; what is kept does not grow with the number it names. */
const mostSentSamples = 10 * 24_000;

/** Positions travel as u32. */
const lastPosition = 0xffff_ffff;

const maxFrameSamples = (limits.mediaMessageBytes - frameHeaderBytes) / 2;

/**
 * Audio from the agent to the switch: a ring that is emptied as far as the credit goes, in as few frames as it takes.
 * Overflow policy: what does not fit is refused whole, or waits in order, up to one more ring of it.
 */
export class OutgoingAudio {
  readonly #ring: SampleRing;
  /** The newest audio that was sent. What the switch may lack of it is never more than one window. */
  readonly #sent: SampleRing;
  readonly #windowSamples: number;
  readonly #sendFrame: (frame: Uint8Array) => void;
  readonly #isBehind: () => boolean;
  readonly #waiters = new Set<Waiter>();
  readonly #watchers = new Set<Watcher>();
  #waitingSamples = 0;
  #generation: number;
  #upTo: number;
  #end = 0;
  /** Where the present generation begins. */
  #begin = 0;
  #away = false;
  #held = false;
  #flushPending = false;
  #closed: BufferClosedError | undefined;

  constructor(options: OutgoingAudioOptions) {
    this.#ring = createSampleRing(options.bufferBytes / 2);
    this.#sent = createSampleRing(Math.min(Math.max(options.windowSamples, options.upTo, 1), mostSentSamples));
    this.#generation = options.generation;
    this.#upTo = options.upTo;
    this.#windowSamples = options.windowSamples;
    this.#sendFrame = options.sendFrame;
    this.#isBehind = options.isBehind;
  }

  /** Position after the last sample accepted. */
  get end(): number {
    return this.#end;
  }

  /** Position at which the present generation begins. */
  get begin(): number {
    return this.#begin;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Resolves when what waits for room now has been taken in or given up; `undefined` if nothing waits. */
  get admitting(): Promise<void> | undefined {
    if (this.#waiters.size === 0) return undefined;
    const waiting = new Set(this.#waiters);
    return new Promise((resolve) => this.#watchers.add({ waiting, resolve }));
  }

  /** Bytes in the ring. */
  get queuedBytes(): number {
    return this.#ring.length * 2;
  }

  get capacityBytes(): number {
    return this.#ring.capacity * 2;
  }

  /** Copies `samples`. Rejects with `BufferFullError`, `BufferClosedError` or the reason of the signal. */
  send(samples: Int16Array, { wait = false, signal }: SendAudioOptions = {}): Promise<void> {
    const refusal = this.#refusal(samples);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#waiters.size === 0) {
      if (this.#accept(samples)) return Promise.resolve();
      // What the credit already allows may not have left yet.
      this.flush();
      if (this.#accept(samples)) return Promise.resolve();
    }
    const room = this.#ring.capacity - this.#waitingSamples;
    if (!wait || samples.length > room) return Promise.reject(this.#full(samples.length));
    return this.#enqueue(samples.slice(), signal);
  }

  /** As `send` with `wait`, however much waits already. `samples` must fit the ring, and stay as they are until then. */
  sendInTurn(samples: Int16Array, signal: AbortSignal): Promise<void> {
    const refusal = this.#refusal(samples);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (this.#waiters.size === 0 && this.#accept(samples)) return Promise.resolve();
    return this.#enqueue(samples, signal);
  }

  /** The switch takes audio of `generation` up to `upTo`. One of an older generation is void. */
  credit(generation: number, upTo: number): void {
    if (generation !== this.#generation || upTo <= this.#upTo) return;
    this.#upTo = upTo;
    this.flush();
  }

  /** Drops all that is here and begins a new generation behind it; audio that waits for room counts as accepted, and is dropped too. */
  discard(): Discard {
    this.#ring.clear();
    this.#sent.clear();
    for (const waiter of this.#waiters) {
      this.#end += waiter.samples.length;
      waiter.settle();
    }
    this.#generation = (this.#generation + 1) % 256;
    this.#begin = this.#end;
    this.#upTo = this.#end + this.#windowSamples;
    return { generation: this.#generation, position: this.#end };
  }

  /** The present generation may never begin as it was meant to: nothing of it is sent. */
  hold(): void {
    this.#held = true;
  }

  /** It has begun. */
  release(): void {
    this.#held = false;
    this.flush();
  }

  /** There is no connection: nothing is sent, and audio queues up to the ring's bound. */
  pause(): void {
    this.#away = true;
  }

  /** There is one again. Sends once more what the switch lacks, then goes on. Throws `ProtocolError` if it lacks what it has had. */
  resume({ generation, received, upTo }: Pick<MediaResumed, 'generation' | 'received' | 'upTo'>): void {
    const same = generation === this.#generation;
    const from = same ? received : this.#begin;
    const sentTo = this.#end - this.#ring.length;
    if (from > sentTo || sentTo - from > this.#sent.length) {
      throw new ProtocolError('BAD_MESSAGE', `resumed: received ${received}, of ${sentTo} that were sent`);
    }
    this.#away = false;
    this.#upTo = same ? Math.max(upTo, sentTo) : this.#begin + this.#windowSamples;
    if (from < sentTo) {
      const kept = new Int16Array(this.#sent.length);
      this.#sent.peek(kept);
      this.#sendFrame(this.#frame(from, kept.subarray(kept.length - (sentTo - from))));
    }
    this.flush();
  }

  /** The call has ended. */
  close(error: BufferClosedError): void {
    this.#closed = error;
    this.#ring.clear();
    for (const waiter of this.#waiters) waiter.settle({ reason: error });
  }

  #accept(samples: Int16Array): boolean {
    if (!this.#ring.write(samples)) return false;
    this.#end += samples.length;
    if (!this.#flushPending) {
      this.#flushPending = true;
      // What is handed in piece by piece in one go leaves as one frame.
      queueMicrotask(() => {
        this.#flushPending = false;
        this.flush();
      });
    }
    return true;
  }

  #enqueue(samples: Int16Array, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle: Waiter['settle'] = (failure) => {
        this.#waiters.delete(waiter);
        this.#tellWatchers(waiter);
        this.#waitingSamples -= samples.length;
        signal?.removeEventListener('abort', onAbort);
        if (failure === undefined) resolve();
        else reject(failure.reason);
      };
      const onAbort = (): void => {
        settle({ reason: signal?.reason });
        this.#admit();
      };
      const waiter: Waiter = { samples, settle };
      this.#waiters.add(waiter);
      this.#waitingSamples += samples.length;
      signal?.addEventListener('abort', onAbort);
    });
  }

  #tellWatchers(gone: Waiter): void {
    for (const watcher of this.#watchers) {
      watcher.waiting.delete(gone);
      if (watcher.waiting.size > 0) continue;
      this.#watchers.delete(watcher);
      watcher.resolve();
    }
  }

  /** Takes in waiting audio in its order, as far as there is room. */
  #admit(): void {
    for (const waiter of this.#waiters) {
      if (!this.#accept(waiter.samples)) return;
      waiter.settle();
    }
  }

  /** Sends what the credit allows. */
  flush(): void {
    if (this.#closed !== undefined || this.#away || this.#held) return;
    let position = this.#end - this.#ring.length;
    while (this.#ring.length > 0 && position < this.#upTo && !this.#isBehind()) {
      const samples = new Int16Array(Math.min(this.#ring.length, this.#upTo - position, maxFrameSamples));
      this.#ring.read(samples);
      this.#sendFrame(this.#frame(position, samples));
      this.#remember(samples);
      position += samples.length;
      this.#admit();
    }
  }

  #frame(position: number, samples: Int16Array): Uint8Array {
    return encodeFrame({ track: tracks.agent, generation: this.#generation, flags: 0, position }, samples);
  }

  #remember(samples: Int16Array): void {
    const sent = this.#sent;
    const newest = samples.length > sent.capacity ? samples.subarray(samples.length - sent.capacity) : samples;
    if (newest.length > sent.free) sent.discard(newest.length - sent.free);
    sent.write(newest);
  }

  /** Why these are never taken. */
  #refusal(samples: Int16Array): BufferClosedError | BufferFullError | undefined {
    if (this.#closed !== undefined) return this.#closed;
    if (this.#end + this.#waitingSamples + samples.length <= lastPosition) return undefined;
    const { capacityBytes, queuedBytes } = this;
    return new BufferFullError(`a call has ${lastPosition} samples at most`, { capacityBytes, queuedBytes });
  }

  #full(samples: number): BufferFullError {
    const { capacityBytes, queuedBytes } = this;
    const text = `${samples * 2} bytes do not fit: ${queuedBytes} of ${capacityBytes} bytes are queued`;
    return new BufferFullError(text, { capacityBytes, queuedBytes });
  }
}
