import { packageRules } from './layers.ts';
import type { Finding } from './import-rules.ts';
import type { SourceTree } from './source-tree.ts';
import type { Manifest, WorkspacePackage } from './workspace.ts';

const pureConfiguration = '../../tooling/config/tsconfig.pure.json';

function manifestFaults(manifest: Manifest): readonly string[] {
  const faults: string[] = [];
  const expectThat = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault);
  };
  expectThat(manifest.private !== true, 'is private');
  expectThat(manifest.license === 'Apache-2.0', 'license is not Apache-2.0');
  expectThat(manifest.type === 'module', 'type is not module');
  expectThat(manifest.sideEffects === false, 'sideEffects is not false');
  expectThat(manifest.engines?.['node'] === '>=24', 'engines.node is not >=24');
  expectThat(manifest.files?.includes('dist') === true, 'files does not name dist');
  const published = manifest.publishConfig?.exports ?? {};
  expectThat(Object.keys(published).length > 0, 'publishConfig.exports has no entry point');
  for (const [entryPoint, target] of Object.entries(published)) {
    const source = String(manifest.exports?.[entryPoint]);
    const output = source.replace(/^\.\/src\/(.+)\.ts$/, './dist/$1');
    const expected = JSON.stringify({ types: `${output}.d.ts`, default: `${output}.js` });
    const isAsset = typeof target === 'string' && target === manifest.exports?.[entryPoint];
    expectThat(
      isAsset || JSON.stringify(target) === expected,
      `publishConfig.exports "${entryPoint}" is not ${expected}`,
    );
  }
  return faults;
}

function dependencyFaults(
  owner: WorkspacePackage,
  packages: ReadonlyMap<string, WorkspacePackage>,
): readonly Finding[] {
  const own = packageRules.get(owner.shortName);
  const { dependencies, peerDependencies, devDependencies } = owner.manifest;
  const findings: Finding[] = [];
  for (const list of [dependencies, peerDependencies, devDependencies]) {
    for (const [name, range] of Object.entries(list ?? {})) {
      const sibling = packages.get(name);
      if (!sibling) continue;
      const other = packageRules.get(sibling.shortName);
      const isLower = sibling.kind === 'package' && other && own && other.layer < own.layer;
      if (!isLower) findings.push(['layer-order', `${owner.shortName} must not depend on ${name}`]);
      if (!range.startsWith('workspace:'))
        findings.push(['package-manifest', `${name} is not a workspace: dependency`]);
    }
  }
  return findings;
}

/** Judges the manifest of one published package, and the files and configuration that go with it. */
export function checkManifest(
  owner: WorkspacePackage,
  packages: ReadonlyMap<string, WorkspacePackage>,
  tree: SourceTree,
): readonly Finding[] {
  const own = packageRules.get(owner.shortName);
  if (!own) return [['layer-order', `${owner.shortName} is not in the table of layers`]];
  const findings: Finding[] = manifestFaults(owner.manifest).map((fault) => ['package-manifest', fault]);
  for (const file of ['README.md', 'LICENSE']) {
    if (!tree.has(`${owner.folder}/${file}`)) findings.push(['package-manifest', `${file} is missing`]);
  }
  const versions = new Set([...packages.values()].filter((p) => p.kind === 'package').map((p) => p.manifest.version));
  if (versions.size > 1) findings.push(['package-manifest', `versions differ: ${[...versions].join(', ')}`]);
  findings.push(...dependencyFaults(owner, packages));
  if (own.layer === 0) {
    const configuration = JSON.parse(tree.get(`${owner.folder}/tsconfig.src.json`) ?? '{}') as {
      extends?: string;
      compilerOptions?: { types?: unknown; lib?: readonly string[] };
    };
    const lib = configuration.compilerOptions?.lib ?? [];
    const isPure =
      configuration.extends === pureConfiguration &&
      configuration.compilerOptions?.types === undefined &&
      lib.every((name) => name === 'ES2024' || name === 'ESNext.Disposable');
    if (!isPure) findings.push(['pure-configuration', `tsconfig.src.json does not hold to ${pureConfiguration}`]);
  }
  return findings;
}
