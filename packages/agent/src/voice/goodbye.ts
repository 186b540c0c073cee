import type { ActiveCall, CallEnd } from '@agentao/calls';
import type { Bridge } from '../bridge.ts';
import type { FinalAction, FinalOutcome } from '../tool.ts';

/** What the end of a conversation needs. */
export interface GoodbyeOptions {
  readonly call: ActiveCall;
  readonly bridge: Bridge;
  /** The action failed for a reason that is no answer. */
  readonly onFault: (error: unknown) => void;
}

/** How long the model may be silent before what it was to say counts as said. */
const silentMs = 6_000;

/** Does the last thing of a conversation once, when the goodbye was heard; an interruption calls it off. */
export class Goodbye {
  readonly #options: GoodbyeOptions;
  #waiting = false;
  /** What it is at. */
  #acting: FinalOutcome | undefined;
  #done: FinalOutcome | undefined;

  constructor(options: GoodbyeOptions) {
    this.#options = options;
  }

  /** Whether it waits, or is at it. */
  get busy(): boolean {
    return this.#waiting || this.#acting !== undefined;
  }

  /** Whether something waits, is done, or was done to the call. */
  get isEnding(): boolean {
    return this.busy || this.#done !== undefined;
  }

  /** What was done to a call that has ended so. */
  outcomeOf({ by }: CallEnd): FinalOutcome | undefined {
    return this.#done ?? (by === 'agent' ? this.#acting : undefined);
  }

  after(outcome: FinalOutcome, action: FinalAction): boolean {
    if (this.isEnding) return false;
    this.#waiting = true;
    void this.#run(outcome, action);
    return true;
  }

  async #run(outcome: FinalOutcome, action: FinalAction): Promise<void> {
    const { call, bridge, onFault } = this.#options;
    const heard = await bridge.turnHeard({ timeoutMs: silentMs });
    if (call.signal.aborted) return;
    this.#waiting = false;
    if (heard === 'interrupted' || heard === 'ended') return;
    this.#acting = outcome;
    // From here on nobody talks over it, and the model does not answer what it hears.
    bridge.active = false;
    let told: string | undefined;
    try {
      told = (await action(call)) ?? undefined;
      if (told === undefined) this.#done = outcome;
    } catch (error) {
      // The end of the call has cut it short.
      if (call.signal.aborted) return;
      onFault(error);
      told = 'That did not work. Tell the caller so, and go on helping.';
    }
    if (call.signal.aborted) return;
    this.#acting = undefined;
    if (told === undefined) return;
    bridge.active = true;
    bridge.sendText(told);
  }
}
