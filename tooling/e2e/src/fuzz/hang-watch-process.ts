import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { keepCase } from './corpus.ts';
import { createFuzzRandom } from './fuzz-random.ts';
import { createTargets } from './targets.ts';

// The thread behind `watchForHangs`: makes the case that hangs anew, since the other thread can no longer tell it.
const { shared, seed, hangMs } = workerData as {
  readonly shared: Int32Array;
  readonly seed: number;
  readonly hangMs: number;
};
let last = -1;
setInterval(() => {
  const [count = 0, targetIndex = -1, index = 0] = shared;
  const hangs = targetIndex >= 0 && count === last;
  last = count;
  if (!hangs) return;
  const target = createTargets()[targetIndex];
  if (target === undefined) return;
  const why = `does not end within ${hangMs / 1_000} s`;
  const steps = index < 0 ? [] : target.generate(createFuzzRandom(seed, target.name, index));
  const said =
    index < 0
      ? `a case of the corpus ${why}`
      : `case ${index} of seed ${seed} ${why}; kept as ${keepCase({ target: target.name, why, steps })}`;
  // What a thread writes to `process.stderr` goes through the one that hangs.
  writeSync(2, `${target.name}: ${said}\n`);
  process.kill(process.pid, 'SIGKILL');
}, hangMs);
