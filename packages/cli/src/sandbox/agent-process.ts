import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { type Clock, withDeadline } from '@agentao/clock';
import { CommandError } from '../command-error.ts';
import { agentGuard, agentWatch } from '../package-files.ts';

/** The user's agent, running as a process of its own. */
export interface AgentProcess {
  readonly pid: number;
  /** Resolves when it is gone, with the one line that says how. Never rejects. */
  readonly exited: Promise<string>;
  /** Asks it to end, and makes it after five seconds. Resolves when it is gone. Idempotent. */
  stop(): Promise<void>;
}

/** How to run an agent. */
export interface AgentOptions {
  readonly clock: Clock;
  readonly cwd: string;
  /** Added to the environment of this process, in which the client library logs warnings unless AGENTAO_LOG says otherwise. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts it again whenever one of its files changes. */
  readonly watch?: boolean;
  /** One line that it wrote, to either stream. */
  readonly onLine: (line: string) => void;
}

const stopTimeoutMs = 5_000;

/** Starts `file`, a path from `cwd`, with this Node. Throws CommandError if there is no such file. */
export async function startAgent(file: string, options: AgentOptions): Promise<AgentProcess> {
  const { clock, cwd, env, watch = false, onLine } = options;
  const path = resolve(cwd, file);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new CommandError(`There is no agent file ${file}.`);
  // `node` may be a wrapper that stays in between and keeps signals to itself: this is the program itself.
  const flags = watch ? [agentWatch] : ['--import', pathToFileURL(agentGuard).href];
  const child = spawn(process.execPath, [...flags, path], {
    cwd,
    env: { AGENTAO_LOG: 'warn', ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  await once(child, 'spawn');
  const complaint = readLines(child, onLine);
  const exited = once(child, 'close').then(() => {
    const how = child.signalCode === null ? `exit code ${child.exitCode}` : `signal ${child.signalCode}`;
    return `The agent ${file} ended (${how})${complaint() && `: ${complaint()}`}`;
  });
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const stop = async (): Promise<void> => {
    if (isGone()) return;
    child.kill('SIGTERM');
    const late = { timeoutMs: stopTimeoutMs, error: () => new Error('the agent does not end') };
    await withDeadline(clock, exited, late).catch(() => child.kill('SIGKILL'));
    await exited;
  };
  return { pid: child.pid ?? 0, exited, stop };
}

/** Passes both streams on line by line; returns the line of standard error that says what went wrong. */
function readLines(child: ChildProcess, onLine: (line: string) => void): () => string {
  let first = '';
  let error = '';
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      onLine(line);
      if (stream !== child.stderr) return;
      first ||= line.trim();
      // Node prints the place and the source before the error itself.
      if (/^\w*Error\b.*:/.test(line)) error ||= line.trim();
    });
  }
  return () => error || first;
}
