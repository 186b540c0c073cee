import { globSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { checkProjects } from './check-project.ts';
import { rootFolder } from './root-folder.ts';
import { readSourceTree } from './source-tree.ts';

/** What others extend; they name no files. */
const sharedConfigurations = /^tooling.config.tsconfig\.(node|pure)\.json$/;

/** Prints what is wrong with the projects and returns the files that they name. */
function check(configurations: readonly string[]): ReadonlySet<string> {
  const { faults, fileNames } = checkProjects(configurations);
  if (faults !== '') {
    console.log(faults);
    process.exitCode = 1;
  }
  return new Set(fileNames.map((name) => relative(rootFolder, name).split(sep).join('/')));
}

/** Every project of the repository; every source file belongs to one. */
function checkRepository(): void {
  const sources = [...readSourceTree(rootFolder, ['tooling/check/fixtures']).keys()].filter((path) =>
    /^(packages|apps|tooling)\/.*\.tsx?$/.test(path),
  );
  const configurations = globSync('{packages,apps,tooling}/*/tsconfig*.json', { cwd: rootFolder }).filter(
    (path) => !sharedConfigurations.test(path),
  );
  const seen = check(configurations.sort());
  for (const path of sources.filter((path) => !seen.has(path))) {
    console.log(`${path} is in no tsconfig*.json of its package`);
    process.exitCode = 1;
  }
}

const given = process.argv.slice(2);
if (given.length > 0) check(given);
else checkRepository();
