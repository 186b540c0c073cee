import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { LiveModelError } from '../live-model.ts';
import { LiveSocket } from './live-socket.ts';

const secret = 'AIza secret/of+this=test';
let server: WebSocketServer;
let url: string;
beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/live`;
});
afterEach(() => server.close());

it.each([
  ['a key in the URL', () => `${url}?key=${encodeURIComponent(secret)}`, {}],
  ['a token in the URL', () => `${url}?access_token=${encodeURIComponent(secret)}`, {}],
  ['a key in a header', () => url, { 'x-goog-api-key': secret }],
  ['a token in a header', () => url, { Authorization: `Bearer ${secret}` }],
])('does not show %s that the service repeats when it closes', async (_, address, headers) => {
  server.on('connection', (socket) =>
    socket.close(1008, `not valid: ${secret} ${encodeURIComponent(secret)}`.slice(0, 120)),
  );
  const closed = Promise.withResolvers<LiveModelError>();
  const socket = new LiveSocket({ onMessage: () => false, onMalformed: () => {}, onClose: closed.resolve });
  const nothing = (): void => {};
  const callbacks = { onopen: nothing, onerror: nothing, onmessage: nothing, onclose: nothing };
  const made = socket.create(address(), headers, callbacks) as { connect(): void };
  made.connect();
  const { code, message } = await closed.promise;
  expect(code).toBe('REFUSED');
  expect(message).toContain('not valid: ***');
  expect(message).not.toContain('AIza');
});
