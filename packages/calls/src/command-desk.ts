import type { Clock, Timer } from '@agentao/clock';
import { type CommandResult, limits, type MediaCommand, type MediaResponse } from '@agentao/protocol';
import { type WSSCallClosedError, WSSCallCommandError, WSSCallCommandTimeoutError } from './errors.ts';
import { handled } from './handled.ts';

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
  /** Sends what waits for an answer once more, in order, with the same ids, behind new commands whose outcome nobody waits for. */
  repeat(first: readonly Verb[]): void;
  /** How many of the commands that wait begin a new generation of audio. */
  readonly clearing: number;
  /** An answer has come; one to a command that is no longer waited for is ignored. */
  respond(response: MediaResponse): void;
  /** Rejects whatever waits with `error`. */
  close(error: Error): void;
}

interface Waiting {
  readonly command: MediaCommand;
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

  const desk: CommandDesk = {
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
        const command: MediaCommand = { ...verb, id };
        waiting.set(id, { command, resolve, reject, timer });
        transmit(command);
      });
      return { id, result };
    },

    repeat(first) {
      const again = [...waiting.values()];
      for (const verb of first) void handled(desk.send(verb).result);
      for (const { command } of again) transmit(command);
    },

    get clearing() {
      let count = 0;
      for (const { command } of waiting.values()) {
        if (command.type === 'clear' || (command.type === 'mode' && command.discard !== undefined)) count++;
      }
      return count;
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
  return desk;
}
