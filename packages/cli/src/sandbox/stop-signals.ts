/** Resolves with the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. Disposing takes the listeners away. */
export interface StopSignals extends Disposable {
  readonly received: Promise<NodeJS.Signals>;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Listens for the signals that end a command. */
export function listenForStop(): StopSignals {
  const { promise: received, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let count = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (++count > 1) process.exit(1);
    resolve(signal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    received,
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
