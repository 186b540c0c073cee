import { voiceAgent, type AgentResult, type VoiceAgentOptions } from '@agentao/agent';
import type { ActiveCall } from '@agentao/calls';
import type { BaseAgent, Event, RunConfig, Runner } from '@google/adk';
import { adkModel } from './adk-model.ts';

/** An agent of the kit that takes calls. Instruction and tools are the agent's own. */
export interface AdkAgentOptions extends Omit<VoiceAgentOptions, 'model' | 'instruction' | 'tools'> {
  /** Run by a runner with sessions in memory, one a call, gone when it ends. This, or `runner`. */
  readonly agent?: BaseAgent;
  /** A runner with services of its own; the session of a call has the id of the call. */
  readonly runner?: Runner;
  /** Whose session it is. Default: the caller's number, or `anonymous`. */
  readonly userId?: (call: ActiveCall) => string;
  /** What a new session begins with, for instructions such as `Talk to {name}.`; asked for while it rings. */
  readonly state?: (call: ActiveCall) => Record<string, unknown> | Promise<Record<string, unknown>>;
  /** More of the kit's `RunConfig`, such as `speechConfig`; comes last. */
  readonly runConfig?: Partial<RunConfig>;
  /** Each event of the kit. What it throws is logged. */
  readonly onEvent?: (event: Event, call: ActiveCall) => void;
  /** How long setting up a connection may take. Default 10,000. */
  readonly setupTimeoutMs?: number;
}

/**
 * Makes a handler of calls that lets an agent of the kit talk, with its sub-agents, tools, callbacks and plugins as they are. `@google/adk` is loaded when the
 * first call comes. Throws `TypeError` for options that are wrong; the handler never rejects.
 */
export function adkAgent(options: AdkAgentOptions): (call: ActiveCall) => Promise<AgentResult> {
  const { agent, runner, setupTimeoutMs = 1 } = options;
  if ((agent === undefined) === (runner === undefined)) throw new TypeError('adkAgent: one of agent and runner');
  if (!(Number.isFinite(setupTimeoutMs) && setupTimeoutMs > 0)) {
    throw new TypeError('setupTimeoutMs: a positive number of milliseconds');
  }
  return voiceAgent({ ...options, model: adkModel(options) });
}
