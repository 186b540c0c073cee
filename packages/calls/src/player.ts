import type { MediaRateHz } from '@agentao/protocol';
import type { PlayOutcome, PlaySource } from './active-call.ts';
import { checkSignal } from './call-arguments.ts';
import { WSSCallCommandError } from './errors.ts';
import { handled } from './handled.ts';
import type { OutgoingAudio } from './outgoing-audio.ts';
import { piecesOf } from './play-source.ts';
import type { Playout } from './playout.ts';

/** What a player is made of. */
export interface PlayerOptions {
  readonly callId: string;
  readonly sampleRateHz: MediaRateHz;
  readonly outgoing: OutgoingAudio;
  readonly playout: Playout;
  /** Drops all audio not yet heard. */
  readonly discard: () => void;
}

/** A source that is queued whole. */
interface Fed {
  readonly heard: Promise<PlayOutcome | 'timeout'>;
}

const stopped = Symbol('stopped');

/** Playbacks at once that are not queued whole. */
const maxPlaybacks = 256;

/** Plays sources one after another into the outgoing audio. Beyond 256 that are not queued whole: `RATE_LIMITED`. */
export class Player {
  readonly #options: PlayerOptions;
  /** Those whose audio is not queued whole yet. */
  readonly #feeding = new Set<AbortController>();
  #turn: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** Rejects for a source that is not audio or that throws, and for a signal that is none. */
  async play(source: PlaySource, signal: AbortSignal | undefined): Promise<PlayOutcome> {
    const { callId, discard } = this.#options;
    checkSignal(signal);
    if (this.#ended) return 'ended';
    if (this.#feeding.size >= maxPlaybacks) {
      throw new WSSCallCommandError('RATE_LIMITED', `${maxPlaybacks} playbacks wait for their turn`, { callId });
    }
    const pieces = piecesOf(source, this.#options.sampleRateHz);
    if (signal?.aborted) return 'cleared';
    let begun = false;
    const stop = new AbortController();
    const onAbort = (): void => {
      stop.abort();
      if (begun) discard();
    };
    signal?.addEventListener('abort', onAbort);
    try {
      const turn = this.#turn;
      const feeding = this.#feed(pieces, stop, async () => {
        await untilStopped(turn, stop.signal);
        begun = true;
      });
      this.#turn = feeding.catch(() => undefined);
      const fed = await feeding;
      if (fed === undefined) return this.#ended ? 'ended' : 'cleared';
      const outcome = await fed.heard;
      return outcome === 'timeout' ? 'ended' : outcome;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Resolves when every playback begun so far is queued whole, or stopped; `undefined` if all are. */
  get feeding(): Promise<unknown> | undefined {
    return this.#feeding.size > 0 ? this.#turn : undefined;
  }

  /** Stops every playback that is not queued whole, those that wait for their turn too. */
  stop(): void {
    for (const stop of this.#feeding) stop.abort();
  }

  /** The call has ended. */
  end(): void {
    this.#ended = true;
    this.stop();
  }

  /** Queues all pieces, in its turn. `undefined` if it was stopped. */
  async #feed(
    pieces: AsyncIterator<Int16Array>,
    stop: AbortController,
    turn: () => Promise<void>,
  ): Promise<Fed | undefined> {
    const { outgoing, playout, sampleRateHz } = this.#options;
    const sliceSamples = Math.min(outgoing.capacityBytes / 2, sampleRateHz / 5);
    const { signal } = stop;
    this.#feeding.add(stop);
    let finished = false;
    try {
      await turn();
      while (!signal.aborted) {
        const piece = await untilStopped(pieces.next(), signal);
        // What has come may have been stopped since.
        if (piece === stopped || signal.aborted) break;
        if (piece.done === true) {
          finished = true;
          // From here on it is the wait that a clear reaches: it begins in the turn in which the feeding ends.
          this.#feeding.delete(stop);
          return { heard: handled(playout.wait(outgoing.end)) };
        }
        for (let start = 0; start < piece.value.length; start += sliceSamples) {
          await outgoing.sendInTurn(piece.value.slice(start, start + sliceSamples), signal);
        }
      }
      return undefined;
    } catch (error) {
      if (signal.aborted || this.#ended) return undefined;
      throw error;
    } finally {
      this.#feeding.delete(stop);
      // A source that is cut off is told so, and not waited for.
      if (!finished) pieces.return?.().catch(() => undefined);
    }
  }
}

/** The outcome of `promise`, or `stopped` as soon as the signal aborts; leaves no listener behind. */
function untilStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | typeof stopped> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(stopped);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort);
    promise
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
      .catch(() => undefined);
  });
}
