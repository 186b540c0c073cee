import { type CallMode, limits, type MediaRateHz } from '@agentao/protocol';
import type { ModeOptions } from './active-call.ts';
import type { CallLife } from './call-life.ts';
import { WSSCallCommandError, WSSCallCommandTimeoutError } from './errors.ts';
import { lastPosition, ModeRequests } from './mode-requests.ts';
import type { OrderedCommands } from './ordered-commands.ts';
import { type PlayoutWaitOptions, queuedWhole } from './playout-wait.ts';

/** What the verbs work on. */
export interface ModeVerbsOptions {
  readonly life: CallLife;
  readonly sampleRateHz: MediaRateHz;
  readonly commands: OrderedCommands;
  readonly sound: PlayoutWaitOptions;
}

/** `whisper`, `barge` and `spy` of one call. */
export class ModeVerbs {
  readonly #options: ModeVerbsOptions;
  readonly #requests = new ModeRequests();
  /** Tells the verb that waits here for its audio to be queued that there is a newer one. */
  #supersede: () => void = () => undefined;

  constructor(options: ModeVerbsOptions) {
    this.#options = options;
  }

  /** Resolves when the switch has changed the mode. */
  async change(mode: CallMode, { afterPlayout = false, keepQueued = false }: ModeOptions): Promise<void> {
    const { life, commands, sound } = this.#options;
    const current = life.mode;
    const settled = this.#requests.begin(mode);
    this.#supersede();
    try {
      if (afterPlayout) {
        await this.#changeAfterPlayout(mode);
      } else if (!keepQueued && current !== null && this.#requests.admitsListener(mode, current)) {
        sound.player.stop();
        await commands.discardInto(mode);
      } else {
        await commands.send({ type: 'mode', mode });
      }
      settled();
    } catch (error) {
      // What was not answered in time may still come into force.
      if (!(error instanceof WSSCallCommandTimeoutError)) settled();
      throw error;
    }
  }

  async #changeAfterPlayout(mode: CallMode): Promise<void> {
    const { sound, sampleRateHz } = this.#options;
    const whole = queuedWhole(sound);
    if (whole !== undefined) {
      // One that waits in the switch gives way now, and not when it is known where this one begins.
      if (this.#requests.isWaiting) void this.#modeAt(mode, lastPosition);
      await this.#unlessSuperseded(whole);
    }
    const afterPosition = sound.outgoing.end;
    const remainingMs = ((afterPosition - sound.playout.played) / sampleRateHz) * 1000;
    await this.#modeAt(mode, afterPosition, { timeoutMs: Math.ceil(remainingMs) + limits.commandTimeoutMs });
  }

  /** Sends a mode that waits in the switch until `afterPosition` has been heard. */
  #modeAt(mode: CallMode, afterPosition: number, options: { readonly timeoutMs?: number } = {}): Promise<unknown> {
    return this.#requests.waiting(this.#options.commands.send({ type: 'mode', mode, afterPosition }, options));
  }

  /** Waits for `whole`, but for no longer than until a newer verb comes. */
  #unlessSuperseded(whole: Promise<void>): Promise<void> {
    const { callId } = this.#options.life;
    return new Promise((resolve, reject) => {
      this.#supersede = () =>
        reject(new WSSCallCommandError('INVALID_STATE', 'superseded by a newer mode verb', { callId }));
      void whole.then(resolve);
    });
  }
}
