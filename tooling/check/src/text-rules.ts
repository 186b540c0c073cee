import type { Rule } from './rules.ts';

/** A broken rule with its line, where it has one. */
export interface TextFinding {
  readonly rule: Rule;
  readonly line?: number;
  readonly message: string;
}

const longestFileLines = 400;
const vagueNames = new Set(['utils', 'util', 'helpers', 'helper', 'misc', 'common']);
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;

/** A path that only one machine has. */
export const machinePath: RegExp = new RegExp('(^|[^\\w.])/(work|farm|root|home|Users)/[A-Za-z]', 'm');

// In parts, so that this file does not find itself.
const privateContent: readonly (readonly [RegExp, string])[] = [
  [new RegExp(['-----BEGIN ', '[A-Z ]*', 'PRIVATE ', 'KEY-----'].join('')), 'a private key'],
  [machinePath, 'a path of a machine'],
  [new RegExp(['tarball: ', 'https?:', '|_auth', 'Token'].join('')), 'a registry address or its credential'],
];

/** Judges the name and the text of one file, whatever its language. */
export function checkText(path: string, text: string): readonly TextFinding[] {
  const findings: TextFinding[] = [];
  const lines = text.split('\n');
  if (/\.(ts|tsx|js|mjs)$/.test(path)) {
    const names = path.split('/').slice(2);
    const stem = names.at(-1)?.split('.')[0] ?? '';
    const isVague = [...names.slice(0, -1), stem].some((name) => vagueNames.has(name));
    if (isVague || !names.every((name) => kebabCase.test(name))) {
      findings.push({ rule: 'file-name', message: `${path} says nothing of what is inside, or is not kebab-case` });
    }
    const count = text.endsWith('\n') ? lines.length - 1 : lines.length;
    if (count > longestFileLines) findings.push({ rule: 'long-file', message: `${count} lines` });
  }
  for (const [pattern, what] of privateContent) {
    const index = lines.findIndex((line) => pattern.test(line));
    if (index >= 0) findings.push({ rule: 'private-content', line: index + 1, message: `looks like ${what}` });
  }
  return findings;
}
