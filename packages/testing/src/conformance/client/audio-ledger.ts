import type { FrameHeader, MediaClientMessage } from '@agentao/protocol';
import { frameFlags, frameHeaderBytes, limits, tracks } from '@agentao/protocol';
import { breach } from './breach.ts';

/** How a sample is told by its position: the agent under test says `position modulo 32,768`. */
export const sampleModulus = 32_768;

type Begin = Extract<MediaClientMessage, { readonly type: 'clear' }>;
type Discarding = Extract<MediaClientMessage, { readonly type: 'mode' }>;

/** Keeps the books of a call's outgoing audio across its connections, and throws `NonConformance` for what section 7 forbids. */
export class AudioLedger {
  /** Position after the last sample that has come. */
  received = 0;
  upTo: number;
  generation = 0;
  readonly windowSamples: number;
  /** Whether samples tell their position; not where the agent says what it hears. */
  readonly #counting: boolean;
  /** A `mode` with `discard` that has no success: its generation has not begun. `refused`: it never will by itself. */
  #pending:
    | { readonly id: number; readonly generation: number; readonly position: number; refused: boolean }
    | undefined;

  constructor(options: { readonly upTo: number; readonly windowSamples: number; readonly counting: boolean }) {
    this.upTo = options.upTo;
    this.windowSamples = options.windowSamples;
    this.#counting = options.counting;
  }

  /** One frame has come. */
  frame({ track, generation, flags, position }: FrameHeader, samples: Int16Array): void {
    const bytes = frameHeaderBytes + samples.byteLength;
    if (bytes > limits.mediaMessageBytes)
      throw breach('G-05', 'messages within the size limit', `a frame of ${bytes} bytes`);
    if (track !== tracks.agent) throw breach('A-06', 'audio of track 3', `track ${track}`);
    const strange = flags & ~(frameFlags.replayed | frameFlags.gapBefore | frameFlags.endOfTrack);
    if (strange !== 0) throw breach('A-01', 'flags that are not in the table as 0', `flags ${flags}`);
    if (this.#pending !== undefined && generation === this.#pending.generation) {
      const state = this.#pending.refused ? 'was refused' : 'has no success yet';
      throw breach(
        'A-18',
        'no audio of a generation before it has begun',
        `audio of generation ${generation}, whose \`mode\` with \`discard\` ${state}`,
      );
    }
    if (this.#pending !== undefined)
      throw breach('A-18', 'no audio between a `mode` with `discard` and its success', 'some');
    if (generation !== this.generation) {
      throw breach(
        isNewer(generation, this.generation) ? 'A-15' : 'A-07',
        `audio of generation ${this.generation}`,
        `generation ${generation}`,
      );
    }
    if (position !== this.received)
      throw breach('A-07', `audio to go on at ${this.received}`, `a frame at ${position}`);
    const end = position + samples.length;
    if (end > this.upTo) throw breach('A-08', `audio up to ${this.upTo}`, `audio up to ${end}`);
    const wrong = this.#counting
      ? samples.findIndex((sample, index) => sample !== (position + index) % sampleModulus)
      : -1;
    if (wrong >= 0) {
      throw breach(
        'A-07',
        `the sample accepted at ${position + wrong}: ${(position + wrong) % sampleModulus}`,
        `${samples[wrong]}`,
      );
    }
    this.received = end;
  }

  /** `clear`, or `mode` with `discard`, for the first time. */
  begins(message: Begin | Discarding): void {
    const discard = message.type === 'clear' ? message : message.discard;
    if (discard === undefined) return;
    const { generation, position } = discard;
    if (this.#pending !== undefined && !this.#pending.refused) {
      throw breach(
        'A-18',
        'nothing that begins a generation between a `mode` with `discard` and its response',
        `\`${message.type}\``,
      );
    }
    const next = (this.generation + 1) % 256;
    if (generation !== next) throw breach('K-17', `generation ${next}`, `generation ${generation}`);
    if (position < this.received) throw breach('K-17', `a position from ${this.received} on`, `${position}`);
    const refused = this.#pending;
    if (refused !== undefined && (message.type !== 'clear' || position !== refused.position)) {
      throw breach(
        'A-18',
        `after a refused \`mode\` a \`clear\` at ${refused.position}`,
        `\`${message.type}\` at ${position}`,
      );
    }
    if (message.type === 'clear') this.#enter(generation, position);
    else this.#pending = { id: message.id, generation, position, refused: false };
  }

  /** The response to a command is about to be sent. */
  answered(id: number, ok: boolean): void {
    const pending = this.#pending;
    if (pending?.id !== id) return;
    if (ok) this.#enter(pending.generation, pending.position);
    else pending.refused = true;
  }

  /** As `resumed` says: the client goes on at `received`. */
  resumes(at: { readonly received: number; readonly upTo: number; readonly generation: number }): void {
    this.#pending = undefined;
    this.generation = at.generation;
    this.received = at.received;
    this.upTo = at.upTo;
  }

  #enter(generation: number, position: number): void {
    this.#pending = undefined;
    this.generation = generation;
    this.received = position;
    this.upTo = position + this.windowSamples;
  }
}

/** Whether a generation is 1 to 127 steps ahead of another one, modulo 256. */
export function isNewer(generation: number, than: number): boolean {
  const ahead = (generation - than) & 0xff;
  return ahead >= 1 && ahead <= 127;
}
