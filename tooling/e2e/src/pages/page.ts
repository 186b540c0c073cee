import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** A TypeScript block of a page. */
export interface Block {
  /** The heading above it; a heading has one block at most. */
  readonly heading: string;
  readonly code: string;
}

/** A page of the documentation, as Markdown. */
export interface Page {
  readonly path: string;
  readonly text: string;
  readonly headings: readonly string[];
  readonly blocks: readonly Block[];
  /** The code under a heading, which counts as run from now on. */
  code(heading: string): string;
  /** Fails if there is a block that nobody has asked for. */
  expectAllRun(): void;
}

/** Reads a page by its path from the root of the repository. */
export function readPage(path: string): Page {
  const text = readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
  const blocks = blocksOf(text);
  const run = new Set<string>();
  return {
    path,
    text,
    headings: [...text.replace(/```[\s\S]*?```/g, '').matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? ''),
    blocks,
    code: (heading) => {
      const [block, ...more] = blocks.filter((candidate) => candidate.heading === heading);
      if (block === undefined || more.length > 0)
        throw new Error(`${path}: ${heading} has ${more.length} blocks too many`);
      run.add(heading);
      return block.code;
    },
    expectAllRun: () => {
      const missed = blocks.map(({ heading }) => heading).filter((heading) => !run.has(heading));
      expect(missed, `blocks of ${path} that no test runs`).toEqual([]);
    },
  };
}

/** The rows of the first table under a heading, each cell without its spaces; the head is left out. */
export function tableUnder({ text, path }: Page, heading: string): readonly (readonly string[])[] {
  const start = text.indexOf(`# ${heading}\n`);
  if (start < 0) throw new Error(`${path} has no heading ${heading}`);
  const table = /(?:^\|.*\n)+/m.exec(text.slice(start))?.[0] ?? '';
  const rows = table.trimEnd().split('\n').slice(2);
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function blocksOf(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let heading = '';
  for (const [, title, code] of text.matchAll(/^#+ (.+)$|^```ts\n([\s\S]*?)^```$|^```[\s\S]*?^```$/gm)) {
    if (title !== undefined) heading = title;
    else if (code !== undefined) blocks.push({ heading, code });
  }
  return blocks;
}
