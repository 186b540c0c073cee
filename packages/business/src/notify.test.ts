import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVirtualClock } from '@agentao/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { notifier } from './notify.ts';

/** Everything that is ready runs. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
let server: Server;
let url: string;
let received: { readonly body: string; readonly headers: IncomingMessage['headers'] }[];
let answer: (response: ServerResponse, attempt: number) => void;
beforeEach(async () => {
  received = [];
  answer = (response) => void response.end('ok');
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      received.push({ body, headers: request.headers });
      answer(response, received.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=secret`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function createLog() {
  const lines: string[] = [];
  const write = (fields: object, message: string): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
  return { lines, info: write, warn: write };
}

const message = { to: '+12125550123', text: 'A message from Ada', data: { id: 7 } };

describe('a notifier', () => {
  it('posts JSON with the headers it was given', async () => {
    const log = createLog();
    await using notify = disposable(notifier({ webhook: { url, headers: { authorization: 'Bearer secret' } }, log }));
    expect(await notify.send(message)).toBe('sent');
    expect(JSON.parse(received[0]?.body ?? '')).toEqual(message);
    expect(received[0]?.headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer secret' });
    expect(log.lines).toEqual([]);
  });

  it('is a line in the log where there is no webhook', async () => {
    const log = createLog();
    expect(await notifier({ log }).send(message)).toBe('logged');
    expect(log.lines).toEqual([`notification ${JSON.stringify(message)}`]);
  });

  it.each([
    ['fails', (response: ServerResponse) => void response.writeHead(500).end(), 3, 'HTTP 500'],
    ['refuses', (response: ServerResponse) => void response.writeHead(400).end(), 1, 'HTTP 400'],
    ['breaks off', (response: ServerResponse) => void response.destroy(), 3, 'cannot be reached'],
    [
      'sends elsewhere',
      (response: ServerResponse) => void response.writeHead(302, { location: '/' }).end(),
      3,
      'cannot be reached',
    ],
  ])('writes one line with no secret in it where the other side %s', async (_, how, attempts, problem) => {
    answer = how;
    const log = createLog();
    const clock = createVirtualClock({ settle });
    const notify = notifier({ webhook: { url, headers: { authorization: 'Bearer secret' } }, log, clock });
    const outcome = notify.send(message);
    await runUntil(clock, outcome);
    expect(await outcome).toBe('logged');
    expect(received).toHaveLength(attempts);
    expect(log.lines).toEqual([`a notification could not be sent {"to":"*23","problem":"${problem}"}`]);
  });

  it('gets through where the other side is back in time', async () => {
    answer = (response, attempt) => void response.writeHead(attempt < 3 ? 503 : 204).end();
    const clock = createVirtualClock({ settle });
    const sent = notifier({ webhook: { url }, log: createLog(), clock }).send(message);
    await runUntil(clock, sent);
    expect(await sent).toBe('sent');
  });

  it('gives a side up that never answers', async () => {
    answer = () => {};
    const log = createLog();
    const clock = createVirtualClock({ settle });
    const sent = notifier({ webhook: { url, timeoutMs: 30 }, log, clock }).send(message);
    await runUntil(clock, sent);
    expect(await sent).toBe('logged');
    expect(log.lines.join()).toContain('no answer within 30 ms');
  });

  it('waits at the end for what is under way, and not for ever', async () => {
    const clock = createVirtualClock({ settle });
    const notify = notifier({ webhook: { url }, log: createLog(), clock });
    const sent = notify.send(message);
    await notify.close();
    expect(await sent).toBe('sent');
    answer = () => {};
    const hanging = notifier({ webhook: { url }, log: createLog(), clock });
    const unsent = hanging.send(message);
    const closing = hanging.close();
    await clock.advance(5_000);
    await closing;
    expect(await unsent).toBe('logged');
    expect(await hanging.send(message)).toBe('logged');
  });

  it('refuses an address that is none', () => {
    expect(() => notifier({ webhook: { url: 'localhost' }, log: createLog() })).toThrow(/^webhook\.url: /);
  });
});

/** Real sockets and virtual pauses: time goes on until it is done. */
async function runUntil(clock: ReturnType<typeof createVirtualClock>, done: Promise<unknown>): Promise<void> {
  const over = Symbol('over');
  const now = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
  while ((await Promise.race([done.then(() => over), now()])) !== over) await clock.advance(10);
}

function disposable<T extends { close(): Promise<void> }>(one: T): T & AsyncDisposable {
  return Object.assign(one, { [Symbol.asyncDispose]: () => one.close() });
}
