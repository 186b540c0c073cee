import type { Clock, Timer } from '@agentao/clock';
import type { SpokenSentence } from './voice.ts';

/** Options of {@link createVoiceOutput}. */
export interface VoiceOutputOptions {
  readonly clock: Clock;
  readonly sampleRateHz: number;
  /** Sound is given out so far ahead of when it is heard. */
  readonly leadMs: number;
  readonly onAudio: (samples: Int16Array) => void;
  readonly onWord: (text: string, endsAtMs: number | undefined) => void;
}

/** A sentence on its way out. */
export interface Giving {
  readonly text: string;
  readonly sentence: SpokenSentence;
  /** Half of it is out. */
  readonly onHalf: () => void;
  /** All of it is out. */
  readonly onGiven: () => void;
}

/** Gives sentences out in pieces, faster than they are heard, on the clock. */
export interface VoiceOutput {
  /** One at a time. Begins within the call. */
  give(giving: Giving): void;
  /** Something is being given out, or was and has not been heard yet. */
  readonly unheard: boolean;
  /** When everything that was given out has been heard, on the clock. */
  readonly heardAtMs: number;
  /** The words of the present sentence that have not been given out. */
  readonly rest: string;
  /** Nothing more is given out of it, and nothing counts as unheard. */
  stop(): void;
  /** Times of words count from the next audio on. */
  endTurn(): void;
}

const longestPieceMs = 200;

interface TimedWord {
  readonly text: string;
  /** In ms from the start of the sentence. */
  readonly startMs: number;
  readonly endMs?: number;
}

/** Makes one. Throws `RangeError` if `leadMs` is not above 0. */
export function createVoiceOutput(options: VoiceOutputOptions): VoiceOutput {
  const { clock, sampleRateHz, leadMs, onAudio, onWord } = options;
  if (!(leadMs > 0)) throw new RangeError('leadMs must be above 0');
  const pieceMs = Math.min(longestPieceMs, leadMs);
  const pieceSamples = Math.max(1, Math.floor((pieceMs * sampleRateHz) / 1000));
  let heardAtMs = Number.NEGATIVE_INFINITY;
  let turnMs = 0;
  let timer: Timer | undefined;
  let present: { readonly giving: Giving; readonly words: TimedWord[]; at: number; half: boolean } | undefined;

  const step = (): void => {
    timer = undefined;
    const own = present;
    if (own === undefined) return;
    const isPresent = (): boolean => present === own;
    while (isPresent()) {
      const { samples } = own.giving.sentence;
      if (own.at >= samples.length) {
        present = undefined;
        turnMs += (samples.length * 1000) / sampleRateHz;
        own.giving.onGiven();
        return;
      }
      const nowMs = clock.now();
      const startMs = Math.max(nowMs, heardAtMs);
      if (startMs + pieceMs > nowMs + leadMs) {
        timer = clock.setTimer(startMs + pieceMs - leadMs, step);
        return;
      }
      const piece = samples.slice(own.at, own.at + pieceSamples);
      own.at += piece.length;
      heardAtMs = startMs + (piece.length * 1000) / sampleRateHz;
      const untilMs = (own.at * 1000) / sampleRateHz;
      while (own.words[0] !== undefined && own.words[0].startMs < untilMs) {
        const { text, endMs } = own.words.shift() as TimedWord;
        onWord(text, endMs === undefined ? undefined : turnMs + endMs);
        if (!isPresent()) return;
      }
      onAudio(piece);
      if (isPresent() && !own.half && own.at * 2 >= samples.length) {
        own.half = true;
        own.giving.onHalf();
      }
    }
  };

  return {
    give: (giving) => {
      present = { giving, words: timed(giving, sampleRateHz), at: 0, half: false };
      step();
    },
    get unheard() {
      return present !== undefined || clock.now() < heardAtMs;
    },
    get heardAtMs() {
      return heardAtMs;
    },
    get rest() {
      return (present?.words ?? []).map(({ text }) => text).join(' ');
    },
    stop: () => {
      timer?.cancel();
      present = undefined;
      heardAtMs = Number.NEGATIVE_INFINITY;
      turnMs = 0;
    },
    endTurn: () => {
      turnMs = 0;
    },
  };
}

/** Words begin where the one before ends; where that is unknown, by their share of the letters. */
function timed({ text, sentence }: Giving, sampleRateHz: number): TimedWord[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const { samples, wordEndsMs } = sentence;
  if (wordEndsMs.length === words.length) {
    return words.map((word, index) => ({
      text: word,
      startMs: wordEndsMs[index - 1] ?? 0,
      endMs: wordEndsMs[index] as number,
    }));
  }
  const letters = words.reduce((sum, { length }) => sum + length, 0);
  const lengthMs = (samples.length * 1000) / sampleRateHz;
  let before = 0;
  return words.map((word) => {
    const startMs = (before / letters) * lengthMs;
    before += word.length;
    return { text: word, startMs };
  });
}
