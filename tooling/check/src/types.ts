import { globSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { checkProject } from './check-project.ts';
import { rootFolder } from './root-folder.ts';
import { readSourceTree } from './source-tree.ts';

/** What others extend; they name no files. */
const sharedConfigurations = /^tooling.config.tsconfig\.(node|pure)\.json$/;

/** Prints what is wrong with the projects and returns the files that they name. */
function checkProjects(configurations: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const configuration of configurations) {
    const { faults, fileNames } = checkProject(configuration);
    for (const name of fileNames) seen.add(relative(rootFolder, name).split(sep).join('/'));
    if (faults === '') continue;
    console.log(`${configuration}\n${faults}`);
    process.exitCode = 1;
  }
  return seen;
}

/** Every project of the repository; every source file belongs to one. */
function checkRepository(): void {
  const sources = [...readSourceTree(rootFolder, ['tooling/check/fixtures']).keys()].filter((path) =>
    /^(packages|apps|tooling)\/.*\.tsx?$/.test(path),
  );
  const configurations = globSync('{packages,apps,tooling}/*/tsconfig*.json', { cwd: rootFolder }).filter(
    (path) => !sharedConfigurations.test(path),
  );
  const seen = checkProjects(configurations.sort());
  for (const path of sources.filter((path) => !seen.has(path))) {
    console.log(`${path} is in no tsconfig*.json of its package`);
    process.exitCode = 1;
  }
}

const given = process.argv.slice(2);
if (given.length > 0) checkProjects(given);
else checkRepository();
