import type { ActiveCall } from '@agentao/calls';
import type { BridgeOptions } from '../bridge.ts';
import type { Tool } from '../tool.ts';
import { CallNotes } from '../voice/call-notes.ts';
import { declarationOf } from './define-tool.ts';
import { toolNames } from './tool-names.ts';
import { ToolRunner } from './tool-runner.ts';

/**
 * Tools for `bridgeCall(call, model, { ...dispatchTools(call, tools) })`: each with its checks, its deadline and its place on the call's record; one that throws,
 * or is not there, is an error for the model. Ready-made tools that end a conversation are for `voiceAgent`: here they do nothing. Throws `TypeError` for
 * names that are used twice.
 */
export function dispatchTools(
  call: ActiveCall,
  tools: readonly Tool[],
): Required<Pick<BridgeOptions, 'tools' | 'onTool'>> {
  toolNames(tools);
  const fromMs = call.clock.now();
  const notes = new CallNotes(call);
  const runner = new ToolRunner({
    call,
    tools,
    afterGoodbye: () => false,
    isEnding: () => false,
    callMs: () => call.clock.now() - fromMs,
    onRun: (run) => notes.tool(run),
  });
  return { tools: tools.map(declarationOf), onTool: (request) => runner.run(request) };
}
