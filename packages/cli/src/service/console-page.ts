import { ConsoleNotBuiltError } from '@agentao/console';
import type { HttpReply } from '@agentao/transport';
import type { ServiceLogger } from './create-logger.ts';

/** The files of the console as `read` has them; none, and a line in the log, where they are missing: the switch serves calls without. */
export async function readConsolePage(
  read: () => Promise<ReadonlyMap<string, HttpReply>>,
  logger: Pick<ServiceLogger, 'warn'>,
): Promise<ReadonlyMap<string, HttpReply>> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ConsoleNotBuiltError)) throw error;
    logger.warn({ problem: error.message }, 'the console is not there; its address says 404');
    return new Map();
  }
}
