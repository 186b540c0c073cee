import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootFolder } from './root-folder.ts';
import { runCommand, toolCommand, type Command } from './run-command.ts';
import { publishedEntryPoints, readWorkspace, type WorkspacePackage } from './workspace.ts';

// Inside a script of pnpm this is pnpm itself, whatever the PATH says.
const pnpm: readonly [string, ...string[]] = process.env['npm_execpath']?.includes('pnpm')
  ? ['node', process.env['npm_execpath']]
  : ['pnpm'];

async function mustRun(what: string, command: Command, cwd: string): Promise<string> {
  const { ok, output } = await runCommand(command, { cwd });
  if (!ok) throw new Error(`${what} failed\n${output}`);
  return output;
}

async function pack(owner: WorkspacePackage, folder: string): Promise<string> {
  const output = await mustRun(
    `packing ${owner.folder}`,
    [...pnpm, 'pack', '--json', '--pack-destination', folder],
    join(rootFolder, owner.folder),
  );
  const { filename } = JSON.parse(output.slice(output.indexOf('{'))) as { filename: string };
  return filename;
}

async function lint(owner: WorkspacePackage, tarball: string): Promise<void> {
  await mustRun(`publint of ${owner.folder}`, toolCommand('publint', 'run', tarball, '--strict'), rootFolder);
  await mustRun(
    `attw of ${owner.folder}`,
    toolCommand('@arethetypeswrong/cli', tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'),
    rootFolder,
  );
}

/** A clean folder where every package is installed from its tarball and nothing but declared dependencies is found. */
async function install(tarballs: ReadonlyMap<WorkspacePackage, string>, folder: string): Promise<void> {
  const local = Object.fromEntries([...tarballs].map(([{ manifest }, file]) => [manifest.name, `file:${file}`]));
  const peers = Object.assign(
    {},
    ...[...tarballs.keys()].map(({ manifest }) => manifest.peerDependencies ?? {}),
  ) as object;
  const root = JSON.parse(await readFile(join(rootFolder, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const manifest = {
    name: 'consumer',
    private: true,
    type: 'module',
    dependencies: { ...peers, ...local, '@types/node': root.devDependencies['@types/node'] },
    pnpm: { overrides: local },
  };
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  await writeFile(join(folder, '.npmrc'), 'hoist=false\nshamefully-hoist=false\n');
  await mustRun(
    'installing the tarballs',
    [...pnpm, 'install', '--prefer-offline', '--ignore-workspace', '--ignore-scripts', '--no-lockfile'],
    folder,
  );
}

async function useFromOutside(packages: readonly WorkspacePackage[], folder: string): Promise<void> {
  const entryPoints = packages.flatMap(({ manifest }) =>
    publishedEntryPoints(manifest)
      .filter((entryPoint) => !entryPoint.endsWith('.json'))
      .map((entryPoint) => manifest.name + entryPoint.slice(1)),
  );
  const lines = entryPoints.flatMap((name, i) => [
    `import * as entry${i} from '${name}';`,
    `if (Object.keys(entry${i}).length === 0) throw new Error('${name} exports nothing');`,
  ]);
  await writeFile(join(folder, 'consumer.ts'), `${lines.join('\n')}\n`);
  const compilerOptions = {
    target: 'ES2024',
    module: 'NodeNext',
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    lib: ['ES2024', 'ESNext.Disposable'],
    types: ['node'],
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
  await mustRun('importing the tarballs', ['node', 'consumer.ts'], folder);
  await mustRun('type-checking against the tarballs', toolCommand('typescript', '-p', folder), folder);
  for (const { manifest } of packages) {
    for (const file of Object.values(manifest.bin ?? {})) {
      const script = join(folder, 'node_modules', manifest.name, file);
      await mustRun(`${manifest.name} --help`, ['node', script, '--help'], folder);
    }
  }
}

const folder = await mkdtemp(join(tmpdir(), 'agentao-tarballs-'));
try {
  const packages = readWorkspace(rootFolder).filter(({ kind }) => kind === 'package');
  const tarballs = new Map<WorkspacePackage, string>();
  for (const owner of packages) tarballs.set(owner, await pack(owner, folder));
  const consumer = join(folder, 'consumer');
  const linting = Promise.all([...tarballs].map(async ([owner, tarball]) => lint(owner, tarball)));
  const using = install(tarballs, consumer).then(async () => useFromOutside(packages, consumer));
  for (const result of await Promise.allSettled([linting, using])) {
    if (result.status === 'rejected') throw result.reason;
  }
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
