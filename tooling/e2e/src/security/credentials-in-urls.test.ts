import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AgenTaoClient, AgenTaoClientConfig } from '@agentao/calls';
import { paths, subprotocols, ticketSubprotocolPrefix } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { clock } from '../real-line.ts';
import { openAttackedSwitch } from './attacked-switch.ts';
import { openRawLine, upgradeText, type UpgradeText } from './raw-line.ts';

// A URL is kept by proxies, histories and logs: what opens something must not work there, so that nobody comes to rely on it.

type Place = readonly [name: string, put: (secret: string, path: string) => UpgradeText];

const places: readonly Place[] = [
  ['the query', (secret, path) => ({ path: `${path}?token=${secret}` })],
  ['the query as a key', (secret, path) => ({ path: `${path}?key=${secret}&api_key=${secret}&apiKey=${secret}` })],
  ['the query as a header', (secret, path) => ({ path: `${path}?Authorization=Bearer%20${secret}` })],
  ['the query as an access token', (secret, path) => ({ path: `${path}?access_token=${secret}` })],
  ['the path', (secret, path) => ({ path: `${path}/${secret}` })],
  ['the user part of an absolute URL', (secret, path) => ({ path: `http://${secret}:${secret}@127.0.0.1${path}` })],
  ['a cookie', (secret) => ({ lines: [`Cookie: agentao_80=${secret}; authorization=${secret}; token=${secret}`] })],
  ['Basic', (secret) => ({ lines: [`Authorization: Basic ${Buffer.from(`x:${secret}`).toString('base64')}`] })],
  ['an Authorization without a scheme', (secret) => ({ lines: [`Authorization: ${secret}`] })],
  ['other headers', (secret) => ({ lines: [`X-Api-Key: ${secret}`, `Proxy-Authorization: Bearer ${secret}`] })],
];

describe.each(['control', 'media', 'phone', 'monitor'] as const)('on /%s', (socket) => {
  it.each(places)('a good credential in %s opens nothing, and nobody writes it down', async (_, put) => {
    await using attacked = await openAttackedSwitch();
    const secret = socket === 'control' ? attacked.key.key : attacked.operator.token;
    const { path = paths[socket], lines = [] } = put(secret, paths[socket]);
    const line = await openRawLine(attacked.port);
    line.write(upgradeText({ path, subprotocol: subprotocols[socket], lines: ['Host: 127.0.0.1', ...lines] }));
    await line.hungUp();
    expect(line.received).toMatch(/^HTTP\/1\.1 40[0-9] /);
    expect(line.received).not.toContain(secret);
    expect(attacked.log).not.toContain(secret);
  });

  it('a good credential as a subprotocol opens nothing: a ticket is another thing', async () => {
    await using attacked = await openAttackedSwitch();
    const secret = socket === 'control' ? attacked.key.key : attacked.operator.token;
    const subprotocol = `${subprotocols[socket]}, ${ticketSubprotocolPrefix}${secret}`;
    const line = await openRawLine(attacked.port);
    line.write(upgradeText({ path: paths[socket], subprotocol }));
    await line.hungUp();
    expect(line.received).toMatch(/^HTTP\/1\.1 401 /);
    expect(attacked.log).not.toContain(secret);
  });
});

describe('over HTTP', () => {
  it.each([
    '/session?token=',
    '/session?sign-in=',
    '/session/',
    '/sign-in?role=operator&token=',
    '/session/ticket?token=',
  ])('a token behind %s signs nobody in, and stays good', async (path) => {
    await using attacked = await openAttackedSwitch();
    const token = path.startsWith('/sign-in')
      ? attacked.operator.token
      : attacked.callSwitch.createSignIn({ role: 'operator' });
    const origin = attacked.server.url.replace('ws:', 'http:');
    const response = await fetch(`${origin}${path}${token}`, { method: 'POST', headers: { origin } });
    expect([401, 404]).toContain(response.status);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(attacked.log).not.toContain(token);
    if (path.startsWith('/sign-in')) return;
    const authorization = `Bearer ${token}`;
    expect((await fetch(`${origin}/session`, { method: 'POST', headers: { origin, authorization } })).status).toBe(201);
  });
});

describe('a client', () => {
  it('puts its key into the Authorization header and into nothing else that it sends', async ({ onTestFinished }) => {
    const requests: { readonly url: string | undefined; readonly headers: readonly string[] }[] = [];
    const server = createServer();
    server.on('upgrade', ({ url, rawHeaders }, stream) => {
      requests.push({ url, headers: rawHeaders });
      stream.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const apiKey = 'ak_1_hush';
    const baseUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = new AgenTaoClient(AgenTaoClientConfig.sandbox({ apiKey, connectorUuid: 'c', baseUrl }), { clock });
    await expect(client.connect()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    const [request] = requests;
    expect(request?.url).toBe(paths.control);
    const holding = request?.headers.filter((text) => text.includes('hush'));
    expect(holding).toEqual([`Bearer ${apiKey}`]);
    expect(request?.headers[request.headers.indexOf(`Bearer ${apiKey}`) - 1]).toMatch(/^authorization$/i);
    await client.disconnect();
  });

  it.each([301, 302, 303, 307, 308])('shows its key to nobody that it is sent on to with %i', async (status) => {
    await using attacked = await openAttackedSwitch();
    const asked: string[] = [];
    const thief = createServer((request) => asked.push(JSON.stringify(request.rawHeaders)));
    thief.on('upgrade', (request, stream) => {
      asked.push(JSON.stringify(request.rawHeaders));
      stream.destroy();
    });
    await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve));
    const to = `ws://127.0.0.1:${(thief.address() as AddressInfo).port}${paths.control}`;
    const sender = createServer();
    sender.on('upgrade', (_, stream) =>
      stream.end(`HTTP/1.1 ${status} Elsewhere\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`),
    );
    await new Promise<void>((resolve) => sender.listen(0, '127.0.0.1', resolve));
    const baseUrl = `ws://127.0.0.1:${(sender.address() as AddressInfo).port}`;
    const config = AgenTaoClientConfig.sandbox({ apiKey: attacked.key.key, connectorUuid: 'attacked', baseUrl });
    const client = new AgenTaoClient(config, { clock });
    await expect(client.connect()).rejects.toMatchObject({ code: expect.any(String) });
    await client.disconnect();
    await Promise.all([thief, sender].map((server) => new Promise((resolve) => server.close(resolve))));
    expect(asked).toEqual([]);
  });
});
