import { z } from 'zod';
import type { ToolDeclaration } from '../live-model.ts';
import type { Tool, ToolContext, ToolOptions } from '../tool.ts';

const defaultTimeoutMs = 20_000;

/** Makes a tool whose arguments are checked and typed by a zod schema. Throws `TypeError` for options that are wrong, with the tool's name. */
export function defineTool<Input extends z.ZodType>(options: ToolOptions<Input>): Tool {
  const { name, description, input, timeoutMs = defaultTimeoutMs } = options;
  if (typeof name !== 'string' || !/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(name)) {
    throw new TypeError(
      `name of a tool: letters, digits, _ and -, at most 64, the first one a letter or _; not ${JSON.stringify(name)}`,
    );
  }
  if (typeof description !== 'string' || description.trim() === '') {
    throw new TypeError(`description of the tool ${name}: tell the model when to call it`);
  }
  if (typeof options.execute !== 'function') throw new TypeError(`execute of the tool ${name}: a function`);
  if (!Number.isFinite(timeoutMs) || timeoutMs < 1) {
    throw new TypeError(`timeoutMs of the tool ${name}: a positive number of milliseconds`);
  }
  const tool: Tool = {
    name,
    description,
    input,
    timeoutMs,
    execute: (args: unknown, context: ToolContext) => options.execute(args as z.output<Input>, context),
  };
  declarationOf(tool);
  return tool;
}

/** The tool as a model is told of it. Throws `TypeError` where its schema is no object, or cannot be told. */
export function declarationOf({ name, description, input }: Tool): ToolDeclaration {
  const { $schema: _, ...parameters } = schemaOf(name, input);
  if (parameters['type'] !== 'object') throw new TypeError(`input of the tool ${name}: z.object({ ... })`);
  return { name, description, parameters };
}

function schemaOf(name: string, input: z.ZodType): Readonly<Record<string, unknown>> {
  try {
    return z.toJSONSchema(input, { io: 'input' }) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new TypeError(`input of the tool ${name}: a zod schema that JSON Schema can express`, { cause: error });
  }
}
