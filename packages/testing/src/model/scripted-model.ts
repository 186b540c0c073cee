import type { LiveModel } from '@agentao/agent';
import type { ModelRules } from './rules.ts';
import type { Voice } from './voice.ts';

/** A model in this process: on any clock, without a socket. */
export interface ScriptedModelOptions {
  /** Default: tones, in the high band. */
  readonly voice?: Voice;
  /** Default 300: how long it thinks before it speaks. */
  readonly thinkMs?: number;
  /** Abilities to try a bridge with. Default: none of them. */
  readonly abilities?: Partial<LiveModel['abilities']>;
}

/** What a test sees of a model, beside what is heard. */
export interface ScriptedModel extends LiveModel {
  /** One entry a call, by the order in which they were opened. */
  readonly sessions: readonly ScriptedSession[];
}

/** One call of a scripted model, and what can be done to it. */
export interface ScriptedSession {
  readonly callId: string;
  readonly instruction: string;
  readonly tools: readonly string[];
  /** What the caller said, turn by turn, as the model heard it. */
  readonly heard: readonly string[];
  /** Texts that asked for no answer, and what it was told of interruptions. */
  readonly notes: readonly string[];
  readonly answers: readonly { readonly name: string; readonly answer: unknown }[];
  readonly closed: boolean;
  /** Says this now, unasked. */
  say(text: string): void;
  /** Calls a tool now, by the rules or not. */
  call(name: string, args?: unknown): void;
  /** Breaks off, as a server does that crashes. */
  lose(): void;
}

/** Makes a model that answers by rules. */
export function scriptedModel(rules: ModelRules, options: ScriptedModelOptions = {}): ScriptedModel {
  void [rules, options];
  throw new Error('not built yet');
}
