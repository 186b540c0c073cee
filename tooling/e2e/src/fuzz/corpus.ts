import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { FuzzStep } from './fuzz-target.ts';

/** A case that is kept: one that once showed a fault, or one worth running every time. */
export interface KeptCase {
  readonly target: string;
  /** What it showed, or why it is kept. */
  readonly why: string;
  readonly steps: readonly FuzzStep[];
}

const folder = new URL('./corpus/', import.meta.url);

/** All kept cases by the name of their file. */
export function readCorpus(): ReadonlyMap<string, KeptCase> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(
    names.toSorted().map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as KeptCase]),
  );
}

/** Keeps a case; the same steps of the same target are kept once. Returns the path within this folder. */
export function keepCase(kept: KeptCase): string {
  const text = JSON.stringify({ target: kept.target, steps: kept.steps });
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const name = `${kept.target.replaceAll(' ', '-')}-${digest}.json`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(name, folder), `${JSON.stringify(kept, undefined, 2)}\n`);
  return `corpus/${name}`;
}
