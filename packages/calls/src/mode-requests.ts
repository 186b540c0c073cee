import type { CallMode } from '@agentao/protocol';
import { handled } from './handled.ts';

/** Behind all that can be said. */
export const lastPosition = 0xffff_ffff;

const listeners: Readonly<Record<CallMode, number>> = { spy: 0, whisper: 1, barge: 2 };

/** Which modes may be in force when the switch reads the next command: the known one, and those asked for and not yet answered. */
export class ModeRequests {
  readonly #asked: CallMode[] = [];
  #waiting = 0;

  /** Whether a mode waits in the switch for its position. */
  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** Whether somebody would hear the agent in `mode` who may not hear it in one of the modes that may be in force. */
  admitsListener(mode: CallMode, current: CallMode): boolean {
    return [current, ...this.#asked].some((before) => listeners[mode] > listeners[before]);
  }

  /** Counts `mode` as asked for until the result is called. */
  begin(mode: CallMode): () => void {
    this.#asked.push(mode);
    return () => void this.#asked.splice(this.#asked.indexOf(mode), 1);
  }

  /** Counts a mode as waiting in the switch until its result is there. */
  waiting<T>(result: Promise<T>): Promise<T> {
    this.#waiting++;
    return handled(result.finally(() => this.#waiting--));
  }
}
