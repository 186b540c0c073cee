import type { ActiveCall, CallEnd, CallHandler } from '@agentao/calls';
import type { SpeechBand } from '@agentao/audio/speech';
import type { Clock } from '@agentao/clock';

/** An app as it is tested: its handler, and what it wants to close in the end. */
export interface LabApp {
  readonly handler: CallHandler;
  close?(): unknown;
}

/** A whole system: a switch, a client with the handler, phones; in this process, on one clock, over memory sockets. */
export interface LabOptions {
  /** What takes the calls. One of `handler` and `app`. */
  readonly handler?: CallHandler;
  /** Makes it with the clock of the lab. */
  readonly app?: (environment: { readonly clock: Clock }) => LabApp | Promise<LabApp>;
  /** `virtual` (default): time runs while a test waits, as fast as it can. `system`: real time, for models that have sockets of their own. */
  readonly clock?: 'virtual' | 'system';
  /** Where virtual time begins. Default: 2026-01-05T10:00:00Z, a Monday. */
  readonly startAt?: Date;
  /** Rate of the agent's audio. Default 24,000. */
  readonly sampleRateHz?: 8000 | 16000 | 24000;
  /** The number that is called unless a test says otherwise. Default `+15559999`; calls to it ring nobody but the agent until `connect()`. */
  readonly number?: string;
  readonly maxCalls?: number;
}

/** Where tests call from. Ends everything when it is disposed of, and fails if a call, a timer or a socket of it is left. */
export interface Lab extends AsyncDisposable {
  readonly clock: Clock;
  /** The phone with this number; the same one each time. A callee's number is the called one. */
  phone(number: string, options?: LabPhoneOptions): LabPhone;
  /** The calls that the handler got, oldest first. */
  readonly calls: readonly ActiveCall[];
  /** What the handler returned or threw, by call id, when it is done. */
  handled(callId: string): Promise<unknown>;
  /** What was written on the call's record: `annotate`. */
  annotations(callId: string): readonly { readonly kind: string; readonly data: unknown }[];
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
}

/** How somebody's phone behaves, and how they speak. */
export interface LabPhoneOptions {
  /** What it does when it is rung. Default: nothing; a test answers. */
  readonly whenRung?: 'nothing' | 'answers' | 'rejects';
  /** After how long. Default 1,000. */
  readonly afterMs?: number;
  /** Default: `low` for who calls, `middle` for who is rung. */
  readonly band?: SpeechBand;
}

/** A phone. */
export interface LabPhone {
  readonly number: string;
  /** Dials, and resolves when the call is on its way; see `LabCall.answered`. Default: the lab's number. */
  call(to?: string): Promise<LabCall>;
  /** The call that rings here, once it does. */
  rung(options?: { readonly withinMs?: number }): Promise<LabCall>;
}

/** One phone's side of a call. */
export interface LabCall {
  /** Only for a phone that is rung. */
  answer(): void;
  reject(): void;
  /** Resolves when it is answered, rejects with what happened instead. */
  answered(options?: { readonly withinMs?: number }): Promise<void>;
  /**
   * Resolves when these words were heard at this ear, after whatever an earlier `hears` found; rejects with what was heard instead after `withinMs`
   * (default 15,000). Case and punctuation do not count.
   */
  hears(text: string, options?: { readonly withinMs?: number; readonly from?: SpeechBand }): Promise<void>;
  /** Says it, and resolves when the last word has left. */
  says(text: string): Promise<void>;
  press(digits: string): void;
  hangUp(): void;
  /** Everything heard here so far; a word that was cut off ends with `-`. */
  readonly heard: string;
  heardFrom(band: SpeechBand): string;
  /** Resolves when the call is over for this phone; rejects if it is not within `withinMs` (default 15,000). */
  ended(options?: { readonly withinMs?: number }): Promise<CallEnd>;
  /** What this ear heard, as WAV. */
  recording(): Uint8Array;
}

/** Something that did not happen in time; the text tells what happened instead, with the times. */
export class LabError extends Error {
  override readonly name = 'LabError';
}

/** Makes a lab, ready for calls. */
export function createLab(options: LabOptions): Promise<Lab> {
  void options;
  throw new Error('not built yet');
}
