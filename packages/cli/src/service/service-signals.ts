/** The signals that a service lives by. Disposing takes the listeners away. */
export interface ServiceSignals extends Disposable {
  /** The first SIGTERM or SIGINT: the switch is to drain. */
  readonly ending: Promise<void>;
  /** The second one: it is to end at once. A third ends the process where it stands. */
  readonly atOnce: Promise<void>;
  /** Calls `reload` on each SIGHUP from now on, and at once if one has come before. */
  onReload(reload: () => void): void;
}

/** Listens for them. A service manager may ask for a reload as soon as the process is there, so this comes before all work of the start. */
export function listenForServiceSignals(): ServiceSignals {
  const ending = Promise.withResolvers<void>();
  const atOnce = Promise.withResolvers<void>();
  const asked = [() => ending.resolve(), () => atOnce.resolve(), () => process.exit(1)];
  let count = 0;
  let isAsked = false;
  let reload = (): void => {
    isAsked = true;
  };
  const onHangUp = (): void => reload();
  const onEnd = (): void => asked[Math.min(count++, asked.length - 1)]?.();
  process.on('SIGTERM', onEnd);
  process.on('SIGINT', onEnd);
  process.on('SIGHUP', onHangUp);
  return {
    ending: ending.promise,
    atOnce: atOnce.promise,
    onReload: (next) => {
      reload = next;
      if (isAsked) reload();
    },
    [Symbol.dispose]: () => {
      process.off('SIGTERM', onEnd);
      process.off('SIGINT', onEnd);
      process.off('SIGHUP', onHangUp);
    },
  };
}
