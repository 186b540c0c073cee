import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkBoundaries } from './check-boundaries.ts';
import { packageRules } from './layers.ts';
import { rules } from './rules.ts';
import { readSourceTree } from './source-tree.ts';

const fixtures = new URL('../fixtures/', import.meta.url).pathname;
const clean = readSourceTree(`${fixtures}clean`);

describe('the boundaries check', () => {
  it('finds nothing in a tree that keeps every rule', () => {
    expect(checkBoundaries(clean)).toEqual([]);
  });

  it('has a fixture for each of its rules', () => {
    expect(readdirSync(fixtures).sort()).toEqual(['clean', ...Object.keys(rules)].sort());
  });

  it.each(Object.keys(rules))('catches every planted violation of %s, and that rule alone', (rule) => {
    const planted = readSourceTree(`${fixtures}${rule}`);
    const violations = checkBoundaries(new Map([...clean, ...planted]));
    expect(new Set(violations.map((violation) => violation.rule))).toEqual(new Set([rule]));

    const sources = [...planted.keys()].filter((path) => /\.tsx?$/.test(path));
    const flagged = new Set(violations.map((violation) => violation.file));
    expect(sources.filter((path) => !flagged.has(path))).toEqual([]);
    expect(flagged.size).toBeGreaterThan(0);
  });

  it('refuses a package that the table of layers does not know', () => {
    const manifest = clean.get('packages/calls/package.json') ?? '';
    const tree = new Map([...clean, ['packages/unknown/package.json', manifest.replace('calls', 'unknown')]]);
    expect(checkBoundaries(tree).map((violation) => violation.rule)).toContain('layer-order');
  });
});

describe('the table of layers', () => {
  it('lets a package import only layers below its own', () => {
    for (const [name, { layer, siblings }] of packageRules) {
      for (const sibling of siblings) {
        expect(packageRules.get(sibling)?.layer, `${name} -> ${sibling}`).toBeLessThan(layer);
      }
    }
  });
});
