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

/** A command that has its id, and whose deadline runs; the switch does not know it yet. */
export interface PreparedCommand extends SentCommand {
  /** Sends it. One whose deadline has passed stays unsent, unless it is lasting. */
  transmit(): void;
}

/** How a command is waited for. */
export interface CommandOptions {
  /** By default the protocol's deadline for a command. */
  readonly timeoutMs?: number;
}

/** What a command leads to, however late. */
export interface LastingOptions extends CommandOptions {
  /** It counts, and is repeated, until it is answered: also when nobody waits for it any more. */
  readonly lasting?: boolean;
  /** Told of the answer, at once: whether it is a success. Of a command that is not lasting until its deadline only. */
  readonly onAnswer?: (ok: boolean) => void;
}

/**
 * Sends the commands of one call and matches the answers. Few enough are under way that a switch still knows the answer to each when it comes
 * once more (PROTOCOL.md K-02: the last 256); beyond 128 of those that are not lasting: `RATE_LIMITED`. A lasting one is counted by who prepares it.
 */
export interface CommandDesk {
  /** Sends at once. */
  send(verb: Verb, options?: CommandOptions): SentCommand;
  /** To be sent later. */
  prepare(verb: Verb, options?: LastingOptions): PreparedCommand;
  /** Sends what was sent and not answered once more, in order, with the same ids. */
  repeat(): void;
  /** How many lasting commands have no answer. */
  readonly lasting: number;
  /** An answer has come; one to a command that is no longer waited for is ignored. */
  respond(response: MediaResponse): void;
  /** Rejects whatever waits with `error`, but for commands of the type `except`. */
  close(error: Error, except?: Verb['type']): void;
}

interface Waiting {
  readonly command: MediaCommand;
  readonly lasting: boolean;
  readonly onAnswer: ((ok: boolean) => void) | undefined;
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (error: Error) => void;
  readonly timer: Timer;
  sent: boolean;
}

/** Commands that are not lasting and have no answer yet. */
const maxUnanswered = 128;

/** What gives up or ends has to get through when too much is under way. */
const urgent: ReadonlySet<Verb['type']> = new Set(['close', 'disconnect', 'connect.cancel']);
const maxUrgent = maxUnanswered + 24;

/** What a desk is made of. */
export interface CommandDeskOptions {
  readonly callId: string;
  readonly clock: Clock;
  readonly transmit: (command: MediaCommand) => void;
  /** The error for a command of this type where it is too late for that, `undefined` before. */
  readonly closed: (type: Verb['type']) => WSSCallClosedError | undefined;
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

  const lastingCount = (): number => {
    let count = 0;
    for (const { lasting } of waiting.values()) if (lasting) count++;
    return count;
  };

  const prepare: CommandDesk['prepare'] = (verb, options = {}) => {
    const { timeoutMs = limits.commandTimeoutMs, lasting = false, onAnswer } = options;
    const id = ++lastId;
    const result = new Promise<CommandResult>((resolve, reject) => {
      const over = closed(verb.type);
      if (over !== undefined) {
        reject(over);
        return;
      }
      const most = urgent.has(verb.type) ? maxUrgent : maxUnanswered;
      if (!lasting && waiting.size - lastingCount() >= most) {
        reject(new WSSCallCommandError('RATE_LIMITED', 'too many commands have no answer yet', { callId }));
        return;
      }
      const timer = clock.setTimer(clock.now() + timeoutMs, () => {
        if (!lasting) take(id);
        const name = verb.type === 'mode' ? verb.mode : verb.type;
        reject(new WSSCallCommandTimeoutError(`${name} was not answered within ${timeoutMs} ms`, { callId }));
      });
      waiting.set(id, { command: { ...verb, id }, lasting, onAnswer, resolve, reject, timer, sent: false });
    });
    const send = (): void => {
      const found = waiting.get(id);
      if (found === undefined) return;
      found.sent = true;
      // What is repeated is repeated in the order in which it was sent.
      waiting.delete(id);
      waiting.set(id, found);
      transmit(found.command);
    };
    return { id, result, transmit: send };
  };

  return {
    send(verb, options) {
      const prepared = prepare(verb, options);
      prepared.transmit();
      return prepared;
    },

    prepare,

    repeat() {
      for (const { command, sent } of waiting.values()) if (sent) transmit(command);
    },

    get lasting() {
      return lastingCount();
    },

    respond(response) {
      const found = take(response.id);
      if (found === undefined) return;
      found.onAnswer?.(response.ok);
      if (response.ok) found.resolve(response.result);
      else found.reject(new WSSCallCommandError(response.error.code, response.error.message, { callId }));
    },

    close(error, except) {
      for (const [id, { command }] of [...waiting]) if (command.type !== except) take(id)?.reject(error);
    },
  };
}
