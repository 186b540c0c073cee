import { type Engine, engineOrReason } from './engine.ts';

/** What the Python client needs (Debian: python3-websockets). `.ci/run` tries the same before it installs it. */
export const clientModule = 'websockets.legacy.client';

/** Names of Python 3; the system's own has what the system's packages bring, whatever comes first on the path. */
export const pythonNames = ['python3', '/usr/bin/python3'] as const;

/** A Python 3 that has `modules`, or the one that `AGENTAO_PYTHON` names. Throws in continuous integration if there is none. */
export function findPython({ modules }: { readonly modules: readonly string[] }): Engine {
  const chosen = process.env['AGENTAO_PYTHON'];
  const debian = ['python3', ...modules.map((name) => `python3-${name.split('.')[0]}`)].join(' ');
  return engineOrReason({
    missing: `no ${chosen ?? 'python3'} with ${modules.join(', ')}: install it (Debian: apt-get install ${debian}) or name another in AGENTAO_PYTHON`,
    candidates: chosen ? [chosen] : pythonNames,
    probe: ['-c', modules.map((name) => `import ${name}`).join('\n')],
  });
}
