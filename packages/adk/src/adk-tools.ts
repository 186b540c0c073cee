import type { Tool, ToolAnswer } from '@agentao/agent';
import { declarationOf, UnknownTool } from '@agentao/agent/internal';
import type { BaseTool, LlmRequest } from '@google/adk';
import { z } from 'zod';
import type { AdkConnection } from './adk-connection.ts';
import type { AdkRun } from './adk-run.ts';
import { currentRun } from './current-run.ts';
import { loadAdk } from './load-adk.ts';

type RunAsync = BaseTool['runAsync'];
type ToolContext = Parameters<RunAsync>[0]['toolContext'];

const toolTimeoutMs = 20_000;
const tools = new WeakMap<BaseTool, Tool>();

/** Tools of `@agentao/agent`, such as `endCall()`, for the `tools` of an agent of the kit. They find the call they are used on. */
export async function adkTools(...list: readonly Tool[]): Promise<BaseTool[]> {
  const { BaseTool } = await loadAdk();
  class CallTool extends BaseTool {
    readonly #tool: Tool;

    constructor(tool: Tool) {
      super({ name: tool.name, description: tool.description });
      this.#tool = tool;
    }

    override _getDeclaration(): ReturnType<BaseTool['_getDeclaration']> {
      const { name, description, parameters } = declarationOf(this.#tool);
      return { name, description, parametersJsonSchema: parameters };
    }

    override runAsync(): Promise<unknown> {
      return Promise.reject(new Error(`${this.name} works on a call only: run the agent with adkAgent().`));
    }
  }
  return list.map((tool) => {
    const made = new CallTool(tool);
    tools.set(made, tool);
    return made;
  });
}

/** Gives the tools of a request deadline, cancellation, record and span, and an answer to those that are not there. */
export function guardTools(
  request: LlmRequest,
  on: { readonly run: AdkRun; readonly connection: AdkConnection },
): void {
  const guarded: Record<string, BaseTool> = Object.create(null) as Record<string, BaseTool>;
  const guardedTool = (tool: BaseTool): BaseTool =>
    Object.create(tool, { runAsync: { value: guard(tool, on) } }) as BaseTool;
  for (const [name, tool] of Object.entries(request.toolsDict)) guarded[name] = guardedTool(tool);
  const unknownTool = (name: string): BaseTool => {
    const error = new UnknownTool(name, Object.keys(guarded));
    const runAsync: RunAsync = () => Promise.reject(error);
    const absent: Partial<BaseTool> = { name, description: '', isLongRunning: false, runAsync };
    return guardedTool(absent as BaseTool);
  };
  // The kit ends the run for a name that is not in there.
  request.toolsDict = new Proxy(guarded, {
    has: () => true,
    get: (known, name) => (typeof name === 'symbol' ? undefined : (known[name] ?? unknownTool(name))),
  });
}

function guard(tool: BaseTool, { run, connection }: Parameters<typeof guardTools>[1]): RunAsync {
  return async (request) => {
    const id = request.toolContext.functionCallId ?? '';
    const signal = connection.signalOf(id) ?? AbortSignal.abort();
    const answer: ToolAnswer & { readonly note?: string } = await run.session.runTool(
      tools.get(tool) ?? wrap(tool, run, request),
      {
        id,
        name: tool.name,
        args: request.args,
        signal,
      },
    );
    if (answer.note !== undefined) connection.note(id, answer.note);
    if ('error' in answer) throw new Error(answer.error);
    return answer.output;
  };
}

/** A tool of the kit, which checks its arguments itself. */
function wrap(tool: BaseTool, run: AdkRun, request: Parameters<RunAsync>[0]): Tool {
  return {
    name: tool.name,
    description: tool.description,
    input: z.looseObject({}),
    timeoutMs: toolTimeoutMs,
    execute: (_args, context) => {
      const signals = [context.signal, request.toolContext.abortSignal].filter((signal) => signal !== undefined);
      const abortSignal = AbortSignal.any(signals);
      const toolContext = Object.create(request.toolContext, { abortSignal: { value: abortSignal } }) as ToolContext;
      return currentRun.run({ run, tool: context }, () => tool.runAsync({ ...request, toolContext }));
    },
  };
}
