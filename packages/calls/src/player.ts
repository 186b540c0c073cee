import type { MediaRateHz } from '@agentao/protocol';
import type { PlayOutcome, PlaySource } from './active-call.ts';
import { checkSignal } from './call-arguments.ts';
import type { OutgoingAudio } from './outgoing-audio.ts';
import { piecesOf } from './play-source.ts';
import type { Playout } from './playout.ts';

/** What a player is made of. */
export interface PlayerOptions {
  readonly sampleRateHz: MediaRateHz;
  readonly outgoing: OutgoingAudio;
  readonly playout: Playout;
  /** Drops all audio not yet heard. */
  readonly discard: () => void;
}

const stopped = Symbol('stopped');

/** Plays sources one after another into the outgoing audio. */
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
    const { outgoing, playout, discard } = this.#options;
    checkSignal(signal);
    if (this.#ended) return 'ended';
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
      if (!(await feeding)) return this.#ended ? 'ended' : 'cleared';
      const outcome = await playout.wait(outgoing.end);
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

  /** Queues all pieces, in its turn. False if it was stopped. */
  async #feed(pieces: AsyncIterator<Int16Array>, stop: AbortController, turn: () => Promise<void>): Promise<boolean> {
    const { outgoing, sampleRateHz } = this.#options;
    const sliceSamples = Math.min(outgoing.capacityBytes / 2, sampleRateHz / 5);
    const { signal } = stop;
    this.#feeding.add(stop);
    let finished = false;
    try {
      await turn();
      while (!signal.aborted) {
        const piece = await untilStopped(pieces.next(), signal);
        if (piece === stopped) break;
        if (piece.done === true) {
          finished = true;
          return true;
        }
        for (let start = 0; start < piece.value.length; start += sliceSamples) {
          await outgoing.sendInTurn(piece.value.slice(start, start + sliceSamples), signal);
        }
      }
      return false;
    } catch (error) {
      if (signal.aborted || this.#ended) return false;
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
