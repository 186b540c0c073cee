import { Observable, type OperatorFunction } from 'rxjs';
import type { AudioChunk } from '../active-call.ts';
import { invalidArgument } from '../errors.ts';

/**
 * Cuts audio anew into chunks of `ms`. The last chunk before a gap, and the last of all, may be shorter, so that each chunk is
 * of one piece. Throws `INVALID_ARGUMENT` unless `ms` is at least 1.
 */
export function chunkAudio(ms: number): OperatorFunction<AudioChunk, AudioChunk> {
  if (!(ms >= 1 && ms <= 60_000)) throw invalidArgument(`chunkAudio takes 1 to 60000 ms, got ${ms}`);
  return (source) =>
    new Observable((subscriber) => {
      let open: { readonly first: AudioChunk; readonly samples: Int16Array; filled: number } | undefined;

      const flush = (): void => {
        if (open === undefined || open.filled === 0) return;
        const { first, samples, filled } = open;
        open = undefined;
        subscriber.next({ ...first, samples: filled === samples.length ? samples : samples.slice(0, filled) });
      };

      const take = (chunk: AudioChunk): void => {
        const size = Math.max(1, Math.round((ms * chunk.sampleRateHz) / 1000));
        if (open !== undefined && open.first.positionSamples + open.filled !== chunk.positionSamples) flush();
        for (let taken = 0; taken < chunk.samples.length; ) {
          open ??= {
            first: { ...chunk, positionSamples: chunk.positionSamples + taken },
            samples: new Int16Array(size),
            filled: 0,
          };
          const piece = chunk.samples.subarray(taken, taken + open.samples.length - open.filled);
          open.samples.set(piece, open.filled);
          open.filled += piece.length;
          taken += piece.length;
          if (open.filled === open.samples.length) flush();
        }
      };

      return source.subscribe({
        next: take,
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          flush();
          subscriber.complete();
        },
      });
    });
}
