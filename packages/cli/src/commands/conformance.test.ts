import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { createSystemClock } from '@agentao/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTerminal } from '../output/terminal.ts';
import { writeDevFile } from '../sandbox/dev-file.ts';
import { conformance, type ConformanceOptions } from './conformance.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'agentao-conformance-'));
});
afterEach(() => rm(cwd, { recursive: true }));

/** What is left when nothing is said. */
const nothing: ConformanceOptions = { callee: [], only: [], without: [], client: false, json: false, port: 0 };

/** Runs the command with these options in an environment of these variables. */
function run(options: Partial<ConformanceOptions>, env: NodeJS.ProcessEnv = {}): Promise<number> {
  const connect = (): Promise<never> => Promise.reject(new Error('no socket of the command in this test'));
  const terminal = createTerminal({ out: { write: () => true }, err: { write: () => true } }, {});
  const context = { clock: createSystemClock(globalThis), connect, fetch, terminal, cwd };
  return conformance(context, { ...nothing, ...options }, env);
}

/** Runs it against a server that answers everything with this status. */
async function runAgainst(status: number): Promise<number> {
  const server = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await run({ url: `ws://127.0.0.1:${port}`, key: 'ak_1_x' });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A server that upgrades at `/control`, hands the socket over, and refuses other upgrades. */
async function serveUpgrades(
  onControl: (socket: Duplex) => void,
): Promise<AsyncDisposable & { readonly url: string; readonly asked: (string | undefined)[][] }> {
  const asked: (string | undefined)[][] = [];
  const sockets = new Set<Duplex>();
  const server = createServer().on('upgrade', ({ url, headers }, socket) => {
    asked.push([url, headers.authorization]);
    sockets.add(socket.on('error', () => undefined));
    if (url !== '/control') {
      socket.end('HTTP/1.1 401 no\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const answer = [
      'HTTP/1.1 101 ok',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Protocol: agentao.control.v1',
      `Sec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}`,
    ];
    socket.write(`${answer.join('\r\n')}\r\n\r\n`);
    onControl(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('it says in one line', () => {
  it('how to test a switch and how to test a client', async () => {
    await expect(run({})).rejects.toThrow(
      /^To test a switch: agentao conformance --url \S+ To test a client: agentao conformance --client$/,
    );
  });

  it('where the key belongs, which need not be on the command line', async () => {
    await expect(run({ url: 'ws://127.0.0.1:1' })).rejects.toThrow(/AGENTAO_API_KEY.*--key/);
  });

  it('that a URL is none, and that nobody answers', async () => {
    await expect(run({ url: 'http://127.0.0.1:1', key: 'ak_1_x' })).rejects.toThrow(
      'http://127.0.0.1:1 is not a URL of a switch, such as ws://127.0.0.1:7350',
    );
    await expect(run({ url: 'ws://127.0.0.1:1' }, { AGENTAO_API_KEY: 'ak_1_x' })).rejects.toThrow(
      /^No switch answers at ws:\/\/127\.0\.0\.1:1: .* Is it running, and is the port right\?$/,
    );
  });

  it('that a switch on another machine is reached by wss:// only, and sends nothing', async () => {
    await expect(run({ url: 'ws://192.0.2.1:7350', key: 'ak_1_x', operatorToken: 'ot_x' })).rejects.toThrow(
      /^ws:\/\/192\.0\.2\.1:7350 must be wss:\/\/ unless the switch is on this machine: .* in clear\.$/,
    );
  });

  it('that a WebSocket server which says nothing is no switch, before it tries anything else', async () => {
    await using server = await serveUpgrades(() => undefined);
    await expect(run({ url: server.url, key: 'ak_1_x' })).rejects.toThrow(
      /is no switch: it opens a WebSocket and says nothing to hello within 5000 ms\.$/,
    );
    expect(server.asked).toEqual([['/control', 'Bearer ak_1_x']]);
  });

  it('that the operator token of this folder is refused, which an empty variable does not hide', async () => {
    await using server = await serveUpgrades((socket) => socket.end());
    const entry = { url: server.url, operatorToken: 'ot_here', number: '+15559999', pid: process.pid };
    await writeDevFile(cwd, entry);
    const env = { AGENTAO_API_KEY: 'ak_1_x', AGENTAO_OPERATOR_TOKEN: '' };
    await expect(run({ url: server.url, key: '', only: ['none'] }, env)).rejects.toThrow('refuses the operator token');
    expect(server.asked).toContainEqual(['/phone', 'Bearer ot_here']);
  });

  it.each([
    [401, /refuses the API key; is it one of its own, and not revoked\?$/],
    [404, /^What answers at \S+ is no switch/],
    [503, /takes nobody now \(HTTP 503\); try again later\.$/],
  ])('what a refusal with %i means', async (status, line) => {
    await expect(runAgainst(status)).rejects.toThrow(line);
  });
});
