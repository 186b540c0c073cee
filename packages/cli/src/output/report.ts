import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

/** Who does or hears something in a call's timeline. */
export type Actor = 'caller' | 'callee' | 'agent' | 'switch';

/** What a check found. */
export interface Finding {
  readonly ok: boolean;
  readonly detail: string;
  /** What to look at when it is not ok. */
  readonly hint?: string;
}

/** The account of one simulated call: lines as things happen, checks, and figures for programs. */
export interface Report {
  /** Names of the checks that failed: `caller hears the greeting`. */
  readonly failed: readonly string[];
  readonly figures: ReadonlyMap<string, unknown>;
  /** Time zero of the lines; the clock's milliseconds. */
  start(atMs: number): void;
  /** Something that was done. */
  note(atMs: number, event: { readonly who: Actor; readonly what: string; readonly detail?: string }): void;
  /** Something that had to happen. */
  check(atMs: number, event: { readonly who: Actor; readonly what: string } & Finding): void;
  /** A value for the JSON line; the unit is in the name. Numbers are rounded to a tenth. */
  figure(name: string, value: number | string | Readonly<Record<string, number>>): void;
  /** Nothing more is written: the call is cut short on purpose. */
  mute(): void;
}

const whatWidth = 40;

/** Makes a report that writes its lines to a terminal. */
export function createReport(terminal: Terminal): Report {
  const { colours } = terminal;
  const failed: string[] = [];
  const figures = new Map<string, unknown>();
  let startMs = 0;
  let muted = false;

  const write = (text: string): void => {
    if (!muted) terminal.line(text);
  };
  const line = (mark: string, atMs: number, event: { who: Actor; what: string; detail?: string }): string => {
    const seconds = ((atMs - startMs) / 1000).toFixed(3).padStart(7);
    const [first = '', ...rest] = wrapped(printable(event.what));
    const what = first.padEnd(event.detail ? whatWidth : 0);
    const head = `${mark}${colours.dim(`${seconds} s`)}  ${colours.bold(event.who.padEnd(6))}  ${what}  ${printable(event.detail ?? '')}`;
    return [head.trimEnd(), ...rest.map((text) => `${' '.repeat(21)}${text}`)].join('\n');
  };

  return {
    failed,
    figures,
    start: (atMs) => {
      startMs = atMs;
    },
    note: (atMs, event) => write(line('  ', atMs, event)),
    check: (atMs, event) => {
      write(line(event.ok ? colours.green('✓ ') : colours.red('✗ '), atMs, event));
      if (event.ok) return;
      failed.push(`${event.who} ${event.what}`);
      if (event.hint) write(`             ${colours.yellow(event.hint)}`);
    },
    figure: (name, value) => figures.set(name, rounded(value)),
    mute: () => {
      muted = true;
    },
  };
}

/** Lines of whole words. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= whatWidth) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function rounded(value: number | string | Readonly<Record<string, number>>): unknown {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return roundToTenth(value);
  return Object.fromEntries(Object.entries(value).map(([key, number]) => [key, roundToTenth(number)]));
}

function roundToTenth(value: number): number {
  return Math.round(value * 10) / 10;
}
