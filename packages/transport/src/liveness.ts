import type { Clock } from '@agentao/clock';
import type { Socket } from './socket.ts';

/** When a silent peer counts as dead. */
export interface LivenessOptions {
  readonly clock: Clock;
  /** Milliseconds without a frame of any kind. */
  readonly deadAfterMs: number;
  /** Called once; the socket is still its owner's to terminate. */
  readonly onDead: () => void;
}

/** Watches `socket.lastReceivedMs` with one timer. Dispose of it when the socket closes. */
export function watchLiveness(socket: Socket, options: LivenessOptions): Disposable {
  const { clock, deadAfterMs, onDead } = options;
  let suspected = false;
  const deadAtMs = (): number => socket.lastReceivedMs + deadAfterMs;
  const look = (): void => {
    if (clock.now() < deadAtMs()) {
      suspected = false;
      timer = clock.setTimer(deadAtMs(), look);
    } else if (suspected) {
      onDead();
    } else {
      // After a stall of this process timers run before what the peer has sent meanwhile is read: look again a turn later.
      suspected = true;
      timer = clock.setTimer(clock.now(), look);
    }
  };
  let timer = clock.setTimer(deadAtMs(), look);
  return { [Symbol.dispose]: () => timer.cancel() };
}
