import type { Clock } from '@agentao/clock';
import { watchLiveness } from './liveness.ts';
import type { Socket } from './socket.ts';

/** How a connection is kept alive and found dead. */
export interface HeartbeatOptions {
  readonly clock: Clock;
  /** A peer that has sent nothing for this long is pinged, and again after each further interval. */
  readonly intervalMs: number;
  /** Milliseconds without a frame after which the peer is dead. Default two intervals. */
  readonly deadAfterMs?: number;
  /** Sends something that the peer answers. */
  readonly ping: () => void;
  /** Called once; the socket is still its owner's to terminate. */
  readonly onDead: () => void;
}

/** Pings a silent peer and tells when it is dead. Dispose of it when the socket closes. */
export function startHeartbeat(socket: Socket, options: HeartbeatOptions): Disposable {
  const { clock, intervalMs, deadAfterMs = 2 * intervalMs, ping } = options;
  const beat = (): void => {
    let nextMs = socket.lastReceivedMs + intervalMs;
    if (clock.now() >= nextMs) {
      ping();
      nextMs = clock.now() + intervalMs;
    }
    timer = clock.setTimer(nextMs, beat);
  };
  let timer = clock.setTimer(socket.lastReceivedMs + intervalMs, beat);
  const onDead = (): void => {
    timer.cancel();
    options.onDead();
  };
  const liveness = watchLiveness(socket, { clock, deadAfterMs, onDead });
  return {
    [Symbol.dispose]: () => {
      timer.cancel();
      liveness[Symbol.dispose]();
    },
  };
}
