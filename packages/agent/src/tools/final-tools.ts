import { type ActiveCall, WSSCallCommandError } from '@agentao/calls';
import { z } from 'zod';
import type { Tool, ToolContext } from '../tool.ts';
import { defineTool } from './define-tool.ts';

/** How a ready-made tool is shown to the model. */
export interface FinalToolOptions {
  readonly name?: string;
  readonly description?: string;
}

/** How the callee is rung. */
export interface HandOffOptions<Input extends z.ZodObject = z.ZodObject> extends FinalToolOptions {
  /** What the model has to say of it. Default: nothing. */
  readonly input?: Input;
  /**
   * Runs before anybody is rung, such as to keep why; not for a model that asks again while one is under way. What it throws is told to the model, and nobody is
   * rung.
   */
  readonly before?: (args: z.output<Input>, context: ToolContext) => unknown;
  /** Somebody has answered, and the agent is about to leave. */
  readonly onAnswered?: (call: ActiveCall) => unknown;
  /** 1 to 120, default 30. */
  readonly ringTimeSeconds?: number;
  /** What the model is asked to say before it rings. */
  readonly say?: string;
  /** What the model is told when nobody answers; it then goes on with the call. */
  readonly onUnanswered?: string | ((call: ActiveCall) => string | Promise<string>);
}

/** What `connect` says where nobody comes to the phone. */
const unanswered: ReadonlySet<string> = new Set([
  'CALL_UNANSWERED',
  'CALL_REJECTED',
  'CALLEE_UNREACHABLE',
  'CONNECT_CANCELLED',
]);
const nothing = z.object({});
const underWay = { status: 'already under way', next: 'Wait. Do not call it again.' };

/** A tool that ends the call for all, once the goodbye was heard. */
export function endCall({
  name = 'end_call',
  description = 'Ends the call. Call it when the caller has nothing more to ask, and say goodbye.',
}: FinalToolOptions = {}): Tool {
  return defineTool({
    name,
    description,
    input: nothing,
    execute: (_args, { afterGoodbye }) =>
      afterGoodbye('ended', (call) => call.disconnect())
        ? { status: 'accepted', next: 'Say goodbye, if you have not. The call ends when it was heard.' }
        : underWay,
  });
}

/** A tool with which the agent leaves, once the goodbye was heard: after `connect()` caller and callee talk on. */
export function leave({
  name = 'leave_call',
  description = 'Leaves the call to the people in it. Call it when you are not needed any more, and say so.',
}: FinalToolOptions = {}): Tool {
  return defineTool({
    name,
    description,
    input: nothing,
    execute: (_args, { afterGoodbye }) =>
      afterGoodbye('left', (call) => call.close())
        ? { status: 'accepted', next: 'Say goodbye, if you have not. You are off the call when it was heard.' }
        : underWay,
  });
}

/** A tool that rings the person who was called and leaves the caller with them. Where nobody answers the model is told, and goes on. */
export function handOff<Input extends z.ZodObject = z.ZodObject>({
  input = nothing as unknown as Input,
  before,
  onAnswered,
  name = 'hand_off',
  description = 'Rings the person who was called and leaves the caller with them. Call it when somebody wants, or needs, a person.',
  ringTimeSeconds = 30,
  say = 'One moment please, I will connect you.',
  onUnanswered = 'Nobody answered. Tell the caller so, and go on helping.',
}: HandOffOptions<Input> = {}): Tool {
  if (!(ringTimeSeconds >= 1 && ringTimeSeconds <= 120)) {
    throw new TypeError(`ringTimeSeconds of the tool ${name}: 1 to 120`);
  }
  const ring = async (call: ActiveCall): Promise<string | void> => {
    try {
      await call.connect({ ringTimeSeconds });
    } catch (error) {
      const isUnanswered = error instanceof WSSCallCommandError && unanswered.has(error.errorCode);
      if (!isUnanswered || call.signal.aborted) throw error;
      return typeof onUnanswered === 'string' ? onUnanswered : await onUnanswered(call);
    }
    try {
      await onAnswered?.(call);
    } finally {
      await call.close();
    }
  };
  const preparing = new WeakSet<ActiveCall>();
  return defineTool({
    name,
    description,
    input,
    execute: async (args, context) => {
      const { call, signal } = context;
      if (context.isEnding() || preparing.has(call)) return underWay;
      preparing.add(call);
      signal.addEventListener('abort', () => preparing.delete(call), { once: true });
      await before?.(args, context);
      // Too late: the model has been told that it did not work.
      signal.throwIfAborted();
      return context.afterGoodbye('handed-off', ring)
        ? { status: 'accepted', next: `Say: "${say}" Then wait: it rings when that was heard.` }
        : underWay;
    },
  });
}
