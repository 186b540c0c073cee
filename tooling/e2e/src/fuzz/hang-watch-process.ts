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
  const steps = target.generate(createFuzzRandom(seed, target.name, index));
  const path = keepCase({ target: target.name, why: `does not end within ${hangMs / 1_000} s`, steps });
  process.stderr.write(`${target.name}: case ${index} of seed ${seed} does not end; kept as ${path}\n`);
  process.kill(process.pid, 'SIGKILL');
}, hangMs);
