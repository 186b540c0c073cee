import { type ChildProcess, fork, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Asked, Status, Told } from './messages.ts';

/** How a process is started. */
export interface ChildOptions {
  /** For people. */
  readonly name: string;
  /** A module of this folder. */
  readonly module: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onTold: (told: Told) => void;
}

/** A real process of the bench. Whatever it still is when the bench ends, it is killed then. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly running: boolean;
  /** What it wrote to standard error. */
  readonly complaints: string;
  /** Resolves with how it ended. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  ask(asked: Asked): void;
  /** How things stand in it; rejects if it does not say within 20 s. */
  status(): Promise<Status>;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** Stops it for so long. That it goes on afterwards does not depend on this process. */
  stall(ms: number): void;
  /** For so long it can write no file beyond its first 300,000 bytes, as on a disk that is full (Linux). */
  fillDisk(ms: number): void;
}

/** The processes of this one, and the shells that wake them. */
const alive = new Set<ChildProcess>();

/** Runs a script of the shell that goes on whatever becomes of this process. */
function runScript(script: string): void {
  const shell = spawn('/bin/sh', ['-c', script], { stdio: 'ignore' });
  alive.add(shell);
  shell.once('close', () => alive.delete(shell));
}

process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/** Starts it, and resolves when it is ready. */
export async function startChild({
  name,
  module,
  env,
  onTold,
}: ChildOptions): Promise<Child & { readonly url: string }> {
  const path = fileURLToPath(new URL(module, import.meta.url));
  const child = fork(path, {
    execPath: process.execPath,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  alive.add(child);
  let complaints = '';
  child.stderr?.on('data', (data) => {
    if (complaints.length < 20_000) complaints += String(data);
  });
  const ready = Promise.withResolvers<string>();
  const askers: ((status: Status) => void)[] = [];
  child.on('message', (message) => {
    const told = message as Told;
    if (told.type === 'ready') ready.resolve(told.url ?? '');
    if (told.type === 'status') askers.shift()?.(told);
    onTold(told);
  });
  const exited = new Promise<{ readonly code: number | null; readonly signal: string | null }>((resolve) => {
    child.once('close', (code, signal) => {
      alive.delete(child);
      ready.reject(new Error(`${name} ended: ${complaints}`));
      resolve({ code, signal });
    });
  });
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const late = setTimeout(() => ready.reject(new Error(`${name} is not ready: ${complaints}`)), 60_000);
  ready.promise.catch(() => undefined);
  try {
    return {
      url: await ready.promise,
      name,
      pid: child.pid ?? 0,
      get running() {
        return isRunning();
      },
      get complaints() {
        return complaints;
      },
      exited,
      ask: (asked) => {
        if (child.connected) child.send(asked, () => undefined);
      },
      status: () =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error(`${name} says nothing`)), 20_000);
          askers.push((status) => {
            clearTimeout(timer);
            resolve(status);
          });
          child.send({ type: 'status' } satisfies Asked, () => undefined);
        }),
      signal: (signal) => void child.kill(signal),
      stall: (ms) => {
        const { pid } = child;
        if (pid === undefined || !isRunning()) return;
        const seconds = (ms / 1_000).toFixed(3);
        runScript(`kill -STOP ${pid}; sleep ${seconds}; kill -CONT ${pid}`);
      },
      fillDisk: (ms) => {
        const limit = (bytes: string): string => `prlimit --pid ${child.pid} --fsize=${bytes}:`;
        runScript(`${limit('300000')} && sleep ${(ms / 1_000).toFixed(3)}; ${limit('unlimited')}`);
      },
    };
  } finally {
    clearTimeout(late);
  }
}
