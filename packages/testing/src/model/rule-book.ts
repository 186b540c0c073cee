import { z } from 'zod';
import { fillText, fillValue } from './placeholders.ts';
import { hearsPattern, readModelRules } from './read-rules.ts';
import type { ModelFault, ModelRule, ModelRules } from './rules.ts';

/** What a rule has to say to something. */
export interface Reply {
  readonly say: string;
  readonly calls: readonly { readonly name: string; readonly args: Readonly<Record<string, unknown>> }[];
  readonly fault?: ModelFault;
}

/** A tool's answer, as it is sent to models: `output`, `error`, or fields of its own. */
export type ToolResponse = Readonly<Record<string, unknown>>;

/** Finds replies by rules, and keeps what a conversation has captured. */
export interface RuleBook {
  /** To what a caller said, in the words of `spokenText`; what nothing holds for gets `otherwise`. */
  answer(said: string): Reply;
  /** Only if the first rule that holds cancels tools and calls none. Otherwise `undefined`, and nothing has happened. */
  answerDuringTools(said: string): Reply | undefined;
  answerTool(name: string, response: ToolResponse): Reply | undefined;
  /** JSON. */
  save(): unknown;
  /** Throws `TypeError` for what did not come from `save`, or belongs to other rules. */
  restore(saved: unknown): void;
}

const savedBook = z.object({
  state: z.string(),
  captures: z.record(z.string(), z.string()),
  taken: z.array(z.int().min(0)),
  result: z.unknown().optional(),
});

/** Begins a conversation in `start`. `onWarning` is told of each placeholder that stands for nothing. Throws `ModelRulesError`. */
export function createRuleBook(rules: ModelRules, onWarning: (warning: string) => void): RuleBook {
  const { rules: list, otherwise = 'Sorry?' } = readModelRules(rules, 'rules');
  const patterns = list.map(({ hears }) => (hears === undefined ? undefined : hearsPattern(hears)));
  let state = 'start';
  let captures = new Map<string, string>();
  let taken = list.map(() => 0);
  let result: unknown;

  const open = ({ state: only = state, times = Number.POSITIVE_INFINITY }: ModelRule, index: number): boolean =>
    only === state && (taken[index] as number) < times;

  const heardBy = (said: string): number =>
    list.findIndex((rule, index) => {
      const pattern = patterns[index];
      return rule.after === undefined && open(rule, index) && (pattern === undefined || pattern.test(said));
    });

  const take = (index: number): Reply => {
    const { say = '', call = [], become, fault } = list[index] as ModelRule;
    taken[index] = (taken[index] as number) + 1;
    if (become !== undefined) state = become;
    const onMissing = (path: string): void => onWarning(`rules[${index}]: nothing is known for {${path}}`);
    const values = { captures, result, onMissing };
    const calls = [call].flat().map(({ name, args = {} }) => ({
      name,
      args: fillValue(args, values) as Readonly<Record<string, unknown>>,
    }));
    return { say: fillText(say, values), calls, ...(fault === undefined ? {} : { fault }) };
  };

  const useOtherwise = (): Reply => {
    const onMissing = (path: string): void => onWarning(`otherwise: nothing is known for {${path}}`);
    return { say: fillText(otherwise, { captures, result, onMissing }), calls: [] };
  };

  const takeHeard = (index: number, said: string): Reply => {
    for (const [name, value] of Object.entries(patterns[index]?.exec(said)?.groups ?? {})) {
      if (value !== undefined) captures.set(name, value);
    }
    return take(index);
  };

  return {
    answer: (said) => {
      const index = heardBy(said);
      return index < 0 ? useOtherwise() : takeHeard(index, said);
    },
    answerDuringTools: (said) => {
      const index = heardBy(said);
      const { fault, call } = list[index] ?? {};
      return fault === 'cancel-tools' && call === undefined ? takeHeard(index, said) : undefined;
    },
    answerTool: (name, response) => {
      const { error, output = response } = response;
      result = output;
      const index = list.findIndex(
        (rule, at) => rule.after === name && open(rule, at) && holds(rule.result ?? {}, output, error !== undefined),
      );
      return index < 0 ? undefined : take(index);
    },
    save: () => ({ state, captures: Object.fromEntries(captures), taken: [...taken], result }),
    restore: (saved) => {
      const { data: before } = savedBook.safeParse(saved);
      if (before?.taken.length !== list.length) throw new TypeError('this was not saved by a model with these rules');
      state = before.state;
      captures = new Map(Object.entries(before.captures));
      taken = [...before.taken];
      result = before.result;
    },
  };
}

function holds(expected: Readonly<Record<string, unknown>>, result: unknown, failed: boolean): boolean {
  return Object.entries(expected).every(([key, value]) =>
    key === 'error' && value === true ? failed : contains(fieldOf(result, key), value),
  );
}

function contains(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return actual === expected;
  if (typeof actual !== 'object' || actual === null) return false;
  if (Array.isArray(expected) && !(Array.isArray(actual) && actual.length === expected.length)) return false;
  return Object.entries(expected).every(([key, value]) => contains(fieldOf(actual, key), value));
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;
}
