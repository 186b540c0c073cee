import {
  type Bridge,
  bridgeCall,
  type LiveConnection,
  type LiveEvent,
  type LiveModel,
  type LiveSession,
} from '@agentao/agent';
import { speech } from '@agentao/audio/speech';
import type { CallHandler } from '@agentao/calls';

/** What a model was told, and when, on the clock of the call. */
export interface Told {
  readonly text: string;
  readonly answer: boolean;
  readonly atMs: number;
}

/** A model for one call that does nothing by itself: a test says what it does, and sees what it is told. */
export interface HandModel extends LiveModel {
  /** What the caller said, as it came. */
  readonly pieces: readonly Int16Array[];
  readonly texts: readonly Told[];
  readonly answers: readonly Parameters<LiveConnection['sendToolAnswer']>[0][];
  readonly truncations: readonly { readonly heardMs: number; readonly heardText: string }[];
  /** Does this now. */
  does(...events: readonly LiveEvent[]): void;
  /** Gives this out at once, words of which it does not know when they end. */
  says(text: string): void;
  /** Gives out the sound of this alone. */
  sounds(text: string): void;
}

function soundOf(text: string): LiveEvent {
  return { type: 'audio', samples: speech.encode(text, { sampleRateHz: 24_000, band: 'high' }) };
}

/** Makes one. */
export function handModel(abilities: Partial<LiveModel['abilities']> = {}): HandModel {
  const pieces: Int16Array[] = [];
  const texts: Told[] = [];
  const answers: HandModel['answers'][number][] = [];
  const truncations: HandModel['truncations'][number][] = [];
  let session: LiveSession | undefined;
  const does = (...events: readonly LiveEvent[]): void => {
    for (const event of events) session?.onEvent(event);
  };
  return {
    name: 'by-hand',
    inputRateHz: 16_000,
    outputRateHz: 24_000,
    chunkMs: 20,
    abilities: { truncation: false, textDuringAudio: false, resumption: false, ...abilities },
    pieces,
    texts,
    answers,
    truncations,
    does,
    says: (text) => does({ type: 'transcript', speaker: 'agent', text, final: false }, soundOf(text)),
    sounds: (text) => does(soundOf(text)),
    open: (opened) => {
      session = opened;
      return Promise.resolve({
        sendAudio: (samples) => void pieces.push(samples),
        sendText: (text, { answer = true } = {}) => void texts.push({ text, answer, atMs: opened.clock.now() }),
        sendToolAnswer: (answer) => void answers.push(answer),
        truncate: (heard) => void truncations.push(heard),
        close: () => Promise.resolve(),
      });
    },
  };
}

/** Puts this model on calls, and answers them; a test gets the bridges. */
export function bridging(model: LiveModel, bridges: Bridge[]): CallHandler {
  return async (call) => {
    const bridge = await bridgeCall(call, model);
    bridges.push(bridge);
    await call.answer();
    await bridge.end;
  };
}
