/** The signals that a service lives by. Disposing takes the listeners away. */
export interface ServiceSignals extends Disposable {
  /** The first SIGTERM or SIGINT: the switch is to drain. */
  readonly ending: Promise<void>;
  /** The second one: it is to end at once. A third ends the process where it stands. */
  readonly atOnce: Promise<void>;
}

/** Listens for them; SIGHUP calls `onReload`. */
export function listenForServiceSignals(onReload: () => void): ServiceSignals {
  const ending = Promise.withResolvers<void>();
  const atOnce = Promise.withResolvers<void>();
  const asked = [() => ending.resolve(), () => atOnce.resolve(), () => process.exit(1)];
  let count = 0;
  const onEnd = (): void => asked[Math.min(count++, asked.length - 1)]?.();
  process.on('SIGTERM', onEnd);
  process.on('SIGINT', onEnd);
  process.on('SIGHUP', onReload);
  return {
    ending: ending.promise,
    atOnce: atOnce.promise,
    [Symbol.dispose]: () => {
      process.off('SIGTERM', onEnd);
      process.off('SIGINT', onEnd);
      process.off('SIGHUP', onReload);
    },
  };
}
