import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { rootFolder } from './root-folder.ts';

/** How a program ended and everything it wrote. */
export interface CommandResult {
  readonly ok: boolean;
  readonly output: string;
}

/** A program with its arguments; the first word `node` means the Node that runs this. */
export type Command = readonly [program: string, ...args: string[]];

const running = new Set<ChildProcess>();

/** Ends what is still running, with everything it started. */
export function endCommands(): void {
  for (const { pid } of running) {
    if (pid !== undefined) process.kill(-pid, 'SIGTERM');
  }
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

/** Runs a program to its end; it never rejects. Its output is kept, not printed. */
export async function runCommand(
  command: Command,
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CommandResult> {
  const [program, ...args] = command;
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const child = spawn(program === 'node' ? process.execPath : program, args, {
    cwd: options.cwd ?? rootFolder,
    // The whole group is ended together; a Node of another version further along the path is not found first.
    detached: true,
    env: {
      ...process.env,
      NO_COLOR: '1',
      PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer): void => void chunks.push(chunk);
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const finish = (ok: boolean, note = ''): void => {
    running.delete(child);
    resolve({ ok, output: Buffer.concat(chunks).toString('utf8') + note });
  };
  child.once('error', (error) => finish(false, `${error.message}\n`));
  child.once('close', (code, signal) => finish(code === 0, signal ? `ended by ${signal}\n` : ''));
  return promise;
}
