import type { ActiveCall, CallEnd, PlaySource } from '@agentao/calls';
import type { Conversation } from './bridge.ts';
import type { TranscriptUpdate, Turn } from './conversation.ts';
import type { LiveModel, LiveModelError } from './live-model.ts';
import type { Logger } from './logger.ts';
import { toolNames } from './tools/tool-names.ts';
import { runVoiceAgent } from './voice/run-voice-agent.ts';
import type { FinalOutcome, Tool } from './tool.ts';

/** An agent that talks. */
export interface VoiceAgentOptions {
  readonly model: LiveModel;
  /** What it is to be and to do; a function is asked for each call, while it rings. */
  readonly instruction?: string | ((call: ActiveCall) => string | Promise<string>);
  readonly tools?: readonly Tool[] | ((call: ActiveCall) => readonly Tool[]);
  /** What the caller hears first: text is what the model is asked to begin with, anything else is played as it is. Default: the caller begins. */
  readonly greeting?: string | { readonly play: PlaySource };
  readonly onTurn?: (turn: Turn, call: ActiveCall) => void;
  readonly onTranscript?: (update: TranscriptUpdate, call: ActiveCall) => void;
  /** Nobody has spoken for this long: the model asks whether somebody is there; once more: the call ends. Default 30,000; 0: never. */
  readonly silenceTimeoutMs?: number;
  /** The model is lost in mid-call. Default: `call.disconnect()`. */
  readonly onModelLost?: (call: ActiveCall, error: LiveModelError) => unknown;
  /** Default: standard error gets a line for each failure. */
  readonly logger?: Logger;
}

/** How a call with an agent came out. */
export interface AgentResult extends Conversation {
  /** `hung-up`: by somebody else than the agent. `silent`: nobody spoke any more. `failed`: the model could not be had, or was lost. */
  readonly outcome: FinalOutcome | 'hung-up' | 'silent' | 'failed';
  readonly ended: CallEnd;
  readonly error?: LiveModelError;
}

/**
 * Makes a handler of calls that lets a model talk. The model is opened while it rings; a call whose model cannot be had is declined with `close()`, so that
 * somebody else is rung. Resolves when the agent's part is over; never rejects. Throws `TypeError` for options that are wrong.
 */
export function voiceAgent(options: VoiceAgentOptions): (call: ActiveCall) => Promise<AgentResult> {
  checkOptions(options);
  return (call) => runVoiceAgent(call, options);
}

function checkOptions(options: VoiceAgentOptions): void {
  const { model, instruction, tools, greeting, silenceTimeoutMs = 0 } = options;
  if (typeof model?.open !== 'function') throw new TypeError('model: a live model, such as gemini({ ... })');
  if (instruction !== undefined && !['string', 'function'].includes(typeof instruction)) {
    throw new TypeError('instruction: a text, or a function of the call');
  }
  if (!Number.isFinite(silenceTimeoutMs) || silenceTimeoutMs < 0) {
    throw new TypeError('silenceTimeoutMs: milliseconds, 0 for never');
  }
  if (greeting !== undefined && typeof greeting !== 'string' && greeting?.play === undefined) {
    throw new TypeError('greeting: a text for the model, or { play: audio }');
  }
  if (typeof tools === 'function' || tools === undefined) return;
  if (!Array.isArray(tools)) throw new TypeError('tools: a list of tools, or a function of the call');
  toolNames(tools);
}
