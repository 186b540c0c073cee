import type { PageSocket } from '../socket/page-socket.ts';
import type { CreateRelay } from './relay.ts';
import type { RelayOrder, RelayReport } from './relay-messages.ts';
import workerUrl from './relay-worker.ts?worker&url';
import { RelayedSocket } from './relayed-socket.ts';

/** Makes a relay in a worker of this browser, which is started when it is first needed. */
export const createBrowserRelay: CreateRelay = ({ failed }) => {
  let worker: Worker | undefined;
  let current: RelayedSocket | undefined;
  let sockets = 0;

  const order = (message: RelayOrder, transfer: Transferable[] = []): void => {
    worker ??= start();
    worker.postMessage(message, transfer);
  };

  const start = (): Worker => {
    const started = new Worker(workerUrl, { type: 'module', name: 'agentao-relay' });
    started.addEventListener('message', ({ data }: MessageEvent<RelayReport>) => current?.hear(data));
    started.addEventListener('error', () => {
      started.terminate();
      if (worker !== started) return;
      worker = undefined;
      failed();
    });
    return started;
  };

  return {
    open: (kind, ticket) => {
      sockets += 1;
      const id = sockets;
      current = new RelayedSocket(id, order);
      order({ type: 'open', id, kind, ticket });
      return current as PageSocket;
    },
    setFlow: (flow) => {
      if (worker !== undefined) order({ type: 'flow', flow });
    },
    join: (port) => order({ type: 'handset', port }, [port]),
  };
};
