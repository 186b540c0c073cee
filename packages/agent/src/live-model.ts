import type { Clock } from '@agentao/clock';
import type { ActiveCall } from '@agentao/calls';
import type { Logger } from './logger.ts';
import type { Tool } from './tool.ts';

/** What a live model can do beside hearing and speaking. */
export interface LiveModelAbilities {
  /** It can be told how much of what it said was heard: its connections have `truncate`. */
  readonly truncation: boolean;
  /** Text may be sent while audio flows; otherwise it waits until nobody speaks. */
  readonly textDuringAudio: boolean;
  /** A connection that is lost, or has to be left, is made again by the model itself, with nothing forgotten. */
  readonly resumption: boolean;
}

/** A voice model that hears and speaks at once. One object serves any number of calls; each opens it once. */
export interface LiveModel {
  /** For logs, records and spans, such as `gemini-3-flash-live`. */
  readonly name: string;
  /** Rate of the audio it wants. */
  readonly inputRateHz: number;
  /** Rate of the audio it gives. */
  readonly outputRateHz: number;
  /** Length of the pieces in which it wants audio, 20 to 200. */
  readonly chunkMs: number;
  readonly abilities: LiveModelAbilities;
  /** Resolves when the model is ready to hear. Rejects with `LiveModelError`; nothing is left open then. */
  open(session: LiveSession): Promise<LiveConnection>;
}

/** A tool as a model is told of it. */
export interface ToolDeclaration {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments: an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What a model is told of the call it is opened for. */
export interface LiveSession {
  readonly call: ActiveCall;
  /** The clock of the call. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the model is to be and to do; may be empty. */
  readonly instruction: string;
  readonly tools: readonly ToolDeclaration[];
  /** Aborts when the model is no longer wanted: opening is given up, a connection closes. */
  readonly signal: AbortSignal;
  /** Told everything in order; never throws. Nothing may come before `open` has been called, or after `closed`. */
  readonly onEvent: (event: LiveEvent) => void;
  /**
   * Runs a tool with the deadline, the checks, the record and the span that those of `tools` get, for a framework that calls its tools itself.
   * Never rejects. `note`: what the model has to know beside, such as what was heard of it.
   */
  readonly runTool: (tool: Tool, request: ToolRequest) => Promise<ToolAnswer & { readonly note?: string }>;
}

/** A model that is on a call. */
export interface LiveConnection {
  /** What the caller says: `chunkMs` of it, at `inputRateHz`, from then on the model's. Never throws; what cannot be sent is dropped and counted. */
  sendAudio(samples: Int16Array): void;
  /** Text as if somebody had typed it. With `answer: false` it is only to be known; a model that cannot do so puts it before its next input. */
  sendText(text: string, options?: { readonly answer?: boolean }): void;
  /** Answers a `tool-call`. One that was cancelled is not to be answered. `note`: what the model has to know beside, such as what was heard of it. */
  sendToolAnswer(answer: ToolAnswer & { readonly id: string; readonly name: string; readonly note?: string }): void;
  /** Only with the ability `truncation`: of the turn that was interrupted, this much was heard. */
  truncate?(heard: { readonly heardMs: number; readonly heardText: string }): void;
  /** Resolves when nothing is left open. Idempotent, never rejects. */
  close(): Promise<void>;
}

/** A tool call of a model. */
export interface ToolRequest {
  readonly id: string;
  readonly name: string;
  /** As the model gave them: not checked. */
  readonly args: unknown;
  /** Aborts when the model no longer wants the answer. */
  readonly signal?: AbortSignal;
  /** When it was asked for, in milliseconds since the call reached the switch; a bridge knows it. */
  readonly startMs?: number;
}

/** What a model is answered: what the tool returned, JSON, or what went wrong, in words for the model. */
export type ToolAnswer = { readonly output: unknown } | { readonly error: string };

/** Tokens, as far as the model tells; `total` since the call began. */
export interface ModelUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
}

/** What a model does. */
export type LiveEvent =
  /** It speaks: at `outputRateHz`, faster than real time or not, from then on the receiver's. */
  | { readonly type: 'audio'; readonly samples: Int16Array }
  /**
   * Words: `text` is what is new, with its spaces; `final` closes what the speaker said. `endsAtMs` says, where it is known, when `text` ends, counted
   * from the first audio of the turn.
   */
  | {
      readonly type: 'transcript';
      readonly speaker: 'caller' | 'agent';
      readonly text: string;
      readonly final: boolean;
      readonly endsAtMs?: number;
    }
  | { readonly type: 'tool-call'; readonly id: string; readonly name: string; readonly args: unknown }
  /** These calls need no answer any more. */
  | { readonly type: 'tool-cancelled'; readonly ids: readonly string[] }
  /** The caller spoke: what was not heard of this turn is not to be heard. Audio after it belongs to the next turn. */
  | { readonly type: 'interrupted' }
  /** It has said what it had to say and listens; after an interruption too. */
  | { readonly type: 'turn-complete' }
  /** Since the last one. */
  | ({ readonly type: 'usage' } & ModelUsage)
  /** Its connection was made again; for the record. */
  | { readonly type: 'resumed'; readonly outageMs: number; readonly why: 'go-away' | 'lost' }
  /** The last one. With an error when nobody asked it to close. */
  | { readonly type: 'closed'; readonly error?: LiveModelError };

/** Why a live model cannot be had, or is lost. */
export type LiveModelErrorCode =
  /** The key, token or account is refused. */
  | 'REFUSED'
  /** It does not answer, in time or at all. */
  | 'UNREACHABLE'
  /** It broke off, and did not come back. */
  | 'LOST'
  /** What it was given is wrong: an unknown model, voice, or tool schema. */
  | 'BAD_REQUEST'
  /** What the integration needs is not installed, or of a version that does not work. */
  | 'NOT_INSTALLED'
  /** Called off by `signal`. */
  | 'ABORTED';

/** A live model that cannot be had, or is lost. The text says what to do and never holds a key. */
export class LiveModelError extends Error {
  override readonly name = 'LiveModelError';
  readonly code: LiveModelErrorCode;
  readonly retryable: boolean;

  constructor(code: LiveModelErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = code === 'UNREACHABLE' || code === 'LOST';
  }
}
