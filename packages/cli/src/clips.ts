import { fileURLToPath } from 'node:url';

// The same relative path holds from src/ and from dist/.
const folder = new URL('../clips/', import.meta.url);

/** Path of the sentence the simulated caller speaks unless it is given another. */
export const callerClip: string = fileURLToPath(new URL('caller.wav', folder));
/** Path of the simulated callee's sentence. */
export const calleeClip: string = fileURLToPath(new URL('callee.wav', folder));
