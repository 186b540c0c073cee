import { type ActiveCall, BufferClosedError, WSSCallClosedError } from '@agentao/calls';

/** What is said back waits so long to be heard, lest a chunk that comes late make a gap. */
const cushionMs = 200;

/** Says back to the call what is heard in it, a little later. Resolves with the end of the call. */
export async function echo(call: ActiveCall): Promise<void> {
  try {
    await call.sendAudio(new Int16Array((call.sampleRateHz * cushionMs) / 1000));
    for await (const chunk of call.audioStream()) await call.sendAudio(chunk);
  } catch (error) {
    // A chunk that came just before the end.
    if (!(error instanceof BufferClosedError || error instanceof WSSCallClosedError)) throw error;
  }
}
