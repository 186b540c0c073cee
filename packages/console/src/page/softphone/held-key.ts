import type { PageTime } from '../socket/page-time.ts';
import { isKey } from './key-tone.ts';

/** The one key of a keypad that is held down. */
export interface HeldKey {
  /** Holds a key instead of the one at hand; what is no key is not held. */
  press(key: string): void;
  /** Lets go: the key counts, for as long as it was held. */
  release(): void;
  /** Lets go without counting. */
  drop(): void;
}

/** Whom a key is told to. */
export interface HeldKeyOptions {
  readonly time: PageTime;
  /** Sounds the key until called without one. */
  readonly sound: (key: string | undefined) => void;
  readonly pressed: (key: string, heldMs: number) => void;
}

const longestMs = 2000;

/** Makes a keypad of which no key is held. A key held for 2 s is let go. */
export function createHeldKey({ time, sound, pressed }: HeldKeyOptions): HeldKey {
  let held: { readonly key: string; readonly sinceMs: number; readonly cancel: () => void } | undefined;

  const drop = (): void => {
    if (held === undefined) return;
    held.cancel();
    held = undefined;
    sound(undefined);
  };

  const release = (): void => {
    if (held === undefined) return;
    const { key, sinceMs } = held;
    drop();
    pressed(key, Math.min(longestMs, Math.round(time.now() - sinceMs)));
  };

  return {
    press: (key) => {
      release();
      if (!isKey(key)) return;
      held = { key, sinceMs: time.now(), cancel: time.after(longestMs, release) };
      sound(key);
    },
    release,
    drop,
  };
}
