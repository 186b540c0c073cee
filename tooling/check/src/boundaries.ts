import { checkBoundaries } from './check-boundaries.ts';
import { rootFolder } from './root-folder.ts';
import { rules } from './rules.ts';
import { readSourceTree } from './source-tree.ts';

const violations = checkBoundaries(readSourceTree(rootFolder, ['tooling/check/fixtures', '.ci/output']));
for (const { rule, file, line, message } of violations) {
  console.log(`${file}${line === undefined ? '' : `:${line}`}  ${rule}: ${message}`);
}
for (const rule of new Set(violations.map((violation) => violation.rule))) console.log(`\n${rule}: ${rules[rule]}`);
process.exitCode = violations.length > 0 ? 1 : 0;
