import { posix } from 'node:path';
import { rootFolder } from './root-folder.ts';
import { machinePath } from './text-rules.ts';

const always = [/^(package\.json|README\.md|LICENSE)$/, /^dist\/[a-z-]+(-[\w-]{8})?\.(js|js\.map|d\.ts)$/];

/** What a package ships beside its code. A file that neither this nor {@link always} expects is a fault. */
const assets: ReadonlyMap<string, readonly RegExp[]> = new Map([
  [
    'protocol',
    [/^PROTOCOL\.md$/, /^(schema|vectors)\/[a-z-]+\.json$/, /^conformance\/python\/(README\.md|[a-z_]+\.py)$/],
  ],
  ['cli', [/^bin\/[a-z-]+\.js$/, /^clips\/[a-z-]+\.wav$/]],
  ['console', [/^dist\/page\/(index\.html|third-party-licenses\.md)$/, /^dist\/page\/assets\/[\w-]+\.(js|css|svg)$/]],
]);

const required: ReadonlyMap<string, readonly RegExp[]> = new Map([
  [
    'console',
    [
      /^dist\/page\/index\.html$/,
      /^dist\/page\/third-party-licenses\.md$/,
      /^dist\/page\/assets\/.+\.js$/,
      /^dist\/page\/assets\/.+\.css$/,
    ],
  ],
]);

const pageFolder = 'dist/page/';
const bundledLibraries = ['react', 'react-dom'];

/** What is wrong with what a package ships: its files, by path, as a tarball has them. Binary files have no text. */
export function contentFaults(shortName: string, files: ReadonlyMap<string, string>): readonly string[] {
  const expected = [...always, ...(assets.get(shortName) ?? [])];
  const faults = [...files.keys()]
    .filter((path) => !expected.some((pattern) => pattern.test(path)))
    .map((path) => `${path} is not expected`);
  for (const pattern of required.get(shortName) ?? []) {
    if (![...files.keys()].some((path) => pattern.test(path))) faults.push(`nothing in it is ${pattern.source}`);
  }
  for (const [path, text] of files) faults.push(...textFaults(path, text).map((fault) => `${path} ${fault}`));
  faults.push(...pageFaults(files));
  return faults;
}

function textFaults(path: string, text: string): readonly string[] {
  const faults: string[] = [];
  const at = text.includes(rootFolder) ? rootFolder : machinePath.exec(text)?.[0].trim();
  if (at !== undefined) faults.push(`holds a path of a machine: ${at}`);
  if (path === 'package.json' && /"(workspace|catalog):/.test(text)) faults.push('has a range only a workspace knows');
  if (path.endsWith('.map')) {
    const { sources } = JSON.parse(text) as { readonly sources: readonly string[] };
    const isElsewhere = (source: string): boolean => posix.isAbsolute(source) || /^[A-Za-z]+:/.test(source);
    faults.push(...sources.filter(isElsewhere).map((source) => `names a source by an absolute path: ${source}`));
  }
  return faults;
}

/** Every file of a built page is reached from another one; a leftover of an earlier build is not. Its libraries are named with their licences. */
function pageFaults(files: ReadonlyMap<string, string>): readonly string[] {
  const page = [...files].filter(([path]) => path.startsWith(pageFolder));
  const faults = page
    .map(([path]) => path)
    .filter((path) => path.startsWith(`${pageFolder}assets/`))
    .filter((path) => !page.some(([other, text]) => other !== path && text.includes(posix.basename(path))))
    .map((path) => `${path} belongs to no page: a leftover of an earlier build?`);
  const licences = files.get(`${pageFolder}third-party-licenses.md`);
  if (licences === undefined) return faults;
  const unnamed = bundledLibraries.filter((name) => !licences.includes(`\n## ${name} - `));
  return [...faults, ...unnamed.map((name) => `the third-party licences do not name ${name}`)];
}
