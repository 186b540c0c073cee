import { type ActiveCall, events } from '@agentao/calls';
import type { Timer } from '@agentao/clock';

/** What is told of the keys of a caller. */
export interface PressedKeysOptions {
  readonly call: ActiveCall;
  /** The first of some keys. */
  readonly onFirst: () => void;
  /** All of them, once a pause or `#` has ended them. */
  readonly onKeys: (keys: string) => unknown;
}

/** Keys that follow one another within this belong together, as those of a number do. */
const pauseMs = 1_500;
/** Longer ones are told in parts. */
const mostKeys = 32;

/** Collects what the caller presses. Returns how to end it. */
export function watchKeys({ call, onFirst, onKeys }: PressedKeysOptions): () => void {
  const { clock } = call;
  let keys = '';
  let timer: Timer | undefined;
  const tell = (): void => {
    timer?.cancel();
    if (keys !== '') onKeys(keys);
    keys = '';
  };
  const unsubscribe = call.on(events.CALL_DTMF, ({ digit, party }) => {
    if (party !== 'caller') return;
    if (keys === '') onFirst();
    // The one that ends a number is no part of it.
    if (digit !== '#' || keys === '') keys += digit;
    timer?.cancel();
    if (digit === '#' || keys.length === mostKeys) tell();
    else timer = clock.setTimer(clock.now() + pauseMs, tell);
  });
  return () => {
    unsubscribe();
    timer?.cancel();
  };
}

const names: Readonly<Record<string, string>> = { '*': 'the star key', '#': 'the hash key' };

/** In words for a model. */
export function keysInWords(keys: string): string {
  return `The caller pressed ${names[keys] ?? keys}.`;
}
