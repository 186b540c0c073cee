import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RecordsError } from './records-error.ts';

/**
 * Where the code of a worker thread is: `src/<name>.ts` for whoever runs the sources, `<name>.js` beside the built files for everybody else. Throws
 * {@link RecordsError} where it is missing, as in a bundle that swallowed this package.
 */
export function workerFile(name: 'recording-worker' | 'store-worker'): URL {
  const own = import.meta.url;
  const url = own.endsWith('.ts') ? new URL(`../${name}.ts`, own) : new URL(`./${name}.js`, own);
  if (existsSync(fileURLToPath(url))) return url;
  throw new RecordsError(
    'WORKER_MISSING',
    `${name}.js is not beside the code: keep @agentao/switch out of your bundle`,
  );
}
