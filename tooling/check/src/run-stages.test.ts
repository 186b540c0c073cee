import { describe, expect, it } from 'vitest';
import { runStages } from './run-stages.ts';
import type { Stage } from './stages.ts';

const stage = (name: string, rest: Partial<Stage> = {}): Stage => ({ name, command: ['node'], ...rest });

/** Runs stages by hand: the log says when each starts and ends, `failing` ones fail. */
async function logOf(stages: readonly Stage[], failing: readonly string[] = []): Promise<readonly string[]> {
  const log: string[] = [];
  await runStages(stages, {
    atOnce: 2,
    run: async ({ name }) => {
      log.push(`${name} starts`);
      await new Promise((resolve) => setImmediate(resolve));
      return { ok: !failing.includes(name), output: '' };
    },
    onResult: ({ stage: { name }, outcome }) => log.push(`${name} ${outcome}`),
  });
  return log;
}

describe('running stages', () => {
  it('runs two at once and starts the next as one ends', async () => {
    const log = await logOf([stage('a'), stage('b'), stage('c')]);
    expect(log.slice(0, 2)).toEqual(['a starts', 'b starts']);
    expect(log.indexOf('c starts')).toBeGreaterThan(log.indexOf('a ok'));
    expect(log.filter((line) => line.endsWith('ok'))).toHaveLength(3);
  });

  it('waits for what a stage needs and leaves it out when that fails', async () => {
    const stages = [stage('tarballs', { needs: ['build'] }), stage('build')];
    expect(await logOf(stages)).toEqual(['build starts', 'build ok', 'tarballs starts', 'tarballs ok']);
    expect(await logOf(stages, ['build'])).toEqual(['build starts', 'build FAILED', 'tarballs left out']);
  });

  it('takes a need that was not asked for as met', async () => {
    expect(await logOf([stage('tarballs', { needs: ['build'] })])).toEqual(['tarballs starts', 'tarballs ok']);
  });

  it('lets a stage that keeps real time run alone', async () => {
    const log = await logOf([stage('a'), stage('tests', { alone: true }), stage('b')]);
    const startOfTests = log.indexOf('tests starts');
    expect(log.indexOf('b ok')).toBeLessThan(startOfTests);
    expect(log.slice(startOfTests)).toEqual(['tests starts', 'tests ok']);
  });
});
