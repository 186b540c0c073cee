import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './must-run.ts';
import { pnpm, type Tarball } from './pack.ts';
import { rootFolder } from './root-folder.ts';
import { publishedEntryPoints } from './workspace.ts';

/** A project outside the workspace, with its own `node_modules` and a `consumer.ts` that imports all that its packages publish. */
export interface CleanFolder {
  readonly folder: string;
  /** The packages that its manifest names. */
  readonly tarballs: readonly Tarball[];
}

const compilerOptions = {
  target: 'ES2024',
  module: 'NodeNext',
  strict: true,
  noEmit: true,
  exactOptionalPropertyTypes: true,
  lib: ['ES2024', 'ESNext.Disposable'],
  types: ['node'],
};

/**
 * Makes one project for each group of tarballs and installs them with pnpm. Each finds what its manifest names and nothing
 * else, so a dependency that a package does not declare is missing; siblings come from their tarballs.
 */
export async function installApart(
  groups: ReadonlyMap<string, readonly Tarball[]>,
  { all, folder }: { readonly all: readonly Tarball[]; readonly folder: string },
): Promise<readonly CleanFolder[]> {
  await writeJson(join(folder, 'package.json'), { private: true, pnpm: { overrides: local(all) } });
  await writeFile(join(folder, 'pnpm-workspace.yaml'), 'packages: ["*"]\n');
  await writeFile(join(folder, '.npmrc'), 'hoist=false\nshamefully-hoist=false\n');
  const projects = [...groups].map(([name, tarballs]) => ({ folder: join(folder, name), tarballs }));
  for (const project of projects) await writeProject(project);
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-lockfile'] as const;
  await mustRun('installing the tarballs with pnpm', [...pnpm, 'install', ...flags], { cwd: folder });
  return projects;
}

/** Makes one project with some of the tarballs and installs them with npm, where a hoisted package is found by all others. */
export async function installWithNpm(
  tarballs: readonly Tarball[],
  { all, folder }: { readonly all: readonly Tarball[]; readonly folder: string },
): Promise<CleanFolder> {
  const project = { folder, tarballs };
  await writeProject(project, { overrides: local(all) });
  const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'] as const;
  await mustRun('installing the tarballs with npm', ['npm', 'install', ...flags], { cwd: folder });
  return project;
}

async function writeProject({ folder, tarballs }: CleanFolder, more: object = {}): Promise<void> {
  const peers = Object.assign({}, ...tarballs.map(({ owner }) => owner.manifest.peerDependencies ?? {})) as object;
  const root = JSON.parse(await readFile(join(rootFolder, 'package.json'), 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>;
  };
  await writeJson(join(folder, 'package.json'), {
    private: true,
    type: 'module',
    dependencies: { ...peers, ...local(tarballs) },
    devDependencies: { '@types/node': root.devDependencies['@types/node'] },
    ...more,
  });
  await writeJson(join(folder, 'tsconfig.json'), { compilerOptions, include: ['*.ts'] });
  await writeFile(join(folder, 'consumer.ts'), `${tarballs.flatMap(importLines).join('\n')}\n`);
}

function importLines({ owner }: Tarball, index: number): readonly string[] {
  const { name } = owner.manifest;
  return publishedEntryPoints(owner.manifest)
    .filter((entryPoint) => !entryPoint.endsWith('.json'))
    .flatMap((entryPoint, i) => [
      `import * as entry${index}${i} from '${name}${entryPoint.slice(1)}';`,
      `if (Object.keys(entry${index}${i}).length === 0) throw new Error('${name}${entryPoint.slice(1)} exports nothing');`,
    ]);
}

function local(tarballs: readonly Tarball[]): Readonly<Record<string, string>> {
  return Object.fromEntries(tarballs.map(({ owner, file }) => [owner.manifest.name, `file:${file}`]));
}

async function writeJson(path: string, value: object): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}
