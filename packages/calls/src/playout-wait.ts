import { type Clock, withDeadline } from '@agentao/clock';
import type { PlayOutcome } from './active-call.ts';
import { checkTimeout } from './call-arguments.ts';
import type { OutgoingAudio } from './outgoing-audio.ts';
import type { Player } from './player.ts';
import type { Playout } from './playout.ts';

/** What a wait looks at. */
export interface PlayoutWaitOptions {
  readonly clock: Clock;
  readonly player: Player;
  readonly outgoing: OutgoingAudio;
  readonly playout: Playout;
}

/**
 * Resolves when everything handed in so far is queued whole: plays that are still being fed, and audio that waits for room.
 * `undefined` if it is already, so that the end of the queue is the end of all that was handed in.
 */
export function queuedWhole({ player, outgoing }: Omit<PlayoutWaitOptions, 'clock'>): Promise<void> | undefined {
  const { feeding } = player;
  const { admitting } = outgoing;
  if (feeding === undefined && admitting === undefined) return undefined;
  return Promise.all([feeding, admitting]).then(() => undefined);
}

/** Until all that was handed in so far has been heard. Throws `INVALID_ARGUMENT` for a timeout that is none. */
export async function waitForPlayout(
  options: PlayoutWaitOptions,
  timeoutMs: number | undefined,
): Promise<PlayOutcome | 'timeout'> {
  checkTimeout('timeoutMs', timeoutMs);
  const { clock, outgoing, playout } = options;
  const whole = queuedWhole(options);
  if (whole === undefined) return await playout.wait(outgoing.end, timeoutMs);
  const { generation } = outgoing;
  const startedMs = clock.now();
  if (timeoutMs === undefined) {
    await whole;
  } else {
    const late = new Error('late');
    const outcome = await withDeadline(clock, whole, { timeoutMs, error: () => late }).catch(() => late);
    if (outcome === late) return 'timeout';
  }
  if (outgoing.generation !== generation) return 'cleared';
  const leftMs = timeoutMs === undefined ? undefined : Math.max(0, timeoutMs - (clock.now() - startedMs));
  return await playout.wait(outgoing.end, leftMs);
}
