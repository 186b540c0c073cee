import type { Clock } from '@agentao/clock';
import type { Counter } from '@opentelemetry/api';
import type { ServiceLogger } from './create-logger.ts';

/** A line for each would be a second flood. */
const quietMs = 60_000;

/** What a watch tells. */
export interface StrangerWatchOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<ServiceLogger, 'warn'>;
  readonly counter: Counter | undefined;
}

/** Returns what is to be called for each connection that is cut because its address has too many: all are counted, and the log has a line once a minute. */
export function createStrangerWatch({ clock, logger, counter }: StrangerWatchOptions): () => void {
  let saidMs = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return () => {
    counter?.add(1);
    unsaid++;
    if (clock.now() - saidMs < quietMs) return;
    saidMs = clock.now();
    logger.warn({ cut: unsaid }, 'connections are cut: one address has too many that are no sockets yet');
    unsaid = 0;
  };
}
