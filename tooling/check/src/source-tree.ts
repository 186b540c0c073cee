import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Text files by path relative to the root, with forward slashes. */
export type SourceTree = ReadonlyMap<string, string>;

const skippedFolders = new Set(['node_modules', 'dist', '.git', '.turbo', 'coverage']);
const binaryFile = /\.(wav|png|jpg|jpeg|gif|ico|woff2?|tgz|gz|zip|db|sqlite|bin|raw|pcm)$/;

/** Reads every text file below `root` that belongs to the project; `skip` names folders to leave out. */
export function readSourceTree(root: string, skip: readonly string[] = []): SourceTree {
  const tree = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const file = join(folder, entry.name);
      const path = relative(root, file).split(sep).join('/');
      if (entry.isDirectory()) {
        if (!skippedFolders.has(entry.name) && !skip.includes(path)) visit(file);
      } else if (entry.isFile() && !binaryFile.test(entry.name)) {
        tree.set(path, readFileSync(file, 'utf8'));
      }
    }
  };
  visit(root);
  return tree;
}
