import type { LiveConnection, LiveEvent, LiveModel } from '@agentao/agent';
import { speech } from '@agentao/audio/speech';

/** A model that does what a test tells it, in whatever order. */
export interface ToldModel extends LiveModel {
  /** What it does, while it is on a call. */
  tell(event: LiveEvent): void;
  /** Says these words: the sound alone, faster than real time. */
  sound(words: string): void;
  /** What it was answered. */
  readonly answers: readonly Parameters<LiveConnection['sendToolAnswer']>[0][];
  readonly texts: readonly string[];
}

/** Makes one, for one call. */
export function toldModel(): ToldModel {
  const answers: Parameters<LiveConnection['sendToolAnswer']>[0][] = [];
  const texts: string[] = [];
  let onEvent: (event: LiveEvent) => void = () => {};
  return {
    name: 'told',
    inputRateHz: 16_000,
    outputRateHz: 24_000,
    chunkMs: 100,
    abilities: { truncation: false, textDuringAudio: false, resumption: false },
    answers,
    texts,
    tell: (event) => onEvent(event),
    sound: (words) => {
      const samples = speech.encode(words, { sampleRateHz: 24_000, band: 'high' });
      onEvent({ type: 'audio', samples });
    },
    open: (session) => {
      ({ onEvent } = session);
      return Promise.resolve({
        sendAudio: () => {},
        sendText: (text) => void texts.push(text),
        sendToolAnswer: (answer) => void answers.push(answer),
        close: () => Promise.resolve(),
      });
    },
  };
}
