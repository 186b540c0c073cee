import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock, Timer } from '@agentao/clock';

/** Several changes within this time are one: editors write a file in steps, and certificates come in pairs. */
const quietMs = 300;

/** Calls `onChange` after one of the files was written or replaced. Closing stops it. */
export function watchFiles(
  paths: readonly string[],
  options: { readonly clock: Clock; readonly onChange: () => void },
): Disposable {
  const { clock, onChange } = options;
  let timer: Timer | undefined;
  const changed = (): void => {
    timer?.cancel();
    timer = clock.setTimer(clock.now() + quietMs, onChange);
  };
  const folders = new Map<string, Set<string>>();
  for (const path of paths) folders.set(dirname(path), (folders.get(dirname(path)) ?? new Set()).add(basename(path)));
  // Folders, because a file that is replaced by renaming is another one afterwards.
  const watchers: FSWatcher[] = [...folders].map(([folder, names]) =>
    watch(folder, { persistent: false }, (_, name) => {
      // A mounted secret is replaced by swapping a link whose name begins with two dots.
      if (name === null || names.has(name) || name.startsWith('..')) changed();
    }).on('error', () => {}),
  );
  return {
    [Symbol.dispose]: () => {
      timer?.cancel();
      for (const watcher of watchers) watcher.close();
    },
  };
}
