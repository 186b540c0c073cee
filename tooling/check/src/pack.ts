import { join } from 'node:path';
import { mustRun } from './must-run.ts';
import { rootFolder } from './root-folder.ts';
import { toolCommand } from './run-command.ts';
import type { WorkspacePackage } from './workspace.ts';

// Inside a script of pnpm this is pnpm itself, whatever the PATH says.
/** The first words of a command that runs pnpm. */
export const pnpm: readonly [string, ...string[]] = process.env['npm_execpath']?.includes('pnpm')
  ? ['node', process.env['npm_execpath']]
  : ['pnpm'];

/** One package as a registry would get it. */
export interface Tarball {
  readonly owner: WorkspacePackage;
  readonly file: string;
  /** Paths of the files in it. */
  readonly paths: readonly string[];
}

/** Packs a package into `folder`. */
export async function pack(owner: WorkspacePackage, folder: string): Promise<Tarball> {
  const command = [...pnpm, 'pack', '--json', '--pack-destination', folder] as const;
  const output = await mustRun(`packing ${owner.folder}`, command, { cwd: join(rootFolder, owner.folder) });
  const { filename, files } = JSON.parse(output.slice(output.indexOf('{'))) as {
    filename: string;
    files: readonly { path: string }[];
  };
  return { owner, file: filename, paths: files.map(({ path }) => path) };
}

/** Holds a tarball against publint, and its types against every way to resolve them. */
export async function lint({ owner, file }: Tarball): Promise<void> {
  const cwd = rootFolder;
  await mustRun(`publint of ${owner.folder}`, toolCommand('publint', 'run', file, '--strict'), { cwd });
  const attw = ['--profile', 'esm-only', '--format', 'ascii', '--no-emoji'] as const;
  await mustRun(`attw of ${owner.folder}`, toolCommand('@arethetypeswrong/cli', file, ...attw), { cwd });
}
