import { createColors } from 'picocolors';

/** Where a command writes: people and programs read `out`, only people read `err`. */
export interface Terminal {
  readonly colours: ReturnType<typeof createColors>;
  /** One line to standard output. */
  line(text?: string): void;
  /** One line to standard error. */
  problem(text: string): void;
}

/** The part of a process's standard streams that a terminal uses. */
export interface TerminalStreams {
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly err: { write(text: string): unknown };
}

/** Colours only where a person looks: a TTY that has not declined them. */
export function createTerminal({ out, err }: TerminalStreams, env: NodeJS.ProcessEnv): Terminal {
  const isColourful = out.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return {
    colours: createColors(isColourful),
    line: (text = '') => void out.write(`${text}\n`),
    problem: (text) => void err.write(`${text}\n`),
  };
}
