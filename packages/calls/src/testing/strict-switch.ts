import type { Discard, FrameHeader, MediaCommand, MediaResponse } from '@agentao/protocol';

/** How far ahead of the ear a client may send. */
export const windowSamples: number = 50;

/** What a client sends. */
export type ToSwitch =
  | { readonly command: MediaCommand }
  | { readonly header: FrameHeader; readonly samples: Int16Array };
/** What the switch sends, as far as it matters here. */
export type ToClient = { readonly response: MediaResponse } | { readonly generation: number; readonly upTo: number };

/** The switch's end as sections 4.4, 5 and 7.4 of PROTOCOL.md have it, without time: it plays when it is told to. */
export class StrictSwitch {
  /** The rules that the client has broken. */
  readonly breaches: string[] = [];
  readonly heard: number[] = [];
  readonly clients: ToClient[] = [];
  cleared = 0;
  generation = 0;
  received = 0;
  played = 0;
  upTo: number = windowSamples;
  /** A `resume` has told of generations that are still to begin. */
  awaitsClear = false;
  #queue: number[] = [];
  readonly #answered = new Map<number, MediaResponse>();

  take(message: ToSwitch, refuses: boolean): void {
    if ('command' in message) this.#command(message.command, refuses);
    else this.#frame(message.header, message.samples);
  }

  play(count: number): void {
    if (this.awaitsClear) return;
    const samples = this.#queue.splice(0, count);
    this.heard.push(...samples);
    this.played += samples.length;
    if (samples.length === 0) return;
    this.upTo = this.played + windowSamples;
    this.clients.push({ generation: this.generation, upTo: this.upTo });
  }

  #command(command: MediaCommand, refuses: boolean): void {
    const { id, type } = command;
    const before = this.#answered.get(id);
    const discard = type === 'clear' ? command : type === 'mode' ? command.discard : undefined;
    const refused = refuses && type === 'mode';
    const response: MediaResponse = before ?? {
      type: 'response',
      id,
      ...(refused
        ? { ok: false, error: { code: 'INVALID_STATE', message: 'no' } }
        : { ok: true, result: discard === undefined ? {} : this.#clear(discard) }),
    };
    this.#answered.set(id, response);
    this.clients.push({ response });
  }

  #clear({ generation, position }: Discard): { position: number; clearedSamples: number } {
    this.#check(generation === (this.generation + 1) % 256, 'A-14: the next generation');
    this.#check(position >= this.received, 'A-14: behind all that was sent');
    const result = { position: this.played, clearedSamples: position - this.played };
    this.cleared += result.clearedSamples;
    this.generation = generation;
    this.#queue = [];
    this.received = position;
    this.played = position;
    this.upTo = position + windowSamples;
    this.awaitsClear = false;
    return result;
  }

  #frame({ generation, position }: FrameHeader, samples: Int16Array): void {
    const age = (this.generation - generation) & 0xff;
    if (age >= 1 && age < 128) return;
    this.#check(age === 0, 'A-15: a generation that has begun');
    this.#check(position === this.received, 'A-07: where the last message ended');
    this.received += samples.length;
    this.#check(this.received <= this.upTo, 'A-08: within the credit');
    this.#queue.push(...samples);
  }

  #check(holds: boolean, rule: string): void {
    if (!holds) this.breaches.push(rule);
  }
}
