import type { Party } from '@agentao/protocol';

/** Something that somebody said, whole. */
export interface Utterance {
  /** `callee` where the parties are listened to apart. */
  readonly speaker: Party | 'agent';
  readonly text: string;
  /** When it began, in ms since the call reached the switch. */
  readonly atMs: number;
  /** Where the agent was interrupted: what was heard of it. `estimated` where no timing of words is known. */
  readonly cutOff?: { readonly heardText: string; readonly estimated: boolean };
}

/** Something that somebody says: `text` is all of it so far. `final` comes once, with the `cutOff` if it was. */
export interface TranscriptUpdate extends Utterance {
  readonly final: boolean;
}

/** One time that the agent spoke. Times are ms since the call reached the switch. */
export interface Turn {
  /** From 0. */
  readonly index: number;
  /** Its first sound at the caller's ear; `undefined` where nothing was heard. */
  readonly startMs: number | undefined;
  /** Its last one. */
  readonly endMs: number | undefined;
  /** From the end of the caller's words to the first sound, at the ear; `undefined` where nobody had spoken. */
  readonly latencyMs: number | undefined;
  readonly interrupted: boolean;
  readonly text: string;
  /** What of `text` was heard. */
  readonly heardText: string;
}

/** One run of a tool. */
export interface ToolRun {
  readonly id: string;
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly outcome: 'ok' | 'failed' | 'timeout' | 'cancelled' | 'unknown-tool' | 'bad-arguments';
}
