import { connect, createServer, type Socket } from 'node:net';

/** How lines are broken: both ends are reset, after so many more bytes to the client, or nothing is carried any more and nobody is told. */
export type Breakage =
  | { readonly how: 'reset' }
  | { readonly how: 'mid-frame'; readonly bytes: number }
  | { readonly how: 'half-open' };

/** A TCP proxy on loopback whose lines break on demand. */
export interface FaultyProxy extends AsyncDisposable {
  readonly port: number;
  /** Lines that carry something. */
  readonly lines: number;
  /** Breaks `share` of the lines, at least one if there is any, and refuses new ones for `downMs`. Returns how many. */
  break(breakage: Breakage, options: { readonly share: number; readonly downMs: number }): number;
}

interface Line {
  readonly client: Socket;
  readonly server: Socket;
  silent: boolean;
  /** Bytes to the client that are still carried. */
  left: number;
}

/** Starts a proxy in front of a port. */
export async function startFaultyProxy(target: number): Promise<FaultyProxy> {
  const lines = new Set<Line>();
  const sockets = new Set<Socket>();
  let refusesUntilMs = 0;

  const reset = (line: Line): void => {
    lines.delete(line);
    line.silent = true;
    line.client.resetAndDestroy();
    line.server.resetAndDestroy();
  };

  const carry = (line: Line, from: Socket, to: Socket): void => {
    from.on('data', (bytes) => {
      if (line.silent) return;
      if (to === line.client) {
        if (bytes.length >= line.left) {
          line.silent = true;
          to.write(bytes.subarray(0, line.left), () => reset(line));
          return;
        }
        line.left -= bytes.length;
      }
      if (to.write(bytes)) return;
      from.pause();
      to.once('drain', () => from.resume());
    });
    from.on('error', () => undefined);
    from.on('end', () => {
      if (!line.silent) to.end();
    });
    from.on('close', () => {
      sockets.delete(from);
      lines.delete(line);
      if (!line.silent) to.destroy();
    });
  };

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    sockets.add(client);
    if (performance.now() < refusesUntilMs) {
      client.on('error', () => undefined);
      client.on('close', () => sockets.delete(client));
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    sockets.add(upstream);
    const line: Line = { client, server: upstream, silent: false, left: Number.POSITIVE_INFINITY };
    lines.add(line);
    carry(line, client, upstream);
    carry(line, upstream, client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  return {
    port: address.port,
    get lines() {
      return lines.size;
    },
    break(breakage, { share, downMs }) {
      const broken = [...lines].slice(-Math.max(1, Math.round(lines.size * share)));
      for (const line of broken) {
        if (breakage.how === 'reset') reset(line);
        else if (breakage.how === 'mid-frame') line.left = breakage.bytes;
        else {
          lines.delete(line);
          line.silent = true;
        }
      }
      refusesUntilMs = Math.max(refusesUntilMs, performance.now() + downMs);
      return broken.length;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
