import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { packageRules, vendorPackages } from './layers.ts';
import type { Rule } from './rules.ts';
import { publishedEntryPoints, type Manifest, type WorkspacePackage } from './workspace.ts';

/** One import of one file. */
export interface ImportSite {
  readonly owner: WorkspacePackage;
  readonly file: string;
  readonly specifier: string;
}

/** What the import rules know of the tree. */
export interface ImportScope {
  readonly packages: ReadonlyMap<string, WorkspacePackage>;
  readonly rootManifest: Manifest;
}

/** A broken rule and why. */
export type Finding = readonly [rule: Rule, message: string];

/** What is not published: tests, `test-*` files and contract suites that they use, and what lies beside `src`. */
export function isDevelopmentFile(owner: WorkspacePackage, file: string): boolean {
  return (
    owner.kind === 'tooling' ||
    /(\.test|-contract|\/test-[^/]+)\.tsx?$/.test(file) ||
    !file.startsWith(`${owner.folder}/src/`)
  );
}

/** What a bundler makes part of the shipped files. */
function isBundled(owner: WorkspacePackage, file: string): boolean {
  const folders = owner.kind === 'package' ? packageRules.get(owner.shortName)?.bundled : undefined;
  return folders?.some((folder) => file.startsWith(`${owner.folder}/${folder}/`)) === true;
}

/** `@scope/name/sub` and `name/sub` as package name and entry point. */
function splitSpecifier(specifier: string): { readonly name: string; readonly entryPoint: string } {
  const parts = specifier.split('/');
  const name = parts.splice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  return { name, entryPoint: ['.', ...parts].join('/') };
}

function relativeImport({ owner, file, specifier }: ImportSite): Finding | undefined {
  const target = posix.join(posix.dirname(file), specifier);
  if (!target.startsWith(`${owner.folder}/`)) return ['deep-import', `${specifier} leaves ${owner.folder}`];
  if (isDevelopmentFile(owner, file) || isBundled(owner, file) === isBundled(owner, target)) return undefined;
  return ['bundled-source', `${specifier} is on the other side of the bundle`];
}

function siblingImport(site: ImportSite, sibling: WorkspacePackage, entryPoint: string): Finding | undefined {
  const { owner, file, specifier } = site;
  if (owner.kind !== 'tooling' && sibling.kind === 'tooling') {
    return ['layer-order', `${owner.folder} must not import tooling`];
  }
  if (sibling === owner) return ['deep-import', `${specifier} is the own package: import the file`];
  if (owner.kind === 'package') {
    const own = packageRules.get(owner.shortName);
    const other = packageRules.get(sibling.shortName);
    const siblings = own?.bundled === undefined || isBundled(owner, file) ? own?.siblings : [];
    const allowed = isDevelopmentFile(owner, file)
      ? own && other && other.layer < own.layer
      : siblings?.includes(sibling.shortName);
    if (sibling.kind !== 'package' || !allowed) {
      return ['layer-order', `${owner.shortName} must not import ${sibling.folder}`];
    }
  }
  const known =
    owner.kind === 'tooling' ? Object.keys(sibling.manifest.exports ?? {}) : publishedEntryPoints(sibling.manifest);
  return known.includes(entryPoint) ? undefined : ['deep-import', `${specifier} is not a published entry point`];
}

function declares(manifest: Manifest, name: string, withDevelopment: boolean): boolean {
  const lists = [manifest.dependencies, manifest.peerDependencies, manifest.optionalDependencies];
  if (withDevelopment) lists.push(manifest.devDependencies);
  return lists.some((list) => list?.[name] !== undefined);
}

function libraryImport({ owner, file, specifier }: ImportSite, name: string): Finding | undefined {
  const rule = owner.kind === 'package' ? packageRules.get(owner.shortName) : undefined;
  if (rule === undefined) return undefined;
  if (name.startsWith('@google/') && !vendorPackages.has(owner.shortName)) {
    return ['vendor-sdk', `${specifier} belongs in gemini or adk`];
  }
  if (isDevelopmentFile(owner, file)) return undefined;
  if (rule.externals === 'declared') return undefined;
  if (rule.externals.some((allowed) => specifier === allowed || specifier.startsWith(`${allowed}/`))) return undefined;
  return ['foreign-library', `${owner.shortName} must not use ${specifier}`];
}

/** Judges one import; at most one finding for each rule. */
export function checkImport(site: ImportSite, scope: ImportScope): readonly Finding[] {
  const { owner, file, specifier } = site;
  const findings: (Finding | undefined)[] = [];
  if (specifier.startsWith('.') || specifier.startsWith('/')) {
    findings.push(relativeImport(site));
  } else if (isBuiltin(specifier)) {
    const isPure = owner.kind === 'package' && packageRules.get(owner.shortName)?.layer === 0;
    const rule = isPure ? 'pure-source' : isBundled(owner, file) ? 'bundled-source' : undefined;
    if (rule && !isDevelopmentFile(owner, file)) findings.push([rule, `${specifier} is not there in a browser`]);
  } else {
    const { name, entryPoint } = splitSpecifier(specifier);
    const sibling = scope.packages.get(name);
    if (sibling) findings.push(siblingImport(site, sibling, entryPoint));
    else findings.push(libraryImport(site, name));
    const isOwn = name === owner.manifest.name;
    const mayUseDevelopment = isDevelopmentFile(owner, file);
    const isDeclared =
      declares(owner.manifest, name, mayUseDevelopment || isBundled(owner, file)) ||
      (mayUseDevelopment && sibling === undefined && declares(scope.rootManifest, name, true));
    if (!isOwn && !isDeclared)
      findings.push(['undeclared-dependency', `${name} is not in ${owner.folder}/package.json`]);
  }
  return findings.filter((finding) => finding !== undefined);
}
