import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rootFolder } from './root-folder.ts';

/** How a program ended and everything it wrote. */
export interface CommandResult {
  readonly ok: boolean;
  readonly output: string;
}

/** A program with its arguments; the first word `node` means the Node that runs this. */
export type Command = readonly [program: string, ...args: string[]];

const graceMs = 1_000;
const groups = new Set<ChildProcess>();

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The whole group has ended by itself.
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  signalGroup(child, 'SIGTERM');
  await sleep(graceMs);
  // What spins hears no SIGTERM.
  signalGroup(child, 'SIGKILL');
}

/** Ends every command with a deadline that still runs, with everything it started. */
export async function endCommands(): Promise<void> {
  await Promise.all([...groups].map(endGroup));
}

/** The script behind a program that a root devDependency brings, run without the shell wrapper around it. */
export function toolCommand(packageName: string, ...args: string[]): Command {
  const folder = join(rootFolder, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin: string | Record<string, string>;
  };
  const script = typeof bin === 'string' ? bin : (bin[packageName.replace(/^.*\//, '')] ?? Object.values(bin)[0]);
  if (script === undefined) throw new Error(`${packageName} has no program`);
  return ['node', join(folder, script), ...args];
}

/**
 * Runs a program to its end; it never rejects. Its output is kept, not printed. With a deadline it is the head of its own
 * process group, which is ended together.
 */
export async function runCommand(
  command: Command,
  options: { readonly cwd?: string; readonly deadlineMs?: number } = {},
): Promise<CommandResult> {
  const [program, ...args] = command;
  const { cwd = rootFolder, deadlineMs } = options;
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd,
    detached: deadlineMs !== undefined,
    // A Node of another version further along the path is not found first.
    env: {
      ...process.env,
      NO_COLOR: '1',
      PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer): void => void chunks.push(chunk);
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let deadline: NodeJS.Timeout | undefined;
  if (deadlineMs !== undefined) {
    groups.add(child);
    deadline = setTimeout(() => {
      keep(Buffer.from(`\nno end after ${deadlineMs / 1000} s\n`));
      void endGroup(child);
    }, deadlineMs);
  }
  const finish = (ok: boolean, note = ''): void => {
    clearTimeout(deadline);
    groups.delete(child);
    resolve({ ok, output: Buffer.concat(chunks).toString('utf8') + note });
  };
  child.once('error', (error) => finish(false, `${error.message}\n`));
  child.once('close', (code, signal) => finish(code === 0, signal ? `ended by ${signal}\n` : ''));
  return promise;
}
