import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Page, readPage } from './page.ts';
import { typeFaults } from './type-faults.ts';

const root = new URL('../../../../', import.meta.url);
const pages = globSync(['docs/*.md', 'docs/use-cases/*.md'], { cwd: fileURLToPath(root) }).map((path) =>
  readPage(path),
);

/** Where links lead, from the root of the repository, with the part behind `#`. */
function linksOf({ path, text }: Page): readonly (readonly [target: string, anchor: string | undefined])[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return links
    .filter((link) => !/^https?:/.test(link))
    .map((link) => {
      const [file = '', anchor] = link.split('#');
      return [file === '' ? path : posix.join(posix.dirname(path), file), anchor] as const;
    });
}

/** A heading as GitHub makes an anchor of it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

describe('the pages of the documentation', () => {
  it('hold only code that type-checks', () => {
    const modules = new Map<string, string>();
    for (const { path, blocks } of pages) {
      for (const [index, { code }] of blocks.entries()) modules.set(`${posix.basename(path, '.md')}-${index}`, code);
    }
    expect(modules.size).toBeGreaterThan(30);
    expect(typeFaults(modules)).toEqual([]);
  });

  it.each([...pages, readPage('docs/llms.txt')])('$path links to pages and headings that are there', (page) => {
    for (const [target, anchor] of linksOf(page)) {
      expect(existsSync(new URL(target, root)), target).toBe(true);
      if (anchor !== undefined) expect(readPage(target).headings.map(anchorOf), target).toContain(anchor);
    }
  });

  it('hold no code that no test runs', () => {
    const folder = new URL('.', import.meta.url);
    const tests = readdirSync(folder).filter((name) => name.endsWith('.test.ts') && !name.startsWith('whole-pages'));
    const source = tests.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
    const unread = pages.filter(({ path, blocks }) => blocks.length > 0 && !source.includes(`readPage('${path}')`));
    expect(unread.map(({ path }) => path)).toEqual([]);
  });

  it('are all in the index, in llms.txt and reachable from the README of the repository', () => {
    const listed = (path: string): ReadonlySet<string> => new Set(linksOf(readPage(path)).map(([target]) => target));
    const names = pages.map(({ path }) => path).filter((path) => path !== 'docs/README.md');
    for (const list of ['docs/README.md', 'docs/llms.txt'])
      expect([...listed(list)]).toEqual(expect.arrayContaining(names));
    const llms = readPage('docs/llms.txt')
      .text.split('\n')
      .filter((line) => line.startsWith('- '));
    for (const line of llms) expect(line).toMatch(/^- \[[^\]]+\]\([^)]+\): \S.+$/);
    expect([...listed('README.md')]).toEqual(expect.arrayContaining(['docs/README.md', 'docs/llms.txt']));
  });
});
