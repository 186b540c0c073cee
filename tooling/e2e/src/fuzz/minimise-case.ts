import type { FuzzStep } from './fuzz-target.ts';

/** Tells whether a case still shows what is being looked for. */
export type StillFails = (steps: readonly FuzzStep[]) => Promise<boolean>;

/**
 * A smaller case that fails too: first with fewer steps, then with shorter texts and lists inside them. Gives up after `maxRuns`.
 */
export async function minimiseCase(
  steps: readonly FuzzStep[],
  fails: StillFails,
  { maxRuns = 400 }: { readonly maxRuns?: number } = {},
): Promise<readonly FuzzStep[]> {
  let runs = 0;
  const stillFails: StillFails = async (candidate) => runs++ < maxRuns && (await fails(candidate));
  let smallest = await shorten(steps, stillFails);
  for (let index = 0; index < smallest.length; index++) {
    for (const [name, value] of Object.entries(smallest[index] ?? {})) {
      if (typeof value !== 'string' && !Array.isArray(value)) continue;
      const withPart = (part: readonly unknown[]): FuzzStep[] =>
        smallest.map((step, at) =>
          at === index ? { ...step, [name]: typeof value === 'string' ? part.join('') : part } : step,
        );
      const part = await shorten([...value] as unknown[], (shorter) => stillFails(withPart(shorter)));
      if (part.length < value.length) smallest = withPart(part);
    }
  }
  return smallest;
}

/** Leaves out ever smaller stretches of a list as long as it fails without them (Zeller's delta debugging, complements only). */
async function shorten<Item>(
  list: readonly Item[],
  fails: (shorter: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  let shortest = list;
  for (let size = Math.ceil(list.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < shortest.length; ) {
      const without = shortest.toSpliced(at, size);
      if (await fails(without)) shortest = without;
      else at += size;
    }
  }
  return shortest;
}
