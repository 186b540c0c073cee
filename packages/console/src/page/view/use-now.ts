import { useEffect, useState } from 'react';

const secondMs = 1_000;

/** `Date.now()`, drawn anew on each full second since `sinceMs`; stands still while `running` is false. */
export function useNow(running: boolean, sinceMs = 0): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    let timer: ReturnType<typeof setTimeout>;
    const tick = (): void => {
      const now = Date.now();
      setNowMs(now);
      const intoSecond = (((now - sinceMs) % secondMs) + secondMs) % secondMs;
      timer = setTimeout(tick, secondMs - intoSecond);
    };
    tick();
    return () => clearTimeout(timer);
  }, [running, sinceMs]);
  return nowMs;
}
