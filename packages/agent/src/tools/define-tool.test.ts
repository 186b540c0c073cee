import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { declarationOf, defineTool } from './define-tool.ts';
import { handOff } from './final-tools.ts';

const input = z.object({ ticket: z.string().describe('its number'), loud: z.boolean().optional() });

describe('a tool', () => {
  it('is told to a model as JSON Schema, without a dialect', () => {
    const tool = defineTool({ name: 'status', description: 'Looks it up.', input, execute: () => 'ready' });
    expect(declarationOf(tool)).toEqual({
      name: 'status',
      description: 'Looks it up.',
      parameters: expect.objectContaining({
        type: 'object',
        properties: { ticket: { type: 'string', description: 'its number' }, loud: { type: 'boolean' } },
        required: ['ticket'],
      }) as unknown,
    });
    expect(declarationOf(tool).parameters).not.toHaveProperty('$schema');
  });

  it('has arguments typed by its schema', () => {
    defineTool({
      name: 'status',
      description: 'Looks it up.',
      input,
      execute: (args, { signal }) => {
        expectTypeOf(args).toEqualTypeOf<{ ticket: string; loud?: boolean | undefined }>();
        return signal.aborted;
      },
    });
  });

  it.each([
    [{ name: '1st' }, /name of a tool/],
    [{ name: '' }, /name of a tool/],
    [{ description: ' ' }, /description of the tool status/],
    [{ execute: undefined }, /execute of the tool status/],
    [{ timeoutMs: 0 }, /timeoutMs of the tool status/],
    [{ input: z.string() }, /input of the tool status: z.object/],
    [{ input: z.object({ when: z.date() }) }, /input of the tool status: a zod schema that JSON Schema can express/],
  ])('is refused with what is wrong: %j', (wrong, message) => {
    const right = { name: 'status', description: 'Looks it up.', input, execute: () => 1 };
    expect(() => defineTool({ ...right, ...wrong } as never)).toThrow(message);
  });

  it('that hands off rings no longer than a call may ring', () => {
    expect(() => handOff({ ringTimeSeconds: 121 })).toThrow(/ringTimeSeconds/);
  });
});
