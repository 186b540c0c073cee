import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process of a bench that reports by messages. */
export interface AgentChild extends Disposable {
  readonly pid: number;
  send(message: string): void;
  /** Sends a question and resolves with the next message that has this field. */
  ask<Answer extends object>(question: string, field: keyof Answer & string): Promise<Answer>;
}

/** How it is started. */
export interface AgentChildOptions {
  readonly env: Readonly<Record<string, string>>;
  /** For Node, before the file. */
  readonly flags?: readonly string[];
  readonly onMessage?: (message: object) => void;
}

const readyWithinMs = 20_000;

/** Starts a file with this Node, and resolves when it has said `ready`. It ends with this process or when disposed of. */
export async function startAgentChild(file: URL, options: AgentChildOptions): Promise<AgentChild> {
  const { env, flags = [], onMessage } = options;
  const child: ChildProcess = fork(fileURLToPath(file), {
    execPath: process.execPath,
    execArgv: [...flags],
    env: { ...process.env, ...env },
  });
  child.on('message', (message) => {
    if (typeof message === 'object' && message !== null) onMessage?.(message);
  });
  await once(child, 'message', { signal: AbortSignal.timeout(readyWithinMs) });
  return {
    pid: child.pid ?? 0,
    send: (message) => void child.send(message),
    ask: (question, field) =>
      new Promise((resolve) => {
        const take = (message: unknown): void => {
          if (typeof message !== 'object' || message === null || !(field in message)) return;
          child.off('message', take);
          resolve(message as never);
        };
        child.on('message', take);
        child.send(question);
      }),
    [Symbol.dispose]: () => {
      if (child.connected) child.disconnect();
    },
  };
}
