import type { ModelRule, ModelRules, ToolWish } from './rules.ts';

/** What happened that a rule may answer. */
export type RuleOccasion =
  | { readonly type: 'heard'; readonly text: string }
  | { readonly type: 'answered'; readonly name: string; readonly response: Readonly<Record<string, unknown>> };

/** What is to be said and called now. */
export interface RuleAnswer {
  readonly say: string | undefined;
  readonly calls: readonly { readonly name: string; readonly args: Readonly<Record<string, unknown>> }[];
}

/** Words as rules see them: lower case, single spaces, no punctuation. */
export function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}' ]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The rules of one conversation, and what it remembers. */
export class RuleBook {
  readonly #rules: ModelRules;
  readonly #patterns: readonly (RegExp | undefined)[];
  #state = 'start';
  #captured: Record<string, string> = {};
  #taken: Record<string, number> = {};
  #result: unknown = null;

  constructor(rules: ModelRules) {
    this.#rules = rules;
    this.#patterns = rules.rules.map(({ hears }) => (hears === undefined ? undefined : new RegExp(hears, 'i')));
  }

  /** What the first rule that holds says and calls. */
  answer(occasion: RuleOccasion): RuleAnswer {
    if (occasion.type === 'answered') this.#result = occasion.response;
    for (const [index, rule] of this.#rules.rules.entries()) {
      const captured = this.#holds(rule, index, occasion);
      if (captured === undefined) continue;
      this.#captured = { ...this.#captured, ...captured };
      this.#taken[index] = (this.#taken[index] ?? 0) + 1;
      this.#state = rule.become ?? this.#state;
      const wishes: readonly ToolWish[] = rule.call === undefined ? [] : [rule.call].flat();
      return {
        say: rule.say === undefined ? undefined : this.#filled(rule.say),
        calls: wishes.map(({ name, args = {} }) => ({ name, args: this.#filledArgs(args) })),
      };
    }
    // A tool's answer that no rule speaks of needs no words.
    return { say: occasion.type === 'heard' ? (this.#rules.otherwise ?? 'Sorry?') : undefined, calls: [] };
  }

  #holds(rule: ModelRule, index: number, occasion: RuleOccasion): Readonly<Record<string, string>> | undefined {
    if (rule.state !== undefined && rule.state !== this.#state) return undefined;
    if (rule.times !== undefined && (this.#taken[index] ?? 0) >= rule.times) return undefined;
    if (occasion.type === 'answered') {
      return rule.after === occasion.name && matches(rule.result ?? {}, occasion.response) ? {} : undefined;
    }
    if (rule.after !== undefined) return undefined;
    const pattern = this.#patterns[index];
    if (pattern === undefined) return {};
    const match = pattern.exec(plainWords(occasion.text));
    return match === null ? undefined : { ...match.groups };
  }

  #filled(text: string): string {
    return text.replace(/\{([\w.]+)\}/g, (_, path: string) => {
      if (path === 'result' || path.startsWith('result.'))
        return shown(valueAt(this.#result, path.split('.').slice(1)));
      return this.#captured[path] ?? '';
    });
  }

  #filledArgs(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    return JSON.parse(JSON.stringify(args), (_key, value: unknown) =>
      typeof value === 'string' ? this.#filled(value) : value,
    ) as Readonly<Record<string, unknown>>;
  }
}

function matches(wanted: Readonly<Record<string, unknown>>, response: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(([path, value]) => {
    if (path === 'error') return 'error' in response === value;
    return JSON.stringify(valueAt(response, path.split('.'))) === JSON.stringify(value);
  });
}

/** The answer of a tool comes as `{ output }`, and rules speak of what is in it. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  const root = isRecord(value) && 'output' in value ? value['output'] : value;
  return path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), root);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(shown).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
