import type { Clock, Timer } from '@agentao/clock';
import { type CommandResult, limits, type MediaCommand, type MediaResponse } from '@agentao/protocol';
import { type WSSCallClosedError, WSSCallCommandError, WSSCallCommandTimeoutError } from './errors.ts';

type WithoutId<Command> = Command extends unknown ? Omit<Command, 'id'> : never;

/** A command before it has its id. */
export type Verb = WithoutId<MediaCommand>;

/** A command that was sent. */
export interface SentCommand {
  readonly id: number;
  /** Rejects with `WSSCallCommandError`, `WSSCallCommandTimeoutError` or what `close` is given. */
  readonly result: Promise<CommandResult>;
}

/** Sends the commands of one call and matches the answers. */
export interface CommandDesk {
  /** Sends at once. `timeoutMs` is by default the protocol's deadline for a command. */
  send(verb: Verb, options?: { readonly timeoutMs?: number }): SentCommand;
  /** An answer has come; one to a command that is no longer waited for is ignored. */
  respond(response: MediaResponse): void;
  /** Rejects whatever waits with `error`. */
  close(error: Error): void;
}

interface Waiting {
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (error: Error) => void;
  readonly timer: Timer;
}

/** What a desk is made of. */
export interface CommandDeskOptions {
  readonly callId: string;
  readonly clock: Clock;
  readonly transmit: (command: MediaCommand) => void;
  /** The error for a command after the end, `undefined` before it. */
  readonly closed: () => WSSCallClosedError | undefined;
}

/** Makes the desk of one call. */
export function createCommandDesk({ callId, clock, transmit, closed }: CommandDeskOptions): CommandDesk {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;

  const take = (id: number): Waiting | undefined => {
    const found = waiting.get(id);
    waiting.delete(id);
    found?.timer.cancel();
    return found;
  };

  return {
    send(verb, { timeoutMs = limits.commandTimeoutMs } = {}) {
      const id = ++lastId;
      const result = new Promise<CommandResult>((resolve, reject) => {
        const over = closed();
        if (over !== undefined) {
          reject(over);
          return;
        }
        const timer = clock.setTimer(clock.now() + timeoutMs, () => {
          const text = `${verb.type} was not answered within ${timeoutMs} ms`;
          take(id)?.reject(new WSSCallCommandTimeoutError(text, { callId }));
        });
        waiting.set(id, { resolve, reject, timer });
        transmit({ ...verb, id });
      });
      return { id, result };
    },

    respond(response) {
      const found = take(response.id);
      if (found === undefined) return;
      if (response.ok) found.resolve(response.result);
      else found.reject(new WSSCallCommandError(response.error.code, response.error.message, { callId }));
    },

    close(error) {
      for (const id of [...waiting.keys()]) take(id)?.reject(error);
    },
  };
}
