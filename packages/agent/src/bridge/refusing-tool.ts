import { z } from 'zod';
import type { Tool } from '../tool.ts';

/** In place of a tool that may not run: fails with these words, and so has its place on the record. */
export function refusingTool(name: string, error: string): Tool {
  return {
    name,
    description: '',
    input: z.unknown(),
    timeoutMs: 1_000,
    execute: () => {
      throw new Error(error);
    },
  };
}
