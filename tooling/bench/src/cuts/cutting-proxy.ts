import { connect, createServer, type Socket } from 'node:net';
import type { Clock } from '@agentao/clock';

/** How a line is broken: after so many more bytes in one direction, or silently at once. */
export type Breakage =
  | { readonly kind: 'cut'; readonly direction: 'toClient' | 'toServer'; readonly bytes: number }
  | { readonly kind: 'half-open' };

/** A TCP proxy on loopback whose lines break on demand. */
export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  /** Lines that carry something. */
  readonly lines: number;
  /**
   * Breaks the newest line, and refuses new ones for `downMs`. Resolves with the moment on the clock at which it broke. A line that is cut passes
   * on what still fits, whatever that is a part of, and is reset on both sides; one that is half open stays and carries nothing.
   */
  break(breakage: Breakage, downMs: number): Promise<number>;
}

interface Line {
  readonly client: Socket;
  readonly server: Socket;
  silent: boolean;
  cut: { direction: 'toClient' | 'toServer'; bytesLeft: number; done: () => void } | undefined;
}

/** Starts a proxy in front of the port that `port` answers with at each new line. */
export async function startCuttingProxy(clock: Clock, port: () => number): Promise<CuttingProxy> {
  const lines = new Set<Line>();
  const sockets = new Set<Socket>();
  let refusesUntilMs = 0;

  const sever = (line: Line): void => {
    lines.delete(line);
    line.client.resetAndDestroy();
    line.server.resetAndDestroy();
  };

  const carry = (line: Line, direction: 'toClient' | 'toServer'): void => {
    const [from, to] = direction === 'toServer' ? [line.client, line.server] : [line.server, line.client];
    from.on('data', (bytes) => {
      if (line.silent) return;
      const { cut } = line;
      if (cut?.direction !== direction || bytes.length < cut.bytesLeft) {
        if (cut?.direction === direction) cut.bytesLeft -= bytes.length;
        if (!to.write(bytes)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
        return;
      }
      line.cut = undefined;
      // The last bytes leave this process before the reset overtakes them.
      to.write(bytes.subarray(0, cut.bytesLeft), () => {
        sever(line);
        cut.done();
      });
      line.silent = true;
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      if (line.silent) return;
      lines.delete(line);
      to.end();
    });
  };

  const server = createServer({ noDelay: true }, (client) => {
    sockets.add(client);
    if (clock.now() < refusesUntilMs) {
      client.on('error', () => undefined);
      client.on('close', () => sockets.delete(client));
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: port(), host: '127.0.0.1', noDelay: true });
    sockets.add(upstream);
    const line: Line = { client, server: upstream, silent: false, cut: undefined };
    lines.add(line);
    carry(line, 'toServer');
    carry(line, 'toClient');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  return {
    port: address.port,
    get lines() {
      return lines.size;
    },
    async break(breakage, downMs) {
      const line = [...lines].at(-1);
      if (line === undefined) throw new Error('no line is there to be broken');
      if (breakage.kind === 'cut') {
        const { direction, bytes } = breakage;
        await new Promise<void>((done) => {
          line.cut = { direction, bytesLeft: bytes, done };
        });
      } else {
        line.silent = true;
        lines.delete(line);
      }
      const brokenMs = clock.now();
      refusesUntilMs = brokenMs + downMs;
      return brokenMs;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
