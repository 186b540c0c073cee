import { z } from 'zod';

/** A tool that a rule calls. */
export interface ToolWish {
  readonly name: string;
  readonly args?: Readonly<Record<string, unknown>> | undefined;
}

/** One rule. Without conditions it holds always. */
export interface ModelRule {
  /**
   * What the caller said in this turn: a regular expression over the words in lower case, with single spaces and without punctuation; its named groups
   * are captured. Text that was typed counts as said.
   */
  readonly hears?: string | undefined;
  /** The tool that has answered. */
  readonly after?: string | undefined;
  /** Fields of the tool's answer that must have these values; `{ "error": true }`: any error. */
  readonly result?: Readonly<Record<string, unknown>> | undefined;
  /** Only in this state of the conversation; it begins in `start`. */
  readonly state?: string | undefined;
  /** At most this often in a call. */
  readonly times?: number | undefined;
  /** Says this. */
  readonly say?: string | undefined;
  /** Calls tools, together, after what it says. */
  readonly call?: ToolWish | readonly ToolWish[] | undefined;
  /** Goes on in this state. */
  readonly become?: string | undefined;
}

/**
 * What a local model says and does: JSON, in a file beside the app. Rules are tried in their order; the first whose conditions all hold is taken. What is
 * said, and arguments, may hold `{name}` of what was captured and `{result.path}` of the last tool's answer.
 */
export interface ModelRules {
  /** For whoever reads the file. */
  readonly about?: string | undefined;
  /** What a caller may say to try it, in order. */
  readonly demo?: readonly string[] | undefined;
  readonly rules: readonly ModelRule[];
  /** Said where no rule holds. Default: `Sorry?` */
  readonly otherwise?: string | undefined;
}

const wish = z.strictObject({ name: z.string().min(1), args: z.record(z.string(), z.unknown()).optional() });

const rule = z.strictObject({
  hears: z.string().optional(),
  after: z.string().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  state: z.string().optional(),
  times: z.int().min(1).optional(),
  say: z.string().optional(),
  call: z.union([wish, z.array(wish)]).optional(),
  become: z.string().optional(),
});

const rulesSchema: z.ZodType<ModelRules> = z.strictObject({
  about: z.string().optional(),
  demo: z.array(z.string()).optional(),
  rules: z.array(rule),
  otherwise: z.string().optional(),
});

/** Checks rules. Throws `TypeError` that tells the place, below `where`, and what is wrong there. */
export function readModelRules(json: unknown, where: string = 'rules'): ModelRules {
  const { success, data, error } = rulesSchema.safeParse(json);
  if (!success) {
    const issue = error.issues[0];
    const place = issue?.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('') ?? '';
    throw new TypeError(`${where}${place}: ${issue?.message ?? 'not a set of rules'}`);
  }
  for (const [index, { hears }] of data.rules.entries()) {
    if (hears === undefined) continue;
    try {
      RegExp(hears, 'i').test('');
    } catch (cause) {
      throw new TypeError(`${where}.rules[${index}].hears: no regular expression: ${hears}`, { cause });
    }
  }
  return data;
}
