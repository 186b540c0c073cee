import type { Clock } from '@agentao/clock';

/** What to do with the next frame: send it, drop it, or give the peer up. */
export type GateState = 'open' | 'shut' | 'stalled';

/** Keeps audio from piling up in front of a peer that does not read. */
export interface AudioGate {
  /** Call once per frame with the bytes that wait for the peer. */
  check(unreadBytes: number): GateState;
}

/** What a gate is given. */
export interface AudioGateOptions {
  readonly clock: Clock;
  /** Shuts when this much waits, opens again when half of it has been read. */
  readonly boundBytes: number;
  /** `stalled` once it has been shut for this long. */
  readonly stalledMs: number;
}

/** Creates an open gate. */
export function createAudioGate(options: AudioGateOptions): AudioGate {
  const { clock, boundBytes, stalledMs } = options;
  let shutSinceMs: number | undefined;
  return {
    check: (unreadBytes) => {
      if (unreadBytes <= (shutSinceMs === undefined ? boundBytes : boundBytes / 2)) {
        shutSinceMs = undefined;
        return 'open';
      }
      shutSinceMs ??= clock.now();
      return clock.now() - shutSinceMs >= stalledMs ? 'stalled' : 'shut';
    },
  };
}
