import {
  type FrameHeader,
  frameFlags,
  type IncomingTrack,
  type MediaRateHz,
  ProtocolError,
  tracks,
} from '@agentao/protocol';
import type { Observable } from 'rxjs';
import type { AudioChunk } from './active-call.ts';
import { AudioReader } from './audio-reader.ts';
import { GuardedObservable, type ReportError } from './guarded-observable.ts';

/** What the incoming side of a call is made of. */
export interface IncomingAudioOptions {
  readonly sampleRateHz: MediaRateHz;
  /** Takes what a subscriber threw. */
  readonly report: ReportError;
  /** The tracks somebody listens to have changed; `mix` is always among them. */
  readonly onTracks: (wanted: readonly IncomingTrack[]) => void;
  /** A slow reader has lost audio. */
  readonly onDropped: (party: IncomingTrack, samples: number) => void;
}

/** A reader or a subscriber. */
interface Listener {
  push(chunk: AudioChunk): void;
  end(): void;
}

const parties: readonly IncomingTrack[] = ['mix', 'caller', 'callee'];

/** How far a reader may lag behind. */
const boundSeconds = 10;

/** Audio from the switch to whoever listens; each gets its own copy. */
export class IncomingAudio {
  readonly #options: IncomingAudioOptions;
  readonly #listeners: ReadonlyMap<IncomingTrack, Set<Listener>> = new Map(parties.map((party) => [party, new Set()]));
  readonly #received: Partial<Record<IncomingTrack, number>> = {};
  #ended = false;

  constructor(options: IncomingAudioOptions) {
    this.#options = options;
  }

  /** For each track that has had audio: position after its last sample. */
  get received(): Readonly<Partial<Record<IncomingTrack, number>>> {
    return { ...this.#received };
  }

  /** Hands one frame on; `samples` may be reused afterwards. Throws `ProtocolError` where the track goes back. A track nobody listens to is dropped, and so is what was here before an outage. */
  frame({ track, flags, position }: FrameHeader, samples: Int16Array): void {
    const party = parties.find((name) => tracks[name] === track);
    const listeners = party === undefined ? undefined : this.#listeners.get(party);
    if (party === undefined || listeners === undefined) return;
    const received = this.#received[party] ?? 0;
    /** How much of the frame was here before: only what is replayed after an outage may be. */
    const known = Math.max(0, received - position);
    if (known > 0 && (flags & frameFlags.replayed) === 0) throw new ProtocolError('BAD_AUDIO', 'audio goes back');
    if (known > 0 && known >= samples.length) return;
    const fresh = known === 0 ? samples : samples.subarray(known);
    const positionSamples = position + samples.length - fresh.length;
    this.#received[party] = position + samples.length;
    const { sampleRateHz } = this.#options;
    for (const listener of listeners) listener.push({ samples: fresh.slice(), positionSamples, party, sampleRateHz });
  }

  stream(party: IncomingTrack, signal: AbortSignal | undefined): AsyncIterable<AudioChunk> {
    return { [Symbol.asyncIterator]: () => this.#open(party, signal) };
  }

  observe(party: IncomingTrack): Observable<AudioChunk> {
    const { report } = this.#options;
    return new GuardedObservable<AudioChunk>(report, (subscriber) => {
      const listener: Listener = {
        push: (chunk) => {
          try {
            subscriber.next(chunk);
          } catch (error) {
            // A teardown of the subscriber's own chain threw.
            report(error);
          }
        },
        end: () => subscriber.complete(),
      };
      this.#add(party, listener);
      return () => this.#remove(party, listener);
    });
  }

  /** The call has ended. */
  end(): void {
    this.#ended = true;
    for (const listeners of this.#listeners.values()) {
      for (const listener of listeners) {
        try {
          listener.end();
        } catch (error) {
          this.#options.report(error);
        }
      }
      listeners.clear();
    }
  }

  #open(party: IncomingTrack, signal: AbortSignal | undefined): AudioReader {
    const { sampleRateHz, onDropped } = this.#options;
    const onAbort = (): void => void reader.return();
    const reader = new AudioReader({
      boundSamples: boundSeconds * sampleRateHz,
      reportSamples: sampleRateHz,
      onDropped: (samples) => onDropped(party, samples),
      onClosed: () => {
        signal?.removeEventListener('abort', onAbort);
        this.#remove(party, reader);
      },
    });
    this.#add(party, reader);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort);
    return reader;
  }

  #add(party: IncomingTrack, listener: Listener): void {
    if (this.#ended) {
      listener.end();
      return;
    }
    const listeners = this.#listeners.get(party);
    listeners?.add(listener);
    if (listeners?.size === 1) this.#tracksChanged(party);
  }

  #remove(party: IncomingTrack, listener: Listener): void {
    const listeners = this.#listeners.get(party);
    if (listeners?.delete(listener) && listeners.size === 0) this.#tracksChanged(party);
  }

  #tracksChanged(party: IncomingTrack): void {
    if (this.#ended || party === 'mix') return;
    this.#options.onTracks(parties.filter((name) => name === 'mix' || (this.#listeners.get(name)?.size ?? 0) > 0));
  }
}
