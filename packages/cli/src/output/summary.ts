import type { Report } from './report.ts';
import type { Terminal } from './terminal.ts';
import { showCount, showDuration } from './units.ts';

/** The figures for people, one line each, after a call. Durations are in milliseconds and named so. */
const durations: readonly (readonly [figure: string, text: string])[] = [
  ['setupMs', 'set-up: dialled to answered'],
  ['firstAudioMs', 'first audio: dialled to first sound'],
  ['interruptMs', 'interrupt: first word to silence'],
  ['clearToSilenceMs', 'clear: switch to silence at the ear'],
  ['repetitionDelayMs', 'repetition: word to its echo'],
  ['connectMs', 'connect: picked up to line open'],
];

/** Prints the figures of a call, where its recordings are if they could be written, and the verdict. */
export function printSummary(terminal: Terminal, report: Report, out: string | undefined): void {
  const { colours } = terminal;
  const row = (text: string, value: string): void => terminal.line(`  ${text.padEnd(38)}${value.padStart(10)}`);
  terminal.line();
  for (const [figure, text] of durations) {
    const value = report.figures.get(figure);
    if (typeof value === 'number') row(text, showDuration(value));
  }
  for (const who of ['caller', 'callee'] as const) {
    const of = (figure: string): number =>
      (report.figures.get(figure) as Record<string, number> | undefined)?.[who] ?? 0;
    const frames = of('framesReceived');
    if (frames > 0) row(`${who}: ${showCount(frames, 'frame')} received`, showCount(of('gaps'), 'gap'));
  }
  terminal.line();
  if (out !== undefined) terminal.line(`  What each heard and said: ${out}/{caller,callee}-{ear,mouth}.wav`);
  const count = report.failed.length;
  if (count === 0) terminal.line(`  ${colours.green('Every step as it should be.')}`);
  else terminal.line(`  ${colours.red(`${showCount(count, 'step')} failed: ${report.failed.join('; ')}`)}`);
}

/** The one line for programs. */
export function resultLine(name: string, report: Report): string {
  const { failed, figures } = report;
  return JSON.stringify({ name, pass: failed.length === 0, figures: Object.fromEntries(figures), failed });
}
