import { createVoiceActivity } from '@agentao/audio';
import { createSpeechDecoder, type SpeechBand } from '@agentao/audio/speech';
import type { Clock, Timer } from '@agentao/clock';

/** A turn of those who were heard. */
export interface HeardTurn {
  /** All of it as text, in the order in which words ended; a word that was cut off ends with `-`. */
  readonly text: string;
  /** The words that were whole, voice by voice: what was said at the same time is not mixed up. */
  readonly whole: string;
}

/** Options of {@link createCallerEar}. */
export interface CallerEarOptions {
  readonly clock: Clock;
  /** 8,000, 16,000, 24,000 or 48,000. */
  readonly sampleRateHz: number;
  readonly bands: readonly SpeechBand[];
  readonly endOfSpeechMs: number;
  /** Turns are what is between `begin` and `end`, whatever is heard there, and nothing else is listened to. Default: voice activity tells. */
  readonly toldActivity?: boolean;
  readonly onStart: () => void;
  /** A word; one that was cut off ends with `-`. Between `onStart` and `onEnd`. */
  readonly onWord: (text: string) => void;
  readonly onEnd: (turn: HeardTurn) => void;
}

/** Hears turns. Everything is told within `hear` and `pause`, or by the clock when sound stops coming within a turn. */
export interface CallerEar {
  /** Between `onStart` and `onEnd`. */
  readonly active: boolean;
  hear(samples: Int16Array): void;
  /** Nothing more comes for now: a turn that has begun ends. */
  pause(): void;
  /** A turn begins, or ends; only with `toldActivity`, and only where it does not already. */
  begin(): void;
  end(): void;
  close(): void;
}

/** Judged together, so that what is told comes in order however long the pieces are. */
const sliceMs = 10;
/** Words of one turn that are kept; the oldest go first. */
const maxWords = 1000;

/** Makes one, in silence. Throws `RangeError` for a rate that the resampler lacks, or a time that is not above 0. */
export function createCallerEar(options: CallerEarOptions): CallerEar {
  const { clock, sampleRateHz, bands, endOfSpeechMs, toldActivity = false, onStart, onWord, onEnd } = options;
  const endOfSpeechSamples = Math.round((endOfSpeechMs * sampleRateHz) / 1000);
  const sliceSamples = Math.round((sliceMs * sampleRateHz) / 1000);
  let words: { readonly band: SpeechBand; readonly text: string; readonly complete: boolean }[] = [];
  let active = false;
  let closed = false;
  let heardSamples = 0;
  /** Ends turns whose words are too quiet, or too drowned, to be voice. */
  let lastWordEnd = Number.NEGATIVE_INFINITY;
  let lastHeardAtMs = 0;
  let timer: Timer | undefined;

  const begin = (): void => {
    if (active || closed) return;
    active = true;
    if (!toldActivity) timer = clock.setTimer(clock.now() + endOfSpeechMs, checkClock);
    onStart();
  };
  const end = (): void => {
    active = false;
    timer?.cancel();
    const turn = words;
    words = [];
    const voices = Map.groupBy(
      turn.filter(({ complete }) => complete),
      ({ band }) => band,
    );
    const whole = [...voices.values()].flatMap((voice) => voice.map(({ text }) => text)).join(' ');
    onEnd({ text: turn.map(({ text }) => text).join(' '), whole });
  };

  const activity = createVoiceActivity({ sampleRateHz, releaseMs: endOfSpeechMs, onStart: begin });
  const decoder = createSpeechDecoder({
    sampleRateHz,
    bands,
    onWord: ({ text: letters, complete, band, endSample }) => {
      // Sounds that are no speech look like the beginning of a word now and then.
      if (closed || (!complete && !/^[\p{L}\p{N}\p{P}]+$/u.test(letters))) return;
      if (!complete && !active) return;
      const text = complete ? letters : `${letters}-`;
      lastWordEnd = endSample;
      begin();
      if (words.length === maxWords) words.shift();
      words.push({ band, text, complete });
      onWord(text);
    },
  });

  const take = (samples: Int16Array): void => {
    for (let at = 0; at < samples.length; at += sliceSamples) {
      if (closed) return;
      const slice = samples.subarray(at, at + sliceSamples);
      heardSamples += slice.length;
      decoder.push(slice);
      if (toldActivity) continue;
      activity.push(slice);
      if (active && !activity.active && heardSamples - lastWordEnd >= endOfSpeechSamples) end();
    }
  };
  // Long enough for a word that is cut off by it, too.
  const takeSilence = (): void => take(new Int16Array(endOfSpeechSamples + 10 * sliceSamples));
  const pause = (): void => {
    if (active && !toldActivity) takeSilence();
  };
  function checkClock(): void {
    if (clock.now() - lastHeardAtMs >= endOfSpeechMs) pause();
    else timer = clock.setTimer(lastHeardAtMs + endOfSpeechMs, checkClock);
  }

  return {
    get active() {
      return active;
    },
    hear: (samples) => {
      lastHeardAtMs = clock.now();
      if (active || !toldActivity) take(samples);
    },
    pause,
    begin: () => {
      if (toldActivity) begin();
    },
    end: () => {
      if (!active || !toldActivity) return;
      takeSilence();
      if (!closed) end();
    },
    close: () => {
      closed = true;
      timer?.cancel();
    },
  };
}
