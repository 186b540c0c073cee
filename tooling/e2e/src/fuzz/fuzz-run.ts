import { keepCase, type KeptCase } from './corpus.ts';
import { createFuzzRandom } from './fuzz-random.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import type { HangWatch } from './hang-watch.ts';
import { settledHeapBytes } from './heap-size.ts';
import { minimiseCase } from './minimise-case.ts';
import { type FaultCatcher, runCase } from './run-case.ts';

/** What was seen of one target. */
export interface TargetTally {
  readonly target: FuzzTarget;
  cases: number;
  accepted: number;
  rejected: number;
  runMs: number;
  /** Memory that was still held at the end, beyond that after the first second. */
  grownMb: number;
  readonly findings: string[];
  /** Which faults are known already, so that each is kept once. */
  readonly known: Set<string>;
}

/** What a run needs. */
export interface FuzzRunOptions {
  readonly seed: number;
  readonly faults: FaultCatcher;
  readonly watch: HangWatch;
  /** All targets there are, as `createTargets` gives them. */
  readonly targets: readonly FuzzTarget[];
  /** Told what is found, as it is found. */
  readonly say: (line: string) => void;
}

/** More memory than this must not stay behind. */
const mostGrownMb = 64;
/** So long a case is made smaller; what it has come to by then is kept. */
const mostMinimisingMs = 20_000;
/** A target that shows so many different faults is stopped: whoever reads them has enough. */
const mostFindings = 5;

/** An empty tally. */
export function createTally(target: FuzzTarget): TargetTally {
  const counts = { cases: 0, accepted: 0, rejected: 0, runMs: 0, grownMb: 0 };
  return { target, ...counts, findings: [], known: new Set() };
}

/** Runs the kept cases of the target. */
export async function replayCorpus(
  tally: TargetTally,
  corpus: ReadonlyMap<string, KeptCase>,
  { faults, targets, watch }: FuzzRunOptions,
): Promise<void> {
  for (const [name, { target, steps }] of corpus) {
    if (target !== tally.target.name) continue;
    watch.begin(targets.indexOf(tally.target), -1);
    const outcome = await runCase(tally.target, steps, faults);
    count(tally, outcome);
    for (const finding of outcome.findings) tally.findings.push(`${name}: ${finding}`);
  }
  watch.rest();
  for (const finding of (await tally.target.close?.()) ?? []) tally.findings.push(finding);
}

/** Runs new cases for `ms`, and keeps the smallest form of what fails. `from` is the number of the first one. */
export async function fuzzFor(tally: TargetTally, ms: number, options: FuzzRunOptions): Promise<void> {
  const { target } = tally;
  const { seed, watch, faults, say } = options;
  const targetIndex = options.targets.indexOf(target);
  const startedMs = performance.now();
  const endMs = startedMs + ms;
  let yieldedMs = startedMs;
  const heapAfterMs = startedMs + Math.min(1_000, ms / 3);
  let heapBytes: number | undefined;
  while (performance.now() < endMs && tally.known.size < mostFindings) {
    if (performance.now() - yieldedMs > 50) {
      // Most cases never wait, and the rest of the process wants its turn.
      await new Promise((resolve) => setImmediate(resolve));
      yieldedMs = performance.now();
    }
    const index = tally.cases;
    watch.begin(targetIndex, index);
    const steps = target.generate(createFuzzRandom(seed, target.name, index));
    const outcome = await runCase(target, steps, faults);
    count(tally, outcome);
    if (heapBytes === undefined && performance.now() > heapAfterMs) heapBytes = await settledHeapBytes();
    if (outcome.findings.length > 0) await keepFinding(tally, { steps, findings: outcome.findings, index }, options);
  }
  watch.rest();
  tally.runMs += performance.now() - startedMs;
  if (heapBytes === undefined) return;
  tally.grownMb = Math.max(0, (await settledHeapBytes()) - heapBytes) / 1_048_576;
  if (tally.grownMb > mostGrownMb) {
    tally.findings.push(`${tally.grownMb.toFixed(0)} MB stay behind, at most ${mostGrownMb} may`);
    say(`${target.name}: ${tally.findings.at(-1)}`);
  }
}

function count(
  tally: TargetTally,
  { accepted, rejected }: { readonly accepted: number; readonly rejected: number },
): void {
  tally.cases++;
  tally.accepted += accepted;
  tally.rejected += rejected;
}

interface Failure {
  readonly steps: KeptCase['steps'];
  readonly findings: readonly string[];
  readonly index: number;
}

async function keepFinding(tally: TargetTally, failure: Failure, options: FuzzRunOptions): Promise<void> {
  const { target } = tally;
  const [finding = ''] = failure.findings;
  const kind = kindOf(finding);
  if (tally.known.has(kind)) return;
  tally.known.add(kind);
  options.say(`${target.name}: case ${failure.index} of seed ${options.seed}: ${finding}`);
  const targetIndex = options.targets.indexOf(target);
  const endMs = performance.now() + mostMinimisingMs;
  const steps = await minimiseCase(failure.steps, async (candidate) => {
    if (performance.now() > endMs) return false;
    options.watch.begin(targetIndex, failure.index);
    const { findings } = await runCase(target, candidate, options.faults);
    return findings.some((other) => kindOf(other) === kind);
  });
  const path = keepCase({ target: target.name, why: finding, steps });
  tally.findings.push(`${finding} (${path})`);
  options.say(`  kept with ${steps.length} of ${failure.steps.length} steps as ${path}`);
  // Nobody gets at the files of a run in CI.
  if (process.env['CI'] !== undefined) options.say(`  ${JSON.stringify(steps).slice(0, 8_000)}`);
}

/** A finding without what differs from case to case. */
function kindOf(finding: string): string {
  return finding.replaceAll(/[0-9a-f]{8,}|[\d.]+|(call|offer|session)-\w+/gi, '#');
}
