import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configKeys } from './config-schema.ts';
import { envOverrides } from './env-overrides.ts';
import { readConfig } from './load-config.ts';
import { showPath } from './service-config.ts';

const page = readFileSync(new URL('../../../../docs/operating.md', import.meta.url), 'utf8');

/** Rows of the first table under a heading. */
function rowsUnder(heading: string): readonly (readonly string[])[] {
  const table = /(?:^\|.*\n)+/m.exec(page.slice(page.indexOf(`# ${heading}\n`)))?.[0] ?? '';
  return table
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
}

const lists = new Set(['connectors', 'connectors.keys']);

/** Every key that has no keys of its own, as the page writes them. */
const keys = [...configKeys].flatMap(([section, names]) =>
  names
    .map((name) => (section === '' ? name : `${section}.${name}`))
    .filter((path) => !configKeys.has(path))
    .map((path) => {
      const steps = path.split('.');
      return steps
        .map((step, index) => (lists.has(steps.slice(0, index + 1).join('.')) ? `${step}[]` : step))
        .join('.');
    }),
);

describe('the page on operating', () => {
  it('has every key of the file, and no other', () => {
    expect(
      rowsUnder('The file')
        .map(([key = '']) => key)
        .toSorted(),
    ).toEqual(keys.toSorted());
  });

  it('has every variable with the key that it stands above, and no other', () => {
    const real = envOverrides.map(({ name, path }) => [name, showPath(path)]);
    expect(rowsUnder('The environment')).toEqual(real);
  });

  it('has the defaults that are taken', () => {
    const text =
      "connectors: [{ uuid: a, numbers: ['*'] }]\noperations: {}\noperators: { tokenSha256: " + 'a'.repeat(64) + ' }';
    const loaded = readConfig(text, '/agentao.yaml', { env: {}, cwd: '/' });
    if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
    const told = rowsUnder('The file').filter(
      ([key = '', value]) => value !== '' && !/\[\]|^(limits|records|prompts)\./.test(key),
    );
    expect(told.length).toBeGreaterThan(8);
    for (const [key = '', value = ''] of told) {
      const real = key.split('.').reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], loaded.config);
      expect(Array.isArray(real) ? 'none' : String(real), key).toBe(value);
    }
  });
});
