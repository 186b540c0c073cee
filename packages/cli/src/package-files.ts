import { fileURLToPath } from 'node:url';

// Of the package's own files; the same relative path holds from src/ and from dist/.
const file = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Path of the sentence the simulated caller speaks unless it is given another. */
export const callerClip: string = file('clips/caller.wav');
/** Path of the simulated callee's sentence. */
export const calleeClip: string = file('clips/callee.wav');
/** Path of the module that ends an agent whose `agentao` command is gone. */
export const agentGuard: string = file('bin/agent-guard.js');
/** Path of the script that runs an agent and starts it again when its files change, until its `agentao` command is gone. */
export const agentWatch: string = file('bin/agent-watch.js');
