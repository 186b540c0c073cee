import { z } from 'zod';
import type { Reply } from './rule-book.ts';

const fields = z.record(z.string(), z.unknown());
const reply = z.object({
  say: z.string(),
  calls: z.array(z.object({ name: z.string(), args: fields })),
  fault: z.literal('cancel-tools').exactOptional(),
});
const item = z.union([
  z.object({ text: z.string() }),
  z.object({ tool: z.string(), response: fields }),
  z.object({ reply }),
]);
const schema = z.object({
  book: z.unknown(),
  running: z.array(z.tuple([z.string(), z.string()])),
  todo: z.array(item),
  waiting: z.array(item),
  calls: z.int().min(0),
});

/** What a model has to do: answer a text or a tool's answer, or say something that is decided. */
export type RuleModelItem =
  | { readonly text: string }
  | { readonly tool: string; readonly response: Readonly<Record<string, unknown>> }
  | { readonly reply: Reply };

/** A model between two connections. */
export interface SavedModel {
  readonly book: unknown;
  /** Ids and names of the tools that run. */
  readonly running: readonly (readonly [string, string])[];
  readonly todo: readonly RuleModelItem[];
  readonly waiting: readonly RuleModelItem[];
  /** How many tools it has called. */
  readonly calls: number;
}

/** Throws `TypeError` for what did not come from a model. */
export function readSavedModel(saved: unknown): SavedModel {
  const { success, data } = schema.safeParse(saved);
  if (!success) throw new TypeError('this was not saved by a model');
  return data;
}
