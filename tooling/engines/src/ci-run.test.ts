import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { browserNames } from './find-chromium.ts';
import { clientModule, pythonNames } from './find-python.ts';

it('looks for the same programs as continuous integration does before it installs any', () => {
  const script = readFileSync(new URL('../../../.ci/run', import.meta.url), 'utf8');
  const named = (list: string): readonly string[] =>
    new RegExp(`\\b${list}=\\(([^)$]+)\\)`).exec(script)?.[1]?.split(' ') ?? [];
  expect(named('browsers')).toEqual(browserNames);
  expect(named('pythons')).toEqual(pythonNames);
  expect(script.match(/import [\w.]+/g)).toEqual([`import ${clientModule}`]);
});
