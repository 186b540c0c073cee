import type { Clock, Timer } from '@agentao/clock';

/** Where the code of one call runs: its timers and callbacks, none of whose faults reaches another call. */
export interface CallScope {
  readonly clock: Clock;
  /** Runs `action`; a throw ends the call it belongs to, and nothing else. */
  guarded(action: () => void): void;
  /** Runs `action` guarded in `ms`. */
  after(ms: number, action: () => void): Timer;
}

/** Makes the scope of a call; `onFault` is told what was thrown. */
export function createCallScope(clock: Clock, onFault: (error: unknown) => void): CallScope {
  const guarded = (action: () => void): void => {
    try {
      action();
    } catch (error) {
      onFault(error);
    }
  };
  return { clock, guarded, after: (ms, action) => clock.setTimer(clock.now() + ms, () => guarded(action)) };
}
