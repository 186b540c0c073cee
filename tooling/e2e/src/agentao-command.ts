import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const file = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Path of the quickstart agent. */
export const quickstart: string = file('apps/quickstart/src/main.ts');
const bin = file('packages/cli/bin/agentao.js');

/** What a command wrote, and how it ended. */
export interface CommandOutcome {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

/** A running `agentao` command. */
export interface RunningCommand {
  readonly pid: number;
  readonly outcome: Promise<CommandOutcome>;
  /** Resolves once standard output has matched; rejects when the command ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** Calls `listener` with what it has written to standard output and with what it writes from now on. */
  onOut(listener: (text: string) => void): void;
}

/** Runs the command as a person would, with this Node and output that is no terminal; `env` is added to that of this process. */
export function runAgentao(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...process.env, ...env }, stdio: [...stdio] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const outcome = once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number | null, out, err }));
  const said = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(out);
        if (match) resolve(match);
      };
      child.stdout.on('data', look);
      look();
      void outcome.then(() => reject(new Error(`${pattern} was never said; output:\n${out}${err}`)));
    });
  const onOut = (listener: (text: string) => void): void => {
    listener(out);
    child.stdout.on('data', listener);
  };
  return { pid: child.pid ?? 0, outcome, said, kill: (signal) => child.kill(signal), onOut };
}
