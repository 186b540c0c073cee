import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startFaultyProxy } from './faulty-proxy.ts';

/** A server that echoes, a proxy in front of it, and a client that has been answered once. */
async function open() {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const proxy = await startFaultyProxy(typeof address === 'object' && address !== null ? address.port : 0);
  const client = connect({ port: proxy.port, host: '127.0.0.1' });
  client.on('error', () => undefined);
  client.write('hello');
  await once(client, 'data');
  return { server, proxy, client };
}

async function shut({ server, proxy, client }: Awaited<ReturnType<typeof open>>): Promise<void> {
  client.destroy();
  await proxy[Symbol.asyncDispose]();
  server.close();
  await once(server, 'close');
}

async function received(client: Socket): Promise<string> {
  let text = '';
  client.on('data', (data) => {
    text += String(data);
  });
  await new Promise((resolve) => client.once('close', resolve));
  return text;
}

it('resets a line', async () => {
  const site = await open();
  expect(site.proxy.lines).toBe(1);
  const text = received(site.client);
  expect(site.proxy.break({ how: 'reset' }, { share: 0.1, downMs: 0 })).toBe(1);
  expect(await text).toBe('');
  expect(site.proxy.lines).toBe(0);
  await shut(site);
});

it('cuts a line after so many more bytes to the client', async () => {
  const site = await open();
  site.proxy.break({ how: 'mid-frame', bytes: 3 }, { share: 1, downMs: 0 });
  const text = received(site.client);
  site.client.write('abcdef');
  expect(await text).toBe('abc');
  await shut(site);
});

it('leaves a half-open line as it is, carries nothing, and refuses new ones while it is down', async () => {
  const site = await open();
  site.proxy.break({ how: 'half-open' }, { share: 1, downMs: 60_000 });
  let text = '';
  site.client.on('data', (data) => {
    text += String(data);
  });
  site.client.write('lost');
  const refused = connect({ port: site.proxy.port, host: '127.0.0.1' });
  const [error] = await once(refused, 'error');
  expect(error).toMatchObject({ code: 'ECONNRESET' });
  expect([text, site.client.destroyed]).toEqual(['', false]);
  await shut(site);
});
