import { parseArgs } from 'node:util';
import { readCorpus } from './corpus.ts';
import { createTally, fuzzFor, type FuzzRunOptions, replayCorpus, type TargetTally } from './fuzz-run.ts';
import { watchForHangs } from './hang-watch.ts';
import { catchFaults } from './run-case.ts';
import { createTargets } from './targets.ts';

// Feeds every codec, the switch's servers, the client and a real socket with what a stranger might send, for a while. The kept cases come first.
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    only: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
const targets = createTargets();
const chosen = targets.filter(({ name }) => values.only === undefined || name === values.only);
if (!(seconds > 0) || !Number.isSafeInteger(seed) || chosen.length === 0) {
  console.error(
    `--seconds above 0, --seed a whole number, --only one of: ${targets.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

console.log(`fuzz: seed ${seed}, ${seconds} s`);
using faults = catchFaults();
await using watch = watchForHangs(seed);
const options: FuzzRunOptions = { seed, faults, watch, targets, say: (line) => console.log(line) };
const tallies = chosen.map(createTally);
const corpus = readCorpus();
const startedMs = performance.now();
const progress = setInterval(sayProgress, 1_000);
for (const tally of tallies) await replayCorpus(tally, corpus, options);
const replayedMs = performance.now() - startedMs;
const shares = chosen.reduce((sum, { share }) => sum + share, 0);
// What the corpus took is taken from the rest, so that the whole takes as long as was asked for.
const leftMs = Math.max(seconds * 1_000 - replayedMs, seconds * 500);
for (const tally of tallies) {
  await fuzzFor(tally, (leftMs * tally.target.share) / shares, options);
  for (const finding of (await tally.target.close?.()) ?? []) tally.findings.push(finding);
}
clearInterval(progress);
printTable();

/** In a terminal one line that changes, elsewhere one every ten seconds. */
function sayProgress(): void {
  const elapsed = Math.round((performance.now() - startedMs) / 1_000);
  const line = tallies.map(({ target, cases }) => `${target.name} ${cases}`).join(', ');
  if (process.stdout.isTTY) process.stdout.write(`\r  ${elapsed} s: ${line}\u001b[K`);
  else if (elapsed % 10 === 0) console.log(`  ${elapsed} s: ${line}`);
}

function printTable(): void {
  if (process.stdout.isTTY) process.stdout.write('\r\u001b[K');
  const rows = tallies.map((tally): string[] => {
    const { target, cases, accepted, rejected, runMs, grownMb, findings } = tally;
    const perSecond = (cases * 1_000) / Math.max(1, runMs);
    return [target.name, cases, perSecond.toFixed(0), rejected, accepted, grownMb.toFixed(1), findings.length].map(
      String,
    );
  });
  const head = ['target', 'cases', 'per second', 'inputs refused', 'inputs taken', 'MB kept', 'findings'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(cells.join('  '));
  }
  for (const { target, findings } of tallies)
    for (const finding of findings) console.log(`FOUND ${target.name}: ${finding}`);
  const pass = tallies.every(({ findings, cases }) => findings.length === 0 && cases > 0);
  const figures = Object.fromEntries(tallies.map((tally) => [tally.target.name, figuresOf(tally)]));
  const { length: kept } = [...corpus.values()].filter(({ target }) => figures[target] !== undefined);
  console.log(JSON.stringify({ name: 'fuzz', pass, figures: { seed, seconds, kept, ...figures } }));
  process.exitCode = pass ? 0 : 1;
}

function figuresOf({ cases, accepted, rejected, findings }: TargetTally): object {
  return { cases, accepted, rejected, findings: findings.length };
}
