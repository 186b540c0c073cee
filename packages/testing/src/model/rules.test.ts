import { describe, expect, it } from 'vitest';
import { readModelRules } from './read-rules.ts';
import { createRuleBook, type Reply } from './rule-book.ts';
import type { ModelRule } from './rules.ts';
import { spokenText } from './spoken-text.ts';

const bookOf = (
  rules: readonly ModelRule[],
  otherwise = 'What?',
): ReturnType<typeof createRuleBook> & { readonly warnings: string[] } => {
  const warnings: string[] = [];
  return { ...createRuleBook({ rules, otherwise }, (warning) => warnings.push(warning)), warnings };
};

describe('rules of a file', () => {
  it('are refused with the place and what is wrong there', () => {
    const refused: readonly (readonly [unknown, string])[] = [
      [{}, 'rules: Invalid input: expected array, received undefined'],
      [{ rules: [], sayings: [] }, 'sayings is unknown'],
      [{ rules: [{ say: 'a' }, { hear: 'b' }] }, 'rules[1].hear is unknown'],
      [{ rules: [{ hears: 'a(' }] }, 'rules[0].hears is no regular expression: '],
      [{ rules: [{ say: 5 }] }, 'rules[0].say: Invalid input: expected string, received number'],
      [{ rules: [{ times: 0 }] }, 'rules[0].times: '],
      [{ rules: [{ call: { name: 'a', arguments: {} } }] }, 'rules[0].call.arguments is unknown'],
      [{ rules: [{ call: [{ name: 'a' }, { nam: 'b' }] }] }, 'rules[0].call[1]'],
      [{ rules: [{ fault: 'fire' }] }, 'rules[0].fault: '],
      [{ rules: [{ result: {} }] }, 'rules[0].result needs an after'],
      [{ rules: [{ hears: '(?<n>.)', say: '{n} {m}' }] }, 'rules[0].say: {m} is captured by no rule'],
      [{ rules: [{ call: { name: 'a', args: { deep: ['{m.x}'] } } }] }, 'rules[0].call: {m.x} is captured by no rule'],
      [{ rules: [], otherwise: 'Hm, {m}' }, 'otherwise: {m} is captured by no rule'],
      ['no rules', 'Invalid input: expected object, received string'],
    ];
    for (const [json, text] of refused) {
      expect(() => readModelRules(json, 'model.json')).toThrow(`model.json: ${text}`);
      expect(() => readModelRules(json, 'model.json')).toThrow(expect.objectContaining({ code: 'INVALID_RULES' }));
    }
  });

  it('are told all at once where several are wrong', () => {
    const json = { rules: [{ hears: '(' }, { say: 'fine' }, { hears: '[' }] };
    expect(() => readModelRules(json, 'r')).toThrow(/rules\[0\].*rules\[2\]/);
  });

  it('are taken as they are when nothing is wrong', () => {
    const json = { about: 'a shop', demo: ['Hello'], rules: [{ hears: 'a|(?<b>c)', say: '{b}' }], otherwise: 'no' };
    expect(readModelRules(json, 'r')).toEqual(json);
  });
});

describe('what was said', () => {
  it.each([
    ['Hello, World!', 'hello world'],
    ['  At   10:30 -- please. ', 'at 10:30 please'],
    ["I'm “here”", "i'm here"],
    ['I’m', "i'm"],
    ['Call +49 30 1.', 'call +49 30 1'],
    ['Größe?', 'größe'],
    ['... !', ''],
  ])('is seen by rules without case and punctuation: %s', (text, seen) => {
    expect(spokenText(text)).toBe(seen);
  });
});

describe('a rule', () => {
  const say = (reply: Reply | undefined): string | undefined => reply?.say;

  it('is taken if it is the first that holds, and "otherwise" if none does', () => {
    const book = bookOf([
      { hears: 'bye', say: 'Bye' },
      { hears: '^hello|hi$', say: 'Hello' },
      { hears: 'hello', say: 'never' },
    ]);
    expect(say(book.answer('hello'))).toBe('Hello');
    expect(say(book.answer('hello and goodbye'))).toBe('Bye');
    expect(say(book.answer('who'))).toBe('What?');
  });

  it('holds in its state only, and so often', () => {
    const book = bookOf([
      { state: 'start', hears: 'go', say: 'Went', become: 'gone' },
      { state: 'gone', hears: 'go', say: 'Again', times: 2 },
    ]);
    expect(['go', 'go', 'go', 'go'].map((said) => say(book.answer(said)))).toEqual(['Went', 'Again', 'Again', 'What?']);
  });

  it('captures by name, for the whole conversation', () => {
    const book = bookOf([
      { hears: 'name is (?<name>\\w+)', say: 'Hello {name}' },
      {
        hears: 'for (?<people>\\d+)',
        call: { name: 'book', args: { who: '{name}', people: '{people:number}', note: '{people} of {name}' } },
      },
    ]);
    expect(say(book.answer('my name is ann'))).toBe('Hello ann');
    expect(book.answer('a table for 4').calls).toEqual([
      { name: 'book', args: { who: 'ann', people: 4, note: '4 of ann' } },
    ]);
  });

  it("is chosen by a tool's answer and its fields, and may say them", () => {
    const book = bookOf([
      { after: 'look', result: { error: true }, say: 'Broken: {result.error}' },
      { after: 'look', result: { item: { state: 'ready' } }, say: '{result.item.name}: {result.slots}' },
      { after: 'look', call: { name: 'next', args: { slots: '{result.slots}' } } },
    ]);
    expect(say(book.answerTool('look', { error: 'no line' }))).toBe('Broken: no line');
    const ready = { item: { state: 'ready', name: 'bike' }, slots: ['ten', 'noon'] };
    expect(say(book.answerTool('look', { output: ready }))).toBe('bike: ten, noon');
    expect(say(book.answerTool('look', ready))).toBe('bike: ten, noon');
    expect(book.answerTool('look', { output: { slots: [1, 2] } })?.calls).toEqual([
      { name: 'next', args: { slots: [1, 2] } },
    ]);
    expect(book.answerTool('other', { output: 'x' })).toBeUndefined();
  });

  it('says nothing for a placeholder that stands for nothing, and its author is told', () => {
    const book = bookOf([{ hears: 'x|(?<name>y)', say: 'So, {name}{result.a.b}.' }]);
    expect(say(book.answer('x'))).toBe('So, .');
    expect(book.warnings).toEqual([
      'rules[0]: nothing is known for {name}',
      'rules[0]: nothing is known for {result.a.b}',
    ]);
  });

  it('leaves what was captured to "otherwise" as well', () => {
    const { answer, warnings } = bookOf([{ hears: 'i am (?<name>\\w+)', say: 'Hello.' }], 'What, {name}?');
    expect(say(answer('who'))).toBe('What, ?');
    answer('i am ann');
    expect(say(answer('who'))).toBe('What, ann?');
    expect(warnings).toEqual(['otherwise: nothing is known for {name}']);
  });

  it('cannot reach what is not in the answer', () => {
    const book = bookOf([{ after: 'a', say: '[{result.constructor.name}{result.toString}]' }]);
    expect(say(book.answerTool('a', { output: {} }))).toBe('[]');
  });
});
