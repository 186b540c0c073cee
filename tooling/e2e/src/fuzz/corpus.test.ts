import { afterAll, describe, expect, it } from 'vitest';
import { readCorpus } from './corpus.ts';
import { catchFaults, runCase } from './run-case.ts';
import { createTargets } from './targets.ts';

const targets = createTargets();
const corpus = readCorpus();

describe('what fuzzing has found, and what is worth trying every time, does no harm', () => {
  afterAll(async () => {
    for (const target of targets)
      expect(await target.close?.()).toSatisfy((left) => left === undefined || left.length === 0);
  });

  it.each([...corpus])('%s', async (_, { target: name, steps }) => {
    using faults = catchFaults();
    const target = targets.find((one) => one.name === name);
    if (target === undefined) throw new Error(`there is no target ${name}`);
    expect((await runCase({ ...target, cpuMs: Number.POSITIVE_INFINITY }, steps, faults)).findings).toEqual([]);
  });

  it('has something for every target', () => {
    const names = new Set([...corpus.values()].map(({ target }) => target));
    expect([...names].toSorted()).toEqual(targets.map(({ name }) => name).toSorted());
  });
});
