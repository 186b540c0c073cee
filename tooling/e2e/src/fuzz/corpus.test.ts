import { describe, expect, it } from 'vitest';
import { readCorpus } from './corpus.ts';
import { catchFaults, runCase } from './run-case.ts';
import { createTargets } from './targets.ts';

const targets = createTargets();
const corpus = readCorpus();

describe('what fuzzing has found, and what is worth trying every time, does no harm', () => {
  it.each([...corpus])('%s', async (_, { target: name, steps }) => {
    using faults = catchFaults();
    const target = targets.find((one) => one.name === name);
    if (target === undefined) throw new Error(`there is no target ${name}`);
    const { findings } = await runCase({ ...target, cpuMs: Number.POSITIVE_INFINITY }, steps, faults);
    expect([...findings, ...((await target.close?.()) ?? [])]).toEqual([]);
  });

  it('has something for every target', () => {
    const names = new Set([...corpus.values()].map(({ target }) => target));
    expect([...names].toSorted()).toEqual(targets.map(({ name }) => name).toSorted());
  });
});
