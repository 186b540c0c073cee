import type { SpeechBand } from '@agentao/audio/speech';
import type { Clock } from '@agentao/clock';
import type { ModelRules } from './rules.ts';
import type { Voice } from './voice.ts';

/** What a local model does; in order. */
export type RuleModelEvent =
  /** It hears that somebody began to speak, by voice activity. */
  | { readonly type: 'activity-start' }
  | { readonly type: 'activity-end' }
  /** A word that the caller said. `final` closes the turn of the caller. */
  | { readonly type: 'heard'; readonly text: string; readonly final: boolean }
  /** Sound, at the voice's rate, in pieces of at most 200 ms, ahead of real time by at most `leadMs`. */
  | { readonly type: 'audio'; readonly samples: Int16Array }
  /** Words of its own, as their sound is given out; `endsAtMs` from the first audio of the turn, where known. */
  | { readonly type: 'said'; readonly text: string; readonly endsAtMs?: number }
  | {
      readonly type: 'tool-calls';
      readonly calls: readonly {
        readonly id: string;
        readonly name: string;
        readonly args: Readonly<Record<string, unknown>>;
      }[];
    }
  | { readonly type: 'tools-cancelled'; readonly ids: readonly string[] }
  | { readonly type: 'interrupted' }
  /** Everything of this turn has been given out. */
  | { readonly type: 'generation-complete' }
  /** And would have been heard, if it was played as it came; also after `interrupted`. */
  | { readonly type: 'turn-complete' }
  /** A rule asks for this fault; the server sees to it. */
  | { readonly type: 'fault'; readonly fault: NonNullable<import('./rules.ts').ModelRule['fault']> };

/** What a local model is made of. */
export interface RuleModelOptions {
  readonly rules: ModelRules;
  readonly voice: Voice;
  readonly clock: Clock;
  readonly inputRateHz: number;
  readonly onEvent: (event: RuleModelEvent) => void;
  /** Silence after which the caller has finished. Default 500. */
  readonly endOfSpeechMs?: number;
  /** Bands in which callers speak. Default: low and middle; the model itself speaks in the high one. */
  readonly hears?: readonly SpeechBand[];
  /** How far sound is given out ahead of real time. Default 1,000. */
  readonly leadMs?: number;
}

/**
 * A model without intelligence: hears tone-coded speech by voice activity and decoding, answers by its rules, stops when it is interrupted. What it
 * keeps (captures, state, counts) can be taken out and put into another one, as a resumed session does.
 */
export interface RuleModel {
  hear(samples: Int16Array): void;
  /** The stream of the caller pauses: a turn that has begun ends. */
  audioStreamEnd(): void;
  /** Text. While the caller speaks it belongs to what the caller says; with `answer: false` it is only kept. */
  read(text: string, options?: { readonly answer?: boolean }): void;
  takeAnswer(answer: {
    readonly id: string;
    readonly name: string;
    readonly response: Readonly<Record<string, unknown>>;
  }): void;
  /** Everything it was told as text that asked for no answer. */
  readonly notes: readonly string[];
  /** JSON. */
  save(): unknown;
  restore(saved: unknown): void;
  close(): void;
}

/** Makes one for a session. */
export function createRuleModel(options: RuleModelOptions): RuleModel {
  void options;
  throw new Error('not built yet');
}
