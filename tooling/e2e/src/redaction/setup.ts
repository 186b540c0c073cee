import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { currentWatch as watch } from './current-watch.ts';

const mostShown = 20;

// Numbers that go over no wire still stand in the test that uses them.
beforeAll(() => {
  const { testPath } = expect.getState();
  if (testPath === undefined) return;
  for (const [, number] of readFileSync(testPath, 'utf8').matchAll(/['"`](\+\d{5,15})['"`]/g))
    watch.secrets.number(number);
});

afterAll(() => {
  const { testPath = 'a test file' } = expect.getState();
  const file = testPath.replace(/^.*\/(?=(?:packages|tooling|apps)\/)/, '');
  const lines = watch.leaks().map((leak) => `secret written: ${leak}; ${file}`);
  const shown = lines.slice(0, mostShown);
  if (lines.length > mostShown) shown.push(`and ${lines.length - mostShown} more`);
  if (lines.length > 0) throw new Error(shown.join('\n'));
});
