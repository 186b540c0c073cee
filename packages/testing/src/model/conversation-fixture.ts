import { setImmediate as immediate } from 'node:timers/promises';
import { type SpeechBand, speech } from '@agentao/audio/speech';
import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import { createRuleModel, type RuleModel, type RuleModelEvent, type RuleModelOptions } from './rule-model.ts';
import type { ModelRule } from './rules.ts';
import { tonesVoice } from './voice.ts';

/** A caller and a model in virtual time. */
export interface TestConversation extends Disposable {
  readonly clock: VirtualClock;
  readonly model: RuleModel;
  readonly events: readonly (RuleModelEvent & { readonly atMs: number })[];
  /** Plays to the model as fast as somebody speaks. */
  play(samples: Int16Array): Promise<void>;
  /** Says something, and then nothing for so long. */
  says(text: string, options?: { readonly thenMs?: number; readonly band?: SpeechBand }): Promise<void>;
  silence(ms: number): Promise<void>;
  /** The words that it said, by its events, since this was asked last. */
  said(): string;
  types(): string[];
  /** The arguments of all tool calls so far, with their ids. */
  calls(): readonly { readonly id: string; readonly name: string; readonly args: unknown }[];
}

export const inputRateHz = 16_000;
export const chunkSamples: number = inputRateHz / 10;

export function converse(rules: readonly ModelRule[], options: Partial<RuleModelOptions> = {}): TestConversation {
  const clock = createVirtualClock({ settle: () => immediate() });
  const events: (RuleModelEvent & { readonly atMs: number })[] = [];
  const model = createRuleModel({
    rules: { rules },
    voice: tonesVoice(),
    clock,
    inputRateHz,
    ...options,
    onEvent: (event) => {
      events.push({ ...event, atMs: clock.now() });
      options.onEvent?.(event);
    },
  });
  let asked = 0;
  const play = async (samples: Int16Array): Promise<void> => {
    for (let at = 0; at < samples.length; at += chunkSamples) {
      const chunk = samples.slice(at, at + chunkSamples);
      await clock.advance((chunk.length * 1000) / inputRateHz);
      model.hear(chunk);
    }
  };
  const silence = (ms: number): Promise<void> => play(new Int16Array((ms * inputRateHz) / 1000));
  return {
    clock,
    model,
    events,
    play,
    silence,
    says: async (text, { thenMs = 6000, band = 'low' } = {}) => {
      await play(speech.encode(text, { sampleRateHz: inputRateHz, band }));
      await silence(thenMs);
    },
    said: () => {
      const fresh = events.slice(asked);
      asked = events.length;
      return fresh.flatMap((event) => (event.type === 'said' ? [event.text] : [])).join(' ');
    },
    types: () => events.map(({ type }) => type),
    calls: () => events.flatMap((event) => (event.type === 'tool-calls' ? event.calls : [])),
    [Symbol.dispose]: () => model.close(),
  };
}
