import type { ActiveCall, IncomingTrack, PlaySource } from '@agentao/calls';
import type { ToolRun, TranscriptUpdate, Turn, Utterance } from './conversation.ts';
import type { LiveModel, LiveModelError, ModelUsage, ToolAnswer, ToolDeclaration, ToolRequest } from './live-model.ts';
import { openBridge } from './bridge/open-bridge.ts';
import { CallNotes } from './voice/call-notes.ts';
import type { Logger } from './logger.ts';

/** How a model is put on a call. */
export interface BridgeOptions {
  readonly instruction?: string;
  readonly tools?: readonly ToolDeclaration[];
  /** What the model hears. Default `mix`. */
  readonly listen?: IncomingTrack;
  /** Takes what the model says, at its rate, instead of the call; what is taken is the receiver's. Turns are then what was said, not heard. */
  readonly onAudio?: (samples: Int16Array, sampleRateHz: number) => void;
  /** Runs a tool; its answer goes to the model, what it throws as an error. Default: every tool is unknown. */
  readonly onTool?: (request: ToolRequest) => ToolAnswer | Promise<ToolAnswer>;
  readonly onTranscript?: (update: TranscriptUpdate) => void;
  readonly onTurn?: (turn: Turn) => void;
  /** Whether the model is heard from the beginning. Default true. */
  readonly speaks?: boolean;
  readonly logger?: Logger;
}

/** How a turn came out at the ear. */
export type TurnOutcome = 'heard' | 'interrupted' | 'ended' | 'timeout';

/** Why a bridge is down. */
export type BridgeEnd =
  | { readonly why: 'call-ended' }
  | { readonly why: 'closed' }
  | { readonly why: 'model-lost'; readonly error: LiveModelError };

/** A model on a call, until one of them is gone. */
export interface Bridge {
  /** Text to the model; by default it answers. What it has to know of earlier interruptions goes before it. */
  sendText(text: string, options?: { readonly answer?: boolean }): void;
  /** Silences at the ear what the model says now, as if the caller had interrupted; what still comes of it is dropped. */
  interrupt(): Promise<void>;
  /**
   * Plays a clip before what the model says next; resolves when it was heard or cut off. A caller who speaks cuts it off; what has to be heard to its end
   * is for `play` of the call.
   */
  play(source: PlaySource): Promise<TurnOutcome>;
  /**
   * Until the model has said what it says now, or next if it is silent, also to the answers of tools that run, and all of it was heard. `timeout` if it has neither spoken nor finished
   * in `timeoutMs` (default 10,000) without sound.
   */
  turnHeard(options?: { readonly timeoutMs?: number }): Promise<TurnOutcome>;
  /** Whether the model hears the call and is heard; at the beginning true. While false, what it says is dropped. */
  active: boolean;
  /** Whether the model is heard. While false, what it says is dropped, and it goes on hearing. */
  speaks: boolean;
  /** Resolves with the first sound of the model that waits for the call to be answered, or has been sent. */
  readonly firstSound: Promise<void>;
  /** What was said, complete utterances in order of their beginning. */
  readonly transcript: readonly Utterance[];
  readonly turns: readonly Turn[];
  readonly usage: ModelUsage;
  readonly end: Promise<BridgeEnd>;
  /** Takes the model off the call, which goes on. Idempotent. */
  close(): Promise<void>;
}

/** What happened in a call with a model. */
export interface Conversation {
  readonly transcript: readonly Utterance[];
  readonly turns: readonly Turn[];
  readonly tools: readonly ToolRun[];
  readonly usage: ModelUsage;
}

/**
 * Puts a model on a call, in any state: what it says before the call is answered waits. Resolves when the model is ready; rejects with `LiveModelError`.
 * Speaks, hears, interrupts, keeps turns and transcript, also on the call's record; knows nothing of greeting, silence or the end of the conversation: that is `voiceAgent`.
 */
export function bridgeCall(call: ActiveCall, model: LiveModel, options: BridgeOptions = {}): Promise<Bridge> {
  const notes = new CallNotes(call);
  return openBridge(call, model, {
    ...options,
    onTranscript: (update) => {
      const { final, ...utterance } = update;
      if (final) notes.transcript(utterance);
      options.onTranscript?.(update);
    },
    onTurn: (turn) => {
      // What was taken off the call was not heard on it.
      if (options.onAudio === undefined) notes.turn(turn);
      options.onTurn?.(turn);
    },
  });
}
