import { checkOptionsObject } from './call-arguments.ts';
import { WSSError } from './errors.ts';
import type { Logger } from './logger.ts';

/**
 * Runs a verb at once. Whatever it throws, on whatever arguments, is a rejection of its promise, which ends nothing if nobody awaits it; the log
 * has it at debug for that case.
 */
export type RunVerb = <T>(verb: string, start: () => Promise<T>, options?: object) => Promise<T>;

/** Makes the runner of the verbs of one call. */
export function createVerbRunner({ callId, logger }: { readonly callId: string; readonly logger: Logger }): RunVerb {
  return (verb, start, options = {}) => {
    const running = startChecked(start, options);
    running.catch((error: unknown) => {
      // The text of an error may hold a number, and stays away.
      const code = error instanceof WSSError ? error.code : 'other';
      logger.debug({ callId, verb, code }, 'a verb came to nothing');
    });
    return running;
  };
}

function startChecked<T>(start: () => Promise<T>, options: object): Promise<T> {
  try {
    checkOptionsObject(options);
    return start();
  } catch (error) {
    return Promise.reject(error);
  }
}
