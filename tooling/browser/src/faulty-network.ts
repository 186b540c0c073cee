import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/** A network between a browser and a switch that can be cut. */
export interface FaultyNetwork extends AsyncDisposable {
  readonly port: number;
  /** Nothing passes, in neither direction, and nobody is told; new connections hang. */
  cut(): void;
  /** What has been held up arrives. */
  mend(): void;
}

/** Passes bytes on to a port of this machine. */
export async function openFaultyNetwork(targetPort: number): Promise<FaultyNetwork> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    if (isCut) socket.pause();
  };
  const join = (from: Socket, to: Socket): void => {
    from.on('data', (data) => void to.write(data));
    from.on('close', () => to.destroy());
    if (isCut) from.pause();
  };
  const server = createServer((near) => {
    const far = connect(targetPort, '127.0.0.1');
    keep(near);
    keep(far);
    join(near, far);
    join(far, near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    mend: () => {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
