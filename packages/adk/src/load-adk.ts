import { LiveModelError } from '@agentao/agent';
import type * as kit from '@google/adk';

/** The kit, as a module. */
export type Adk = typeof kit;

const install = 'npm i @google/adk@^2.0.0';

/** Loads the kit, which takes most of a second the first time. Rejects with `NOT_INSTALLED`. */
export async function loadAdk(): Promise<Adk> {
  const adk = await import('@google/adk').catch((cause: unknown) => {
    throw new LiveModelError('NOT_INSTALLED', `@google/adk is not installed: ${install}`, { cause });
  });
  if (typeof adk.Runner?.prototype.runLive !== 'function' || typeof adk.isLlmAgent !== 'function') {
    throw new LiveModelError('NOT_INSTALLED', `This version of @google/adk is not known to work: ${install}`);
  }
  return adk;
}
