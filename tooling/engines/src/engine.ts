import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** A program that tests need beside Node: its path, or the line that says why there is none. */
export type Engine =
  | { readonly path: string; readonly missing?: undefined }
  | { readonly path: undefined; readonly missing: string };

/** What is looked for, and where. */
export interface EngineSearch {
  /** What the tests are without, and how to get it: one line. */
  readonly missing: string;
  /** Programs in the order of preference: absolute paths, or names on the path. */
  readonly candidates: readonly string[];
  /** Arguments with which the program ends well if it will do. */
  readonly probe: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

const probeTimeoutMs = 20_000;

/**
 * The first candidate that runs. Where there is none the tests are to be skipped, and the reason is printed here; in
 * continuous integration (`CI` is set) it is thrown instead.
 */
export function engineOrReason({ missing, candidates, probe, env = process.env }: EngineSearch): Engine {
  const path = candidates.flatMap((candidate) => placesOf(candidate, env)).find((place) => runs(place, probe));
  if (path !== undefined) return { path };
  if (env['CI']) throw new Error(missing);
  console.warn(`Skipped: ${missing}`);
  return { path: undefined, missing };
}

function placesOf(candidate: string, env: NodeJS.ProcessEnv): readonly string[] {
  const places = isAbsolute(candidate)
    ? [candidate]
    : (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, candidate));
  return places.filter((place) => statSync(place, { throwIfNoEntry: false })?.isFile() === true);
}

function runs(path: string, probe: readonly string[]): boolean {
  return spawnSync(path, probe, { stdio: 'ignore', timeout: probeTimeoutMs }).status === 0;
}
