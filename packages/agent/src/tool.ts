import type { ActiveCall } from '@agentao/calls';
import type { z } from 'zod';

/** What a tool may use while it runs. */
export interface ToolContext {
  readonly call: ActiveCall;
  /** Aborts at the deadline, when the model cancels, and when the call ends. */
  readonly signal: AbortSignal;
  /**
   * Runs `action` once what the model says now, and says to the tool's answer, has been heard: `disconnect()` after the goodbye. If the caller
   * interrupts before, it is not run, and may be asked for again. False where one is waiting or has run. A text it resolves with, or an error it
   * rejects with, gives the call back to the model, which is told.
   */
  afterGoodbye(outcome: FinalOutcome, action: FinalAction): boolean;
  /** Whether an action waits, is run or has run: `afterGoodbye` would not take another one. */
  isEnding(): boolean;
}

/** What a tool does to a call at the end of a conversation. */
export type FinalOutcome = 'ended' | 'handed-off' | 'left';

/** Ends the agent's part in a call, or resolves with what the model is to know instead. */
export type FinalAction = (call: ActiveCall) => Promise<string | void>;

/** A function that the model may call. */
export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType;
  /** Default 20,000. */
  readonly timeoutMs: number;
  /** `args` have been checked against `input`. What it returns is JSON; what it throws is told to the model as an error. */
  execute(args: unknown, context: ToolContext): unknown;
}

/** How a tool is written: the arguments are typed by their schema. */
export interface ToolOptions<Input extends z.ZodType> {
  /** Letters, digits, _ and -, at most 64; the first one a letter or _. */
  readonly name: string;
  /** When to call it and what it does: the model reads this. */
  readonly description: string;
  /** An object; its descriptions are told to the model. */
  readonly input: Input;
  execute(args: z.output<Input>, context: ToolContext): unknown;
  readonly timeoutMs?: number;
}
