import { expect, it } from 'vitest';
import { rootFolder } from './root-folder.ts';
import { allSteps, describeFailure, mustRun } from './must-run.ts';

const run = (what: string, script: string): Promise<string> =>
  mustRun(what, ['node', '-e', script], { cwd: rootFolder });

it('returns what a command wrote', async () => {
  expect(await run('speaking', 'console.log("hello")')).toBe('hello\n');
});

it('tells of all steps that failed in one block, each with what it said', async () => {
  const steps = [
    run('counting', 'console.log("one\\n\\ntwo"); process.exit(1)'),
    run('waiting', ''),
    run('adding', 'console.error("no such sum"); process.exit(2)'),
  ];
  const failure: unknown = await allSteps(steps).catch((error: unknown) => error);
  expect(describeFailure(failure)).toBe('2 failed\n  counting\n    one\n\n    two\n\n  adding\n    no such sum');
});

it('ends a step at its deadline', async () => {
  const step = mustRun('spinning', ['node', '-e', 'for (;;);'], { cwd: rootFolder, deadlineMs: 200 });
  await expect(step).rejects.toMatchObject({
    message: 'spinning',
    detail: expect.stringContaining('no end after 0.2 s') as string,
  });
});
