import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jsonSchemaFiles } from './json-schema.ts';

const folder = new URL('../schema/', import.meta.url);

describe('the committed JSON Schema files', () => {
  const files = jsonSchemaFiles();

  it('are one per socket', () => {
    expect(readdirSync(folder).toSorted()).toEqual([...files.keys()].toSorted());
  });

  it.each([...files])('%s is what `pnpm --filter @agentao/protocol schema` writes', (name, text) => {
    expect(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))).toEqual(JSON.parse(text));
  });
});
