import { createSampleRing, type SampleRing } from '@agentao/audio';
import type { Clock, Timer } from '@agentao/clock';
import type { CommandResult, Discard, FrameHeader, MediaSwitchMessage } from '@agentao/protocol';

const tickMs = 20;

/** A frame as it came. */
export interface ReceivedFrame {
  readonly header: FrameHeader;
  readonly samples: Int16Array;
}

/**
 * A switch's end of outgoing audio, played on the clock's 20 ms ticks: credit, reports, marks, clears. Breaches of the
 * protocol are collected, not punished.
 */
export class ScriptedPlayout {
  readonly frames: ReceivedFrame[] = [];
  readonly breaches: string[] = [];
  /** Every sample that was heard, in order, and the position of each. */
  readonly heard: number[] = [];
  readonly heardAt: number[] = [];
  generation = 0;
  received = 0;
  played = 0;
  upTo = 0;
  windowSamples = 0;
  /** Set to hold everything that would be played. */
  paused = false;
  readonly #clock: Clock;
  readonly #send: (message: MediaSwitchMessage) => void;
  readonly #waits = new Map<number, (() => void)[]>();
  #queue: SampleRing = createSampleRing(1);
  #tick = new Int16Array(0);
  #reported = 0;
  #timer: Timer | undefined;

  constructor(options: { readonly clock: Clock; readonly send: (message: MediaSwitchMessage) => void }) {
    this.#clock = options.clock;
    this.#send = options.send;
  }

  start(sampleRateHz: number): void {
    this.#tick = new Int16Array((sampleRateHz * tickMs) / 1000);
    this.windowSamples = this.#tick.length * 10;
    this.upTo = this.windowSamples;
    this.#queue = createSampleRing(this.windowSamples);
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Goes on playing after `stop`. */
  goOn(): void {
    this.stop();
    this.#schedule();
  }

  receive(header: FrameHeader, samples: Int16Array): void {
    this.frames.push({ header, samples });
    if (header.track !== 3) this.breaches.push(`track ${header.track}`);
    if (header.generation !== this.generation) {
      if (header.generation === (this.generation + 255) % 256) return;
      this.breaches.push(`generation ${header.generation}, now ${this.generation}`);
    }
    if (header.position !== this.received) this.breaches.push(`position ${header.position}, next is ${this.received}`);
    this.received += samples.length;
    if (this.received > this.upTo) this.breaches.push(`audio up to ${this.received}, credit up to ${this.upTo}`);
    this.#queue.write(samples);
  }

  mark(position: number): void {
    this.whenPlayed(position, () => this.#report());
  }

  whenPlayed(position: number, then: () => void): void {
    if (position <= this.played) then();
    else this.#waits.set(position, [...(this.#waits.get(position) ?? []), then]);
  }

  clear({ generation, position }: Discard): CommandResult {
    if (generation !== (this.generation + 1) % 256) this.breaches.push(`clear to generation ${generation}`);
    if (position < this.received) this.breaches.push(`clear at ${position}, received ${this.received}`);
    const result = { position: this.played, clearedSamples: position - this.played };
    this.generation = generation;
    this.#queue.clear();
    this.received = position;
    this.played = position;
    this.upTo = position + this.windowSamples;
    this.#report();
    this.#reach();
    return result;
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimer(this.#clock.now() + tickMs, () => {
      this.#play();
      this.#schedule();
    });
  }

  #play(): void {
    if (this.paused || this.#queue.length === 0) return;
    for (const value of this.#tick.subarray(0, this.#queue.read(this.#tick))) {
      this.heard.push(value);
      this.heardAt.push(this.played++);
    }
    if (this.played - this.#reported >= this.#tick.length * 10 || this.#queue.length === 0) this.#report();
    this.#reach();
    if (this.played + this.windowSamples - this.upTo < this.#tick.length * 5) return;
    this.upTo = this.played + this.windowSamples;
    this.#send({ type: 'credit', generation: this.generation, upTo: this.upTo });
  }

  #reach(): void {
    for (const [position, waits] of [...this.#waits]) {
      if (position > this.played) continue;
      this.#waits.delete(position);
      for (const then of waits) then();
    }
  }

  #report(): void {
    this.#reported = this.played;
    const atMs = Math.round(this.#clock.now());
    this.#send({ type: 'playout', generation: this.generation, played: this.played, audible: true, atMs });
  }
}
