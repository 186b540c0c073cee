import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { SourceTree } from './source-tree.ts';

type Names = Readonly<Record<string, string>>;

/** The parts of a package.json that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly type?: string;
  readonly sideEffects?: boolean;
  readonly engines?: Names;
  readonly files?: readonly string[];
  readonly bin?: Names;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly publishConfig?: { readonly exports?: Readonly<Record<string, unknown>> };
  readonly dependencies?: Names;
  readonly peerDependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly devDependencies?: Names;
}

/** One folder with a package.json. */
export interface WorkspacePackage {
  /** Folder relative to the root, e.g. `packages/clock`. */
  readonly folder: string;
  readonly kind: 'package' | 'app' | 'tooling';
  /** Last part of the folder, e.g. `clock`. */
  readonly shortName: string;
  readonly manifest: Manifest;
}

const kinds = new Map<string, WorkspacePackage['kind']>([
  ['packages', 'package'],
  ['apps', 'app'],
  ['tooling', 'tooling'],
]);

/** The packages, apps and tools of a tree. */
export function findPackages(tree: SourceTree): readonly WorkspacePackage[] {
  const found: WorkspacePackage[] = [];
  for (const [path, text] of tree) {
    const match = /^(packages|apps|tooling)\/([^/]+)\/package\.json$/.exec(path);
    const kind = kinds.get(match?.[1] ?? '');
    if (kind === undefined || match?.[2] === undefined) continue;
    const manifest = JSON.parse(text) as Manifest;
    found.push({ folder: path.slice(0, -'/package.json'.length), kind, shortName: match[2], manifest });
  }
  return found.sort((a, b) => a.folder.localeCompare(b.folder));
}

/** Entry points that exist once the package is published: `.`, `./ws`. */
export function publishedEntryPoints(manifest: Manifest): readonly string[] {
  return Object.keys(manifest.publishConfig?.exports ?? {});
}

/** The packages, apps and tools below a folder. */
export function readWorkspace(root: string): readonly WorkspacePackage[] {
  const tree = new Map<string, string>();
  for (const path of globSync('{packages,apps,tooling}/*/package.json', { cwd: root })) {
    tree.set(path.split(sep).join('/'), readFileSync(join(root, path), 'utf8'));
  }
  return findPackages(tree);
}
