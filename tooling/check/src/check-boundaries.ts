import { checkImport, isDevelopmentFile, type ImportScope } from './import-rules.ts';
import { packageRules } from './layers.ts';
import { checkManifest } from './manifest-rules.ts';
import type { Rule, Violation } from './rules.ts';
import { readSourceFileFacts } from './source-file-facts.ts';
import type { SourceTree } from './source-tree.ts';
import { checkText } from './text-rules.ts';
import { findPackages, type Manifest, type WorkspacePackage } from './workspace.ts';

/** Holds a tree against every rule; an empty list means that it keeps them all. */
export function checkBoundaries(tree: SourceTree): readonly Violation[] {
  const violations: Violation[] = [];
  const found = findPackages(tree);
  const scope: ImportScope = {
    packages: new Map(found.map((p) => [p.manifest.name, p])),
    rootManifest: JSON.parse(tree.get('package.json') ?? '{}') as Manifest,
  };
  for (const owner of found) {
    if (owner.kind !== 'package') continue;
    for (const [rule, message] of checkManifest(owner, scope.packages, tree)) {
      violations.push({ rule, file: `${owner.folder}/package.json`, message });
    }
  }
  for (const [file, text] of tree) {
    for (const finding of checkText(file, text)) violations.push({ file, ...finding });
    const owner = found.find((p) => file.startsWith(`${p.folder}/`));
    if (owner && /\.tsx?$/.test(file)) violations.push(...checkSource(owner, file, text, scope));
  }
  return violations;
}

function checkSource(owner: WorkspacePackage, file: string, text: string, scope: ImportScope): readonly Violation[] {
  const violations: Violation[] = [];
  const add = (rule: Rule, line: number, message: string): void => void violations.push({ rule, file, line, message });
  const facts = readSourceFileFacts(file, text);
  for (const { value: specifier, line } of facts.imports) {
    for (const [rule, message] of checkImport({ owner, file, specifier }, scope)) add(rule, line, message);
  }
  if (!file.endsWith('.config.ts')) {
    for (const { line } of facts.defaultExports) add('default-export', line, 'export it by name');
  }
  for (const { value, line } of facts.starExports) add('star-export', line, `name what comes from ${value}`);
  const isPure = owner.kind === 'package' && packageRules.get(owner.shortName)?.layer === 0;
  if (isPure && !isDevelopmentFile(owner, file)) {
    for (const { value, line } of facts.references) add('pure-source', line, `refers to ${value}`);
  }
  return violations;
}
