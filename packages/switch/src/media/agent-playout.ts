import { createSampleRing } from '@agentao/audio';
import { type Discard, type FrameHeader, frameFlags, limits, ProtocolError, tracks } from '@agentao/protocol';
import { createMarkList } from './mark-list.ts';
import { ticksPerSecond } from './bus.ts';

/** Where a playout tells the agent how far it is. Called between ticks or at the end of one, never from `pull`. */
export interface PlayoutSink {
  credit(generation: number, upTo: number): void;
  playout(generation: number, played: number): void;
}

/** What a clear left. */
export interface Cleared {
  /** Position after the last sample heard. */
  readonly position: number;
  /** Samples accepted by the client that nobody will hear. */
  readonly clearedSamples: number;
}

/** The switch's end of an agent's outgoing audio: a bounded queue in samples at the link's rate, by absolute position. */
export interface AgentPlayout {
  readonly generation: number;
  /** Position after the last sample taken in. */
  readonly received: number;
  /** Position after the last sample heard, or jumped over by a clear. */
  readonly played: number;
  /** Audio is taken up to this position (exclusive). */
  readonly upTo: number;
  readonly windowSamples: number;
  /** The audio before this position is heard apart from the audio behind it: the tick that reaches it is padded. */
  splitAt: number | undefined;
  /** Another connection takes the audio from here on: the marks of the last one go with it. */
  forgetMarks(): void;
  /** Plays nothing until the next clear, which is known to be under way. */
  holdForClear(): void;
  /** Takes one frame; copies. Audio of older generations is dropped. Throws `ProtocolError`: `BAD_AUDIO`, `CREDIT_EXCEEDED`. */
  push(header: FrameHeader, samples: Int16Array): void;
  /** Reports as soon as `position` has been heard. Throws `ProtocolError` (`BAD_MESSAGE`) beyond the bound of waiting marks. */
  mark(position: number): void;
  /** Why `discard` cannot be obeyed, or `undefined` if it can. */
  refuses(discard: Discard): string | undefined;
  /** Drops what is queued and goes on in a new generation; reports. Throws `RangeError` where `refuses` has a reason. */
  clear(discard: Discard): Cleared;
  /** One tick into `into`, padded with zeros; returns how many of its samples are the agent's. */
  pull(into: Int16Array): number;
  /** Sends the credit and the report that the last `pull` made due. */
  report(): void;
}

/** Rate and round trip of the link whose audio is played out. */
export interface PlayoutOptions {
  readonly sampleRateHz: number;
  /** As measured at attach; the window stays what it was then. */
  readonly roundTripMs: number;
  readonly sink: PlayoutSink;
}

/** Credit moves in steps of at least this, so that the agent answers with few, large frames. */
const creditStepMs = 100;

const maxPosition = 0xffff_ffff;

/** Makes the playout of a new agent: position 0, generation 0, one full window of credit. */
export function createAgentPlayout({ sampleRateHz, roundTripMs, sink }: PlayoutOptions): AgentPlayout {
  const samplesOf = (ms: number): number => Math.round((ms * sampleRateHz) / 1000);
  const tickSamples = sampleRateHz / ticksPerSecond;
  const windowSamples = samplesOf(
    Math.min(limits.creditBaseMs + 2 * Math.max(0, Math.ceil(roundTripMs)), limits.creditMaxMs),
  );
  const creditStep = samplesOf(creditStepMs);
  const reportStep = samplesOf(limits.playoutReportMs);

  const queue = createSampleRing(windowSamples);
  const marks = createMarkList(limits.pendingMarks);
  let generation = 0;
  let received = 0;
  let played = 0;
  let upTo = windowSamples;
  let reported = 0;
  let ended = false;
  /** A partial tick has been held back once. */
  let held = false;
  let awaitsClear = false;
  let reportDue = false;
  let splitAt: number | undefined;

  /** How many samples the next tick takes: a full one, what a split or the track's end leaves, or what was held. */
  const takeable = (): number => {
    if (awaitsClear) return 0;
    const wanted = splitAt === undefined ? tickSamples : Math.min(tickSamples, Math.max(0, splitAt - played));
    const queued = queue.length;
    if (queued >= wanted) return wanted;
    if (queued === 0 || ended || held) return queued;
    held = true;
    return 0;
  };

  return {
    get generation() {
      return generation;
    },
    get received() {
      return received;
    },
    get played() {
      return played;
    },
    get upTo() {
      return upTo;
    },
    windowSamples,
    get splitAt() {
      return splitAt;
    },
    set splitAt(position) {
      splitAt = position;
    },

    forgetMarks: () => marks.clear(),
    holdForClear: () => {
      awaitsClear = true;
    },

    push(header, samples) {
      const age = (generation - header.generation) & 0xff;
      if (age >= 1 && age < 128) return;
      if (age !== 0) throw new ProtocolError('BAD_AUDIO', 'audio of a generation that has not begun');
      if (header.track !== tracks.agent) throw new ProtocolError('BAD_AUDIO', 'audio on a track that is not the agent');
      if (header.position !== received) {
        throw new ProtocolError('BAD_AUDIO', `audio at position ${header.position}, the next is ${received}`);
      }
      if (received + samples.length > upTo) {
        throw new ProtocolError(
          'CREDIT_EXCEEDED',
          `audio up to ${received + samples.length}, the credit ends at ${upTo}`,
        );
      }
      queue.write(samples);
      received += samples.length;
      ended = (header.flags & frameFlags.endOfTrack) !== 0;
    },

    mark(position) {
      if (position <= played) sink.playout(generation, played);
      else if (!marks.add(position)) throw new ProtocolError('BAD_MESSAGE', 'too many marks are waiting');
    },

    refuses(discard) {
      const next = (generation + 1) & 0xff;
      if (discard.generation !== next) return `generation is ${discard.generation}, the next one is ${next}`;
      if (!(discard.position >= received && discard.position + windowSamples <= maxPosition)) {
        return `position is ${discard.position}, ${received} has been received and a window must fit behind it`;
      }
      return undefined;
    },

    clear(discard) {
      const { position } = discard;
      if ((discard.generation & 0xff) !== ((generation + 1) & 0xff) || position < received) {
        throw new RangeError('clear: generation or position does not follow');
      }
      const cleared = { position: played, clearedSamples: position - played };
      queue.clear();
      generation = discard.generation;
      received = position;
      played = position;
      upTo = position + windowSamples;
      ended = false;
      held = false;
      awaitsClear = false;
      splitAt = undefined;
      marks.reach(position);
      reported = played;
      reportDue = false;
      sink.playout(generation, played);
      return cleared;
    },

    pull(into) {
      const count = takeable();
      if (count === 0) {
        into.fill(0);
        // Dry is a tick that finds nothing, not one that takes the last: who sends at the pace of hearing is not told of every tick.
        reportDue = queue.length === 0 && played !== reported;
        return 0;
      }
      queue.read(count === into.length ? into : into.subarray(0, count));
      into.fill(0, count);
      held = false;
      played += count;
      reportDue = marks.reach(played) || played - reported >= reportStep;
      return count;
    },

    report() {
      if (reportDue) {
        reportDue = false;
        reported = played;
        sink.playout(generation, played);
      }
      const grantable = Math.min(maxPosition, played + windowSamples);
      if (grantable - upTo >= creditStep) {
        upTo = grantable;
        sink.credit(generation, upTo);
      }
    },
  };
}
