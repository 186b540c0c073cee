import type { Clock } from '@agentao/clock';
import { watchLiveness } from '@agentao/transport';
import type { Peer } from './peer.ts';

/** How a quiet peer is asked and given up. */
export interface KeepAliveOptions {
  readonly clock: Clock;
  /** Pings at this interval, */
  readonly everyMs: number;
  /** while the peer has sent nothing for this long; 0 = always. */
  readonly quietMs: number;
  /** Closes with 4504 once the peer has sent nothing for this long. */
  readonly deadMs: number;
}

/** The pings to one peer. */
export interface KeepAlive {
  /** Last measured time from a ping to its pong; `undefined` before the first. */
  readonly roundTripMs: number | undefined;
  /** A pong has come. */
  pong(id: number): void;
  stop(): void;
}

/** Watches over `peer` until stopped. */
export function keepAlive(peer: Peer, options: KeepAliveOptions): KeepAlive {
  const { clock, everyMs, quietMs, deadMs } = options;
  const { socket } = peer;
  let lastId = 0;
  let sentMs = 0;
  let roundTripMs: number | undefined;

  const beat = (): void => {
    let nextMs = socket.lastReceivedMs + quietMs;
    if (clock.now() >= nextMs) {
      sentMs = clock.now();
      peer.send({ type: 'ping', id: ++lastId });
      nextMs = sentMs + everyMs;
    }
    timer = clock.setTimer(nextMs, beat);
  };

  let timer = clock.setTimer(clock.now() + everyMs, beat);
  const liveness = watchLiveness(socket, { clock, deadAfterMs: deadMs, onDead: () => peer.close('LIVENESS_LOST') });
  return {
    get roundTripMs() {
      return roundTripMs;
    },
    pong: (id) => {
      if (id === lastId) roundTripMs = clock.now() - sentMs;
    },
    stop: () => {
      timer.cancel();
      liveness[Symbol.dispose]();
    },
  };
}
