import type { Tool } from '../tool.ts';

/** Throws `TypeError` where two tools have one name, or one is no tool. */
export function toolNames(tools: readonly Tool[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const tool of tools) {
    if (typeof tool?.execute !== 'function')
      throw new TypeError('tools: made with defineTool, endCall, handOff or leave');
    if (names.has(tool.name)) throw new TypeError(`tools: two are named ${tool.name}`);
    names.add(tool.name);
  }
  return names;
}
