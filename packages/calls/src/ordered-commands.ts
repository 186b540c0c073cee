import type { CallMode, CommandResult, Discard } from '@agentao/protocol';
import type { CommandDesk, CommandOptions, Verb } from './command-desk.ts';
import { WSSCallCommandError } from './errors.ts';
import { handled } from './handled.ts';
import type { OutgoingAudio } from './outgoing-audio.ts';
import type { Playout } from './playout.ts';

/** What the commands are about. */
export interface OrderedCommandsOptions {
  readonly callId: string;
  readonly desk: CommandDesk;
  readonly outgoing: OutgoingAudio;
  readonly playout: Playout;
  /** The error for a command after the end, `undefined` before it. */
  readonly closed: () => Error | undefined;
}

/** Settles those who waited for what a discard drops, given the position that was heard before it, if known. */
type SettleWaits = (heard: number | undefined) => void;

/** A command that is not sent yet. */
interface Held {
  /** Whether it begins a generation, and so builds on what is not answered. */
  readonly begins: boolean;
  readonly transmit: () => void;
}

/** A generation of audio counts as older than another for 127 steps, so no more of them may be without an answer. */
const maxUnanswered = 100;

/**
 * The commands whose order among each other and with the audio matters: clears, modes, keys. A change of mode that discards may be refused, and
 * then its generation has not begun. Until it is answered nothing that builds on it is sent, neither a command nor audio (PROTOCOL.md A-18);
 * what is asked for meanwhile follows right behind the answer, in its order. Beyond a hundred: `RATE_LIMITED`.
 */
export class OrderedCommands {
  readonly #options: OrderedCommandsOptions;
  readonly #held: Held[] = [];
  /** A change of mode that discards has no answer yet. */
  #open = false;

  constructor(options: OrderedCommandsOptions) {
    this.#options = options;
  }

  /** A command that begins no generation. It overtakes none that is held. */
  async send(verb: Verb, options?: CommandOptions): Promise<CommandResult> {
    this.#checkRoom();
    const { result, transmit } = this.#options.desk.prepare(verb, options);
    if (this.#held.length > 0) this.#held.push({ begins: false, transmit });
    else transmit();
    return await result;
  }

  /** Drops all audio not yet heard, here at once. */
  clear(): Promise<CommandResult> {
    return this.#discarding((discard) => ({ type: 'clear', ...discard }));
  }

  /** Drops all audio not yet heard, here at once, and changes the mode on the tick that drops it in the switch. */
  discardInto(mode: CallMode): Promise<CommandResult> {
    return this.#discarding((discard) => ({ type: 'mode', mode, discard }));
  }

  async #discarding(verbOf: (discard: Discard) => Verb): Promise<CommandResult> {
    const { desk, outgoing, playout, closed } = this.#options;
    const over = closed();
    if (over !== undefined) throw over;
    this.#checkRoom();
    const settleWaits = playout.clearing();
    const discard = outgoing.discard();
    const verb = verbOf(discard);
    const mayFail = verb.type === 'mode';
    const onAnswer = (ok: boolean): void => {
      if (!ok) this.#begin(discard, settleWaits);
      this.#goOn();
    };
    const command = desk.prepare(verb, { lasting: true, ...(mayFail ? { onAnswer } : {}) });
    if (mayFail) outgoing.hold();
    const transmit = (): void => {
      if (mayFail) this.#open = true;
      command.transmit();
    };
    if (this.#open) this.#held.push({ begins: true, transmit });
    else transmit();
    try {
      const result = await command.result;
      settleWaits(result.position);
      return result;
    } catch (error) {
      if (!(mayFail && error instanceof WSSCallCommandError)) settleWaits(undefined);
      throw error;
    }
  }

  /** Begins the generation that a refused command did not begin: the audio before it is dropped on this side already. */
  #begin(discard: Discard, settleWaits: SettleWaits): void {
    const { result, transmit } = this.#options.desk.prepare({ type: 'clear', ...discard }, { lasting: true });
    transmit();
    void handled(result.then(({ position }) => settleWaits(position)).catch(() => settleWaits(undefined)));
  }

  #goOn(): void {
    this.#open = false;
    while (this.#held.length > 0 && !(this.#open && this.#held[0]?.begins)) this.#held.shift()?.transmit();
    if (!this.#open) this.#options.outgoing.release();
  }

  #checkRoom(): void {
    const { callId, desk } = this.#options;
    if (this.#held.length < maxUnanswered && desk.lasting < maxUnanswered) return;
    throw new WSSCallCommandError('RATE_LIMITED', 'too many commands have no answer yet', { callId });
  }
}
