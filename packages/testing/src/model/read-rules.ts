import { z } from 'zod';
import { placeholdersOf } from './placeholders.ts';
import type { ModelRules } from './rules.ts';

/** Rules that cannot be used. The text tells every place and what is wrong there. */
export class ModelRulesError extends Error {
  override readonly name = 'ModelRulesError';
  readonly code = 'INVALID_RULES';
  readonly retryable = false;
}

const wish = z.strictObject({ name: z.string().min(1), args: z.record(z.string(), z.unknown()).optional() });
const rule = z.strictObject({
  hears: z.string().min(1).optional(),
  after: z.string().min(1).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  state: z.string().min(1).optional(),
  times: z.int().min(1).optional(),
  say: z.string().optional(),
  call: z.union([wish, z.array(wish)]).optional(),
  become: z.string().min(1).optional(),
  fault: z.enum(['go-away', 'go-away-mid-sentence', 'drop', 'malformed', 'stall', 'cancel-tools']).optional(),
});
const schema = z.strictObject({
  about: z.string().optional(),
  demo: z.array(z.string()).optional(),
  rules: z.array(rule),
  otherwise: z.string().optional(),
});

/**
 * Checks rules, as from a file; `where` names it in errors. Throws {@link ModelRulesError} for unknown keys, wrong values, `hears` that is no regular
 * expression, `result` without `after`, and placeholders that no rule captures.
 */
export function readModelRules(json: unknown, where: string): ModelRules {
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw refusal(where, parsed.error.issues.flatMap(told));
  const found = parsed.data as ModelRules;
  const problems: string[] = [];
  const captured = new Set(['result']);
  for (const [index, { hears }] of found.rules.entries()) {
    try {
      if (hears !== undefined) for (const name of groupsOf(hearsPattern(hears))) captured.add(name);
    } catch (error) {
      problems.push(`rules[${index}].hears is no regular expression: ${(error as Error).message}`);
    }
  }
  // A pattern that cannot be read may well capture what seems to be missing.
  if (problems.length > 0) throw refusal(where, problems);
  const checkPlaceholders = (value: unknown, place: string): void => {
    for (const path of placeholdersOf(value)) {
      if (!captured.has(path.split('.')[0] ?? '')) problems.push(`${place}: {${path}} is captured by no rule`);
    }
  };
  for (const [index, { say, call, result, after }] of found.rules.entries()) {
    if (result !== undefined && after === undefined) problems.push(`rules[${index}].result needs an after`);
    checkPlaceholders(say, `rules[${index}].say`);
    checkPlaceholders(call, `rules[${index}].call`);
  }
  checkPlaceholders(found.otherwise, 'otherwise');
  if (problems.length > 0) throw refusal(where, problems);
  return found;
}

/** How `hears` is looked for. Throws `SyntaxError`. */
export function hearsPattern(hears: string): RegExp {
  return new RegExp(hears, 'iu');
}

/** Its named groups: the pattern, or nothing, is found in any text, and tells its groups. */
function groupsOf(pattern: RegExp): string[] {
  return Object.keys(new RegExp(`${pattern.source}|`, pattern.flags).exec('')?.groups ?? {});
}

function refusal(where: string, problems: readonly string[]): ModelRulesError {
  return new ModelRulesError(`${where}: ${problems.join('; ')}`);
}

function told(issue: z.core.$ZodIssue): string[] {
  const place = issue.path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  const at = place.replace(/^\./, '');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${at === '' ? '' : `${at}.`}${key} is unknown`);
  }
  // Of a choice, the one that came nearest tells more than that none fits.
  if (issue.code === 'invalid_union') {
    const [nearest] = issue.errors.toSorted((one, other) => depth(other) - depth(one));
    return (nearest ?? []).flatMap((inner) => told({ ...inner, path: [...issue.path, ...inner.path] }));
  }
  return [at === '' ? issue.message : `${at}: ${issue.message}`];
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map(({ path, code }) => path.length + (code === 'unrecognized_keys' ? 1 : 0)));
}
