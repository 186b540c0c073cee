import type { PageLife } from './page-life.ts';

/** The life of a page in the hands of a test. */
export interface TestPageLife extends PageLife {
  wake(): void;
  leave(): void;
  comeBack(): void;
}

/** Makes the life of a page that is looked at. */
export function createTestPageLife(): TestPageLife {
  const on = (listeners: Set<() => void>) => (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const tell = (listeners: Set<() => void>) => () => {
    for (const listener of listeners) listener();
  };
  const waking = new Set<() => void>();
  const leaving = new Set<() => void>();
  const returning = new Set<() => void>();
  return {
    onWake: on(waking),
    onLeave: on(leaving),
    onReturn: on(returning),
    wake: tell(waking),
    leave: tell(leaving),
    comeBack: tell(returning),
  };
}
