import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths, subprotocols } from '@agentao/protocol';
import { SocketOpenError, type SocketTls } from '@agentao/transport';
import { createWsConnector } from '@agentao/transport/ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clock } from '../real-line.ts';
import { openServiceLine, removeServiceTemplate, type ServiceLine } from '../service-line.ts';

// `agentao switch` with its two listeners: one for agents by mutual TLS, one for probes, metrics and people. The attack is to ask each for what is the other's.

let line: ServiceLine;
let tls: SocketTls;
let file: string;

beforeAll(async () => {
  line = await openServiceLine();
  const read = (name: string): string => readFileSync(join(line.folder, 'certs', name), 'utf8');
  tls = { ca: read('ca.pem'), cert: read('agent-1.pem'), key: read('agent-1.key') };
  file = readFileSync(join(line.folder, 'agentao.yaml'), 'utf8');
});

afterAll(async () => {
  await line[Symbol.asyncDispose]();
  removeServiceTemplate();
});

async function statusOf(
  base: string,
  path: keyof typeof paths,
  shown?: SocketTls,
): Promise<number | string | undefined> {
  try {
    const socket = await createWsConnector({ clock })({
      url: `${base.replace('http', 'ws')}${paths[path]}`,
      subprotocols: [subprotocols[path]],
      maxMessageBytes: 1_000,
      openTimeoutMs: 5_000,
      ...(shown === undefined ? {} : { tls: shown }),
    });
    socket.terminate();
    return 101;
  } catch (error) {
    return error instanceof SocketOpenError ? (error.status ?? error.code) : String(error);
  }
}

describe('the listener for agents', () => {
  it('has no softphone, no monitor, no page, no sign-in and no metrics, not even for an agent with a certificate', async () => {
    expect(await statusOf(line.url, 'control', tls)).toBe(101);
    for (const path of ['phone', 'monitor'] as const) expect(await statusOf(line.url, path, tls)).toBe(404);
  });

  it('gives a stranger without a certificate nothing', async () => {
    const stranger = { ca: tls.ca ?? '' };
    for (const path of ['control', 'media', 'phone', 'monitor'] as const) {
      expect(await statusOf(line.url, path, stranger)).toBe(401);
    }
  });
});

describe('the listener for operations', () => {
  it('has no agents', async () => {
    for (const path of ['control', 'media'] as const) expect(await statusOf(line.operationsUrl, path)).toBe(404);
  });

  it('tells nobody a secret, a hash of one, a number or a name of a client, on whatever page', async () => {
    const token = /[0-9a-f]{64}/.exec(file)?.[0] ?? '';
    expect(token).not.toBe('0'.repeat(64));
    await line.agent();
    const phone = await line.phone('+15550001');
    phone.dial('+15559999');
    await phone.heard('answered');
    const secrets = [token, '15559999', '15550001', 'agent-1', 'PRIVATE', 'CERTIFICATE'];
    const pages = [
      '/metrics',
      '/healthz',
      '/readyz',
      '/session',
      '/sign-in',
      '/',
      '/agentao.yaml',
      '/certs/server.key',
      '/debug',
      '/config',
    ];
    for (const path of pages) {
      const { text, status } = await line.get(path);
      for (const secret of secrets) expect([path, text.includes(secret)]).toEqual([path, false]);
      expect([path, text.match(/\b(?:ak|mt|op|os|rt|si|ti)_[\w-]{16,}/g)]).toEqual([path, null]);
      if (path === '/metrics') expect([status, text.includes('agentao_calls_active')]).toEqual([200, true]);
    }
    phone.hangUp();
  });

  it('changes nothing for anybody without a credential', async () => {
    for (const [method, path] of [
      ['POST', '/sign-in?role=operator'],
      ['POST', '/session'],
      ['DELETE', '/session'],
      ['POST', '/session/ticket'],
      ['POST', '/metrics'],
      ['POST', '/healthz'],
    ] as const) {
      const { status } = await fetch(`${line.operationsUrl}${path}`, { method });
      expect([path, [401, 403, 405].includes(status)]).toEqual([path, true]);
    }
  });
});
