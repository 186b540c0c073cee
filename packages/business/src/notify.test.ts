import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVirtualClock } from '@agentao/clock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { logTo, type Notification, notifier, type NotifierOptions } from './notify.ts';

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

  it('sends nothing once it is closed, and writes nothing of the receiver and the text', async () => {
    for (const options of [{ webhook: { url } }, {}]) {
      const log = createLog();
      const notify = notifier({ ...options, log });
      const closing = notify.close();
      expect(await notify.send(message)).toBe('logged');
      await closing;
      expect(await notify.send(message)).toBe('logged');
      const line = 'a notification could not be sent {"to":"*23","problem":"the notifier is closed"}';
      expect(log.lines).toEqual([line, line]);
    }
    expect(received).toEqual([]);
  });

  it('fails nobody where its log does', async () => {
    answer = (response) => void response.writeHead(400).end();
    const fails = (): never => {
      throw new Error('disk full');
    };
    const log = { info: fails, warn: fails };
    const silent = notifier({ log });
    expect(await silent.send(message)).toBe('logged');
    const refused = notifier({ webhook: { url }, log });
    expect(await refused.send(message)).toBe('logged');
    await refused.close();
    expect(await refused.send(message)).toBe('logged');
  });

  it('has a bigint as its digits, on the line and in the post', async () => {
    const lines: string[] = [];
    const log = logTo({ write: (text) => lines.push(text) });
    const data = { id: 7n };
    expect(await notifier({ log }).send({ text: 'a', data })).toBe('logged');
    expect(lines).toEqual(['notification {"text":"a","data":{"id":"7"}}\n']);
    expect(await notifier({ webhook: { url }, log }).send({ text: 'a', data })).toBe('sent');
    expect(received.map(({ body }) => body)).toEqual(['{"text":"a","data":{"id":"7"}}']);
  });

  it('never throws, whatever it is given', async () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    const lines: string[] = [];
    const log = logTo({ write: (text) => lines.push(text) });
    for (const wrong of [{ ...message, data: circle }, undefined, null, { text: 'a', to: null }]) {
      expect(await notifier({ log }).send(wrong as Notification)).toBe('logged');
      expect(['sent', 'logged']).toContain(await notifier({ webhook: { url }, log }).send(wrong as Notification));
    }
    expect(lines).toContain('notification {}\n');
    expect(lines).toContain('a notification could not be sent {"to":"*23","problem":"JSON cannot have it"}\n');
  });

  it.each([
    [200, 'sent', 1],
    [400, 'logged', 1],
    [500, 'logged', 3],
  ])('takes %i as the answer although its body is broken', async (status, expected, attempts) => {
    // A socket that breaks before its answer is looked at is a race: the answer is made here.
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error('terminated')) });
    using posts = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response(broken, { status }));
    const clock = createVirtualClock({ settle });
    const sent = notifier({ webhook: { url }, log: createLog(), clock }).send(message);
    await runUntil(clock, sent);
    expect([await sent, posts.mock.calls.length]).toEqual([expected, attempts]);
  });

  it('keeps the process alive while it closes', async () => {
    answer = (response, attempt) => void response.writeHead(attempt < 2 ? 503 : 204, { connection: 'close' }).end();
    const child = spawn(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { notifier } from ${JSON.stringify(new URL('notify.ts', import.meta.url).href)};
       const log = { info() {}, warn() {} };
       const notify = notifier({ webhook: { url: ${JSON.stringify(url)} }, log });
       void notify.send({ text: 'a' }).then(console.log);
       void notify.close().then(() => console.log('closed'));`,
    ]);
    let said = '';
    child.stdout.on('data', (part: Buffer) => (said += part.toString()));
    await once(child, 'close');
    expect(said).toBe('sent\nclosed\n');
  });

  it.each<[string, Partial<NonNullable<NotifierOptions['webhook']>>]>([
    ['webhook.url: ', { url: 'localhost' }],
    ['webhook.url: ', { url: 'file:///etc/passwd' }],
    ['webhook.url: ', { url: 'https://ada:secret@example.com/' }],
    ['webhook.url: ', { url: 'https://secret@example.com/' }],
    ...[0, -1, 1.5, Number.NaN, Infinity, 2 ** 31].map((timeoutMs): [string, { timeoutMs: number }] => [
      'webhook.timeoutMs: ',
      { timeoutMs },
    ]),
    ['webhook.headers: ', { headers: { 'a b': 'secret' } }],
    ['webhook.headers: ', { headers: { authorization: 'secret\r\nx: y' } }],
    ['webhook.headers: ', { headers: { authorization: 'secret…' } }],
    ['webhook.headers: ', { headers: { authorization: undefined as unknown as string } }],
    ['webhook.headers: ', { headers: null as unknown as Record<string, string> }],
    ['webhook.headers: ', { headers: { 'Content-Length': '7' } }],
    ['webhook.headers: ', { headers: { 'transfer-encoding': 'chunked' } }],
  ])('refuses an option that is wrong with %s and no secret: %j', (name, wrong) => {
    const make = (): unknown => notifier({ webhook: { url, ...wrong }, log: createLog() });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(new RegExp(`^(?!.*secret)${name}`));
  });

  it('refuses a log that is none', () => {
    expect(() => notifier({ log: {} as NotifierOptions['log'] })).toThrow(/^log: /);
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
