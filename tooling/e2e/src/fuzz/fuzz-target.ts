import type { FuzzRandom } from './fuzz-random.ts';

/** One input of a case, or one thing done to what is fuzzed. Plain JSON, so that a case can be kept in a file. */
export type FuzzStep = { readonly [field: string]: unknown };

/** What became of a case. */
export interface FuzzOutcome {
  /** Inputs that were taken. */
  readonly accepted: number;
  /** Inputs that were refused in the documented way. */
  readonly rejected: number;
  /** What must not be, a line each; the same fault gives the same line wherever possible. */
  readonly findings: readonly string[];
}

/** Something that is fed whatever a stranger may send. */
export interface FuzzTarget {
  readonly name: string;
  /** Its part of the time, in relation to the other targets. */
  readonly share: number;
  /** Computing time that a case may take at most. */
  readonly cpuMs: number;
  /** Makes a case from random choices; its meaning must not depend on cases that ran before. */
  generate(random: FuzzRandom): readonly FuzzStep[];
  /** Runs a case on something new. A rejection counts as a finding. */
  run(steps: readonly FuzzStep[]): FuzzOutcome | Promise<FuzzOutcome>;
  /** Ends what is kept between cases, and tells what is wrong with it. */
  close?(): Promise<readonly string[]>;
}

/** The text of something thrown, in one line. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return `no Error but ${String(error)}`;
  const [, at = ''] = /\n\s+at (.*)/.exec(error.stack ?? '') ?? [];
  return `${error.name}: ${error.message.slice(0, 300)} (${at.replace(/file:\/\/\S*\/(?=(?:packages|tooling)\/)/, '')})`;
}
