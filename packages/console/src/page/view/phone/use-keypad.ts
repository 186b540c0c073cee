import { useCallback, useEffect, useRef, useState } from 'react';
import type { Softphone } from '../../softphone/softphone.ts';

/** How long a key is held that was clicked without being pressed, as screen readers do. */
const clickedMs = 120;

/** One key at a time, for as long as its holder holds it: a pointer, or a key of the keyboard. */
export interface HeldKey {
  readonly digit: string | undefined;
  press(digit: string, holder: string): void;
  /** Lets go of what `holder` holds; without one, of whatever is held. */
  release(holder?: string): void;
  /** Presses and lets go, for a click that nothing was held down for. */
  tap(digit: string): void;
}

/** The held key of a phone. Let go, too, when `enabled` ends, when the window loses the focus and when the phone goes. */
export function useKeypad(phone: Softphone, enabled: boolean): HeldKey {
  const [digit, setDigit] = useState<string>();
  const holding = useRef<string>(undefined);

  const letGo = useCallback((): void => {
    if (holding.current === undefined) return;
    holding.current = undefined;
    setDigit(undefined);
    phone.release();
  }, [phone]);

  useEffect(() => {
    if (!enabled) return;
    addEventListener('blur', letGo);
    return () => {
      removeEventListener('blur', letGo);
      letGo();
    };
  }, [enabled, letGo]);

  const press = (pressed: string, holder: string): void => {
    if (!enabled || holding.current === holder) return;
    letGo();
    holding.current = holder;
    setDigit(pressed);
    phone.press(pressed);
  };
  const release = (holder?: string): void => {
    if (holder === undefined || holding.current === holder) letGo();
  };

  return {
    digit,
    press,
    release,
    tap: (tapped) => {
      press(tapped, 'tap');
      setTimeout(() => release('tap'), clickedMs);
    },
  };
}
