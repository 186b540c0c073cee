import { AsyncLocalStorage } from 'node:async_hooks';
import type { ToolContext } from '@agentao/agent';
import type { ActiveCall } from '@agentao/calls';
import type { AdkRun } from './adk-run.ts';

/** What belongs to the call that the running code works for. */
export interface CurrentRun {
  readonly run: AdkRun;
  /** Inside a tool: what tools of `@agentao/agent` are given. */
  readonly tool?: ToolContext;
}

/** Follows the code of one call through the kit, its callbacks and tools. */
export const currentRun: AsyncLocalStorage<CurrentRun> = new AsyncLocalStorage();

/** The call that this code runs for: inside tools, callbacks and plugins of an agent that is on a call; elsewhere `undefined`. */
export function currentCall(): ActiveCall | undefined {
  return currentRun.getStore()?.run.call;
}
