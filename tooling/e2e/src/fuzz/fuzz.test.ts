import { describe, expect, it } from 'vitest';
import { createFuzzRandom } from './fuzz-random.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { fitsSchema, socketNames } from './json-schema.ts';
import { createMessageGrammar } from './message-grammar.ts';
import { minimiseCase } from './minimise-case.ts';
import { mutateJson, mutateText } from './mutate-json.ts';
import { decoders } from './codec-target.ts';
import { catchFaults, runCase } from './run-case.ts';
import { createTargets } from './targets.ts';

const grammar = createMessageGrammar();

describe('a case', () => {
  it.each(createTargets().map((target) => [target.name, target] as const))(
    'of %s is the same for the same seed',
    (name, target) => {
      const make = (index: number): unknown => target.generate(createFuzzRandom(7, name, index));
      expect(make(3)).toEqual(make(3));
      expect(make(3)).not.toEqual(make(4));
    },
  );

  it('can be changed whatever it holds, also where its fields have the names of what objects can do by themselves', () => {
    const random = createFuzzRandom(2, 'changes');
    for (let made = 0; made < 100; made++) {
      let value: unknown = { toString: [{ constructor: null }], valueOf: 'x', __proto__: { type: 'ping' } };
      for (let changes = 0; changes < 6; changes++) value = mutateJson(value, random);
      expect((JSON.stringify(value) ?? '').length).toBeLessThanOrEqual(300_000);
      expect(typeof mutateText(JSON.stringify(value) ?? '', random)).toBe('string');
    }
  });

  it('is made of messages that the decoders take, of every type', () => {
    const random = createFuzzRandom(1, 'valid');
    for (const socket of socketNames) {
      for (const from of ['client', 'switch'] as const) {
        for (const type of grammar.types({ socket, from })) {
          const message = grammar.valid({ socket, from }, random, type);
          // Two fields of `mode` exclude each other, which no schema says.
          if (type === 'mode') delete message['discard'];
          expect(decoders[socket][from](JSON.stringify(message))).toMatchObject({ type });
        }
      }
    }
  });

  it('that fails is made as small as it can be', async () => {
    const steps = Array.from({ length: 40 }, (_, at) => ({ at, text: `some ${at} text` }));
    const fails = (some: readonly object[]): Promise<boolean> => {
      const text = JSON.stringify(some);
      return Promise.resolve(text.includes('7 t') && text.includes('31'));
    };
    const small = await minimiseCase(steps, fails);
    expect(small).toHaveLength(2);
    expect(small.map(({ text }) => String(text)).join('')).toBe('7 t');
  });
});

describe('running a case', () => {
  const target = (run: FuzzTarget['run']): FuzzTarget => ({ name: 'x', share: 1, cpuMs: 10, generate: () => [], run });
  const fine = { accepted: 1, rejected: 0, findings: [] };

  it('finds what is thrown, and what computes for too long', async () => {
    using faults = catchFaults();
    const of = async (run: FuzzTarget['run']): Promise<readonly string[]> =>
      (await runCase(target(run), [], faults)).findings;
    expect(await of(() => JSON.parse('{'))).toEqual([expect.stringContaining('threw SyntaxError')]);
    const computing = of(() => {
      const { user } = process.cpuUsage();
      while (process.cpuUsage().user - user < 20_000);
      return fine;
    });
    expect(await computing).toEqual(['took more than 10 ms of computing']);
  });
});

describe('the schema check', () => {
  it('counts UTF-16 code units, as the protocol does', () => {
    const schema = { type: 'string', maxLength: 2 };
    expect(fitsSchema('\u{1f4de}', schema, {})).toBe(true);
    expect(fitsSchema('\u{1f4de}x', schema, {})).toBe(false);
  });

  it('follows references, and looks at what is named alone', () => {
    const root = { $defs: { id: { type: 'integer', minimum: 1, maximum: 9 } } };
    const schema = { type: 'object', properties: { id: { $ref: '#/$defs/id' } }, required: ['id'] };
    expect(fitsSchema({ id: 9, more: 1 }, schema, root)).toBe(true);
    for (const wrong of [{}, { id: 0 }, { id: 10 }, { id: 1.5 }, { id: '1' }, [], null]) {
      expect(fitsSchema(wrong, schema, root)).toBe(false);
    }
  });
});
