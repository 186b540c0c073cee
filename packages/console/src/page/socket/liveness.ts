import type { PageTime } from './page-time.ts';

/** Watches whether a peer still lives, by whatever it sends. */
export interface Liveness {
  /** Something came. */
  heard(): void;
  /** Looks now instead of at the next timer, which a browser may hold back for a minute. */
  look(): void;
  stop(): void;
}

/** When to ask and when to give up. */
export interface LivenessOptions {
  readonly time: PageTime;
  /** A peer silent for this long is pinged, and again after each further such while. */
  readonly pingMs: number;
  /** A peer silent for this long is gone. */
  readonly deadMs: number;
  readonly ping: () => void;
  /** Called once, after which nothing is watched any more. */
  readonly dead: () => void;
}

/**
 * Starts to watch. Where this page itself stood still (a frozen tab, a sleeping computer) the silence before it woke proves
 * nothing: the peer is pinged at once and has `deadMs` from then on, but once only.
 */
export function watchLiveness(options: LivenessOptions): Liveness {
  const { time, pingMs, deadMs, ping, dead } = options;
  let heardMs = time.now();
  let askedMs = heardMs;
  let lookedMs = heardMs;
  let spared = false;
  let cancel: () => void = () => undefined;
  let stopped = false;

  const stop = (): void => {
    stopped = true;
    cancel();
  };

  const look = (): void => {
    if (stopped) return;
    const nowMs = time.now();
    const stoodStill = nowMs - lookedMs >= deadMs;
    lookedMs = nowMs;
    if (stoodStill && !spared && nowMs - heardMs >= pingMs) {
      spared = true;
      heardMs = nowMs;
      askedMs = nowMs;
      ping();
    } else if (nowMs - heardMs >= deadMs) {
      stop();
      dead();
      return;
    } else if (nowMs - Math.max(heardMs, askedMs) >= pingMs) {
      askedMs = nowMs;
      ping();
    }
    cancel();
    const dueMs = Math.min(Math.max(heardMs, askedMs) + pingMs, heardMs + deadMs);
    cancel = time.after(Math.max(1, dueMs - nowMs), look);
  };

  look();
  return {
    heard: () => {
      heardMs = time.now();
      spared = false;
    },
    look,
    stop,
  };
}
