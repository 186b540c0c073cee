import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

/**
 * Keeps the keyboard in an element whose buttons come and go: when the focused one goes as `change` changes, the
 * element itself takes the focus. It needs a `tabIndex`.
 */
export function useKeptFocus<Kind extends HTMLElement>(change: string): RefObject<Kind | null> {
  const element = useRef<Kind>(null);
  const focused = useRef<EventTarget>(null);

  useEffect(() => {
    const remember = (event: FocusEvent): void => {
      focused.current = element.current?.contains(event.target as Node) ? event.target : null;
    };
    document.addEventListener('focusin', remember);
    return () => document.removeEventListener('focusin', remember);
  }, []);

  useLayoutEffect(() => {
    const last = focused.current;
    const isLost = last instanceof Node && !last.isConnected && document.activeElement === document.body;
    if (isLost) element.current?.focus({ preventScroll: true });
  }, [change]);

  return element;
}
