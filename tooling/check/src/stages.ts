import { fileURLToPath } from 'node:url';
import { toolCommand, type Command } from './run-command.ts';

/** One line of the gate. */
export interface Stage {
  readonly name: string;
  readonly command: Command;
  /** Stages whose result this one reads; it is left out when one of them fails. */
  readonly needs?: readonly string[];
  /** Runs while nothing else does: its tests keep real time. */
  readonly alone?: boolean;
}

const script = (name: string, ...args: string[]): Command => [
  'node',
  fileURLToPath(new URL(`${name}.ts`, import.meta.url)),
  ...args,
];

const turbo = (task: string): Command =>
  toolCommand(
    'turbo',
    'run',
    task,
    '--output-logs=errors-only',
    '--log-order=grouped',
    '--log-prefix=none',
    '--continue=dependencies-successful',
  );

/** The gate, in the order in which stages start. `update` writes the API reports instead of comparing them. */
export function gateStages({ update }: { readonly update: boolean }): readonly Stage[] {
  return [
    { name: 'build', command: turbo('build') },
    { name: 'format', command: toolCommand('@biomejs/biome', 'format', '--reporter=summary', '.') },
    { name: 'boundaries', command: script('boundaries') },
    { name: 'lint', command: toolCommand('oxlint', '--deny-warnings', '--format=unix') },
    { name: 'unused', command: toolCommand('knip', '--no-progress') },
    { name: 'types', command: script('types') },
    { name: 'tarballs', command: script('tarballs'), needs: ['build'] },
    { name: 'api', command: script('api-report', ...(update ? ['--update'] : [])), needs: ['build'] },
    { name: 'tests', command: toolCommand('vitest', 'run', '--reporter=dot'), alone: true },
  ];
}
