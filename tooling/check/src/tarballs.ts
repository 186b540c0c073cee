import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CleanFolder, installApart, installWithNpm } from './clean-folder.ts';
import { allSteps, describeFailure, mustRun, StepFailure } from './must-run.ts';
import { callOutsideAgent, writeReadmeAgent } from './outside-agent.ts';
import { lint, pack, type Tarball } from './pack.ts';
import { rootFolder } from './root-folder.ts';
import { endCommands } from './run-command.ts';
import { contentFaults } from './tarball-contents.ts';
import { readWorkspace } from './workspace.ts';

/** What the agent of the README and its switch come from. */
const agentNeeds = ['@agentao/calls', '@agentao/cli'];
const agentProject = 'outside-agent';
const typesScript = fileURLToPath(new URL('types.ts', import.meta.url));

/** Imports every entry point of the project's package in a process of its own, and asks its commands for help. */
async function importAlone({ folder, tarballs }: CleanFolder): Promise<void> {
  for (const { owner } of tarballs) {
    const { name, bin } = owner.manifest;
    await mustRun(`importing ${name} alone`, ['node', 'consumer.ts'], { cwd: folder });
    for (const script of Object.values(bin ?? {})) {
      const command = ['node', join('node_modules', name, script), '--help'] as const;
      await mustRun(`${name} --help`, command, { cwd: folder });
    }
  }
}

async function checkContents({ folder }: CleanFolder, { owner, paths }: Tarball): Promise<void> {
  const files = new Map<string, string>();
  for (const path of paths) {
    const isBinary = path.endsWith('.wav');
    const file = join(folder, 'node_modules', owner.manifest.name, path);
    files.set(path, isBinary ? '' : await readFile(file, 'utf8'));
  }
  const faults = contentFaults(owner.shortName, files);
  if (faults.length > 0) throw new StepFailure(`the files of ${owner.folder} as packed`, faults.join('\n'));
}

/** Installs the tarballs as a stranger to the workspace would, and uses them. */
async function check(tarballs: readonly Tarball[], folder: string): Promise<void> {
  const agentTarballs = tarballs.filter(({ owner }) => agentNeeds.includes(owner.manifest.name));
  const apart = installApart(
    new Map<string, readonly Tarball[]>([
      ...tarballs.map((tarball): [string, readonly Tarball[]] => [tarball.owner.shortName, [tarball]]),
      [agentProject, agentTarballs],
    ]),
    { all: tarballs, folder: join(folder, 'pnpm') },
  );
  const withNpm = installWithNpm(agentTarballs, { all: tarballs, folder: join(folder, 'npm') });
  await allSteps([apart, withNpm]);
  const projects = await apart;
  const single = projects.filter(({ folder }) => basename(folder) !== agentProject);
  const agents = { pnpm: join(folder, 'pnpm', agentProject), npm: (await withNpm).folder };
  for (const place of Object.values(agents)) await writeReadmeAgent(place);
  const types = projects.map(({ folder }) => join(folder, 'tsconfig.json'));
  await allSteps([
    ...Object.entries(agents).map(async ([name, place]) => callOutsideAgent(name, place)),
    ...single.map(importAlone),
    ...single.flatMap((project) => project.tarballs.map(async (tarball) => checkContents(project, tarball))),
    mustRun('type-checking against the tarballs', ['node', typesScript, ...types], { cwd: rootFolder }),
    ...tarballs.map(lint),
  ]);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void endCommands());

const folder = await mkdtemp(join(tmpdir(), 'agentao-tarballs-'));
try {
  const packages = readWorkspace(rootFolder).filter(({ kind }) => kind === 'package');
  const files = join(folder, 'tarballs');
  await mkdir(files);
  await check(await Promise.all(packages.map(async (owner) => pack(owner, files))), folder);
} catch (error) {
  console.log(describeFailure(error));
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
