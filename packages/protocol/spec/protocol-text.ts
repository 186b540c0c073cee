import { readFileSync } from 'node:fs';

/** One fenced block: the words behind the fence, and its lines. */
export interface Fence {
  readonly info: readonly string[];
  readonly lines: readonly string[];
}

/** The text of PROTOCOL.md. */
export const protocolText: string = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');

/** All fenced blocks whose first word is `kind`. */
export function fences(kind: string): readonly Fence[] {
  return [...protocolText.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)]
    .map(([, info = '', body = '']) => ({
      info: info.split(' '),
      lines: body.split('\n').filter((line) => line !== ''),
    }))
    .filter(({ info }) => info[0] === kind);
}

/** The text from the heading that starts with `title` up to the next heading of its level or above. Throws if there is none. */
export function section(title: string, within: string = protocolText): string {
  const lines = within.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '').startsWith(title));
  if (start === -1) throw new Error(`no heading "${title}"`);
  const level = /^#+/.exec(lines[start] ?? '')?.[0].length ?? 0;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => (/^#+(?= )/.exec(line)?.[0].length ?? Number.POSITIVE_INFINITY) <= level);
  return rest.slice(0, end === -1 ? undefined : end).join('\n');
}

/** The cells of the first table in `text` whose first column is headed `heading`; without its two head rows, backticks removed. */
export function table(heading: string, text: string): readonly (readonly string[])[] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  if (start === -1) throw new Error(`no table headed "${heading}"`);
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end === -1 ? undefined : end).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}
