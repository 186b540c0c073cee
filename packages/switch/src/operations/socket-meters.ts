import { paths } from '@agentao/protocol';
import type { UpgradeHandler } from '@agentao/transport';
import type { Counter } from '@opentelemetry/api';

/** The sockets of a switch, counted by path. */
export interface SocketMeters {
  /** A socket has been opened. Returns what is to be called once when it is gone. */
  opened(path: string): () => void;
  /** Counts what `onUpgrade` refuses. */
  watch(onUpgrade: UpgradeHandler): UpgradeHandler;
  read(tell: (path: string, open: number) => void): void;
}

const known: ReadonlySet<string> = new Set(Object.values(paths));

/** Creates meters without sockets. All paths that are none of the protocol's are `other`: what strangers ask for makes no labels. */
export function createSocketMeters(refused: Counter): SocketMeters {
  const open = new Map<string, number>([...known].map((path) => [path, 0]));
  const count = (path: string, change: number): void => void open.set(path, (open.get(path) ?? 0) + change);

  return {
    opened: (path) => {
      count(path, 1);
      return () => count(path, -1);
    },
    watch: (onUpgrade) => (request) => {
      const decision = onUpgrade(request);
      const path = known.has(request.path) ? request.path : 'other';
      if (!decision.accept) refused.add(1, { path, code: decision.code });
      return decision;
    },
    read: (tell) => {
      for (const [path, sockets] of open) tell(path, sockets);
    },
  };
}
