import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { createAuthority, type Identity } from '@agentao-tooling/certs';
import {
  AgenTaoClient,
  AgenTaoClientConfig,
  WSSAuthenticationError,
  WSSConnectionError,
  type WSSError,
} from '@agentao/calls';
import type { SocketFactory } from '@agentao/transport';
import { createWsConnector } from '@agentao/transport/ws';
import { describe, expect, it } from 'vitest';
import { clock, commonName, openProductionLine, type ProductionLine } from './production-line.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The error with which a client closes for good, and how many attempts it took. */
async function refusal(
  line: ProductionLine,
  identity: Identity,
  change: (request: Parameters<SocketFactory>[0]) => Parameters<SocketFactory>[0] = (request) => request,
): Promise<{ readonly error: WSSError; readonly attempts: number }> {
  const connect = createWsConnector({ clock });
  let attempts = 0;
  const transport: SocketFactory = (request) => {
    attempts++;
    return connect(change(request));
  };
  const { client, states } = line.client(identity, { transport });
  const error = (await client.connect().catch((cause: unknown) => cause)) as WSSError;
  expect(states.at(-1)).toEqual({ name: 'closed', error });
  return { error, attempts };
}

describe('a client in production mode', () => {
  it('is let in by its certificate, without a key, and named by it', async () => {
    await using line = await openProductionLine();
    const { client, states } = line.client(await line.issue());
    await client.connect();
    expect(states.at(-1)).toMatchObject({ name: 'connected', connectorUuid: 'e2e' });
  });

  it('is configured by the environment as well', async () => {
    await using line = await openProductionLine();
    const { paths } = line.client(await line.issue());
    const config = AgenTaoClientConfig.fromEnv({
      AGENTAO_MODE: 'production',
      AGENTAO_CERT_PATH: paths.certPath,
      AGENTAO_KEY_PATH: paths.keyPath,
      AGENTAO_CA_PATH: paths.caPath,
      AGENTAO_BASE_URL: line.server.url,
    });
    await using client = await AgenTaoClient.open(config);
    expect(client.getCall('none')).toBeUndefined();
  });

  it('names the connector where its certificate fits several', async () => {
    const connectors = ['1', '2'].map((uuid) => ({ uuid, numbers: [uuid], certificates: [{ commonName }] }));
    await using line = await openProductionLine({ connectors });
    const identity = await line.issue();
    const silent = await line
      .client(identity)
      .client.connect()
      .catch((cause: unknown) => cause);
    expect(silent).toBeInstanceOf(WSSAuthenticationError);
    expect(silent).toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('several') });
    const named = line.client(identity, { connectorUuid: '2' });
    await named.client.connect();
    expect(named.states.at(-1)).toMatchObject({ name: 'connected', connectorUuid: '2' });
  });

  const refused: [string, (line: ProductionLine) => Promise<Identity>, string][] = [
    [
      'expired',
      (line) => line.issue({ notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() - hourMs) }),
      'the client certificate has expired',
    ],
    ['not valid yet', (line) => line.issue({ notBefore: new Date(Date.now() + hourMs) }), 'is not valid yet'],
    [
      'of another authority',
      async () => (await createAuthority('another authority')).issue({ commonName, role: 'client' }),
      'is of an unknown authority',
    ],
    [
      'revoked',
      async (line) => {
        const identity = await line.issue();
        line.revoke(identity);
        return identity;
      },
      'the client certificate has been revoked',
    ],
    ['not listed', (line) => line.issue({ commonName: 'agent-2' }), 'agent-2'],
  ];
  it.each(refused)(
    'with a certificate that is %s gets WSSAuthenticationError with the reason, at once and for good',
    async (_, make, words) => {
      await using line = await openProductionLine();
      const { error, attempts } = await refusal(line, await make(line));
      expect(error).toBeInstanceOf(WSSAuthenticationError);
      expect(error).toMatchObject({
        code: 'UNAUTHENTICATED',
        retryable: false,
        message: expect.stringContaining(words),
      });
      expect(attempts).toBe(1);
    },
  );

  it('that shows none is told that one is needed', async () => {
    await using line = await openProductionLine();
    const { error, attempts } = await refusal(line, await line.issue(), (request) => ({
      ...request,
      tls: { ca: line.authority.certificatePem },
    }));
    expect(error).toBeInstanceOf(WSSAuthenticationError);
    expect(error).toMatchObject({ retryable: false, message: expect.stringContaining('none was sent') });
    expect(attempts).toBe(1);
  });

  it('does not connect to a server of another name or authority, which is no refusal of its own certificate', async () => {
    await using renamed = await openProductionLine({ server: { hosts: ['elsewhere.example'] } });
    const wrongName = await refusal(renamed, await renamed.issue());
    expect(wrongName.error).toBeInstanceOf(WSSConnectionError);
    expect(wrongName.error).toMatchObject({ code: 'TLS', retryable: false });
    expect(wrongName.error.message).toContain('is for another host name');
    const other = await createAuthority('another authority');
    const untrusted = await refusal(renamed, await renamed.issue(), (request) => ({
      ...request,
      tls: { ...request.tls, ca: other.certificatePem },
    }));
    expect(untrusted.error).toBeInstanceOf(WSSConnectionError);
    expect(untrusted.error.message).toContain('is of an unknown authority');
  });
});

describe('replacing the files of a client', () => {
  it('is enough: when the old certificate is revoked it comes back with the new one', async () => {
    await using line = await openProductionLine();
    const before = await line.issue();
    const { client, replace, reached, states, log } = line.client(before);
    await client.connect();
    replace(await line.issue());
    line.revoke(before);
    await reached('connected', 2);
    expect(states.map(({ name }) => name)).toEqual([
      'idle',
      'connecting',
      'connected',
      'backing-off',
      'connecting',
      'connected',
    ]);
    expect(log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('before the old certificate expires is enough too: the switch ends the session then, and the client is back', async () => {
    await using line = await openProductionLine();
    const { client, replace, reached } = line.client(await line.issue({ notAfter: new Date(Date.now() + 3_000) }));
    await client.connect();
    replace(await line.issue());
    await reached('connected', 2);
  });

  it('is needed: without it, a revoked client closes for good', async () => {
    await using line = await openProductionLine();
    const identity = await line.issue();
    const { client, reached, states } = line.client(identity);
    await client.connect();
    line.revoke(identity);
    await reached('closed');
    expect(states.at(-1)).toMatchObject({ name: 'closed', error: expect.any(WSSAuthenticationError) });
    await expect(client.connect()).rejects.toMatchObject({ message: expect.stringContaining('revoked') });
  });

  it('in the middle of writing, or with ones that do not fit, keeps the last good pair and warns once, by the option', async () => {
    await using line = await openProductionLine();
    const { client, paths, replace, log } = line.client(await line.issue());
    const next = await line.issue();
    const again = async (): Promise<string[]> => {
      const from = log.length;
      await client.disconnect();
      await client.connect();
      return log.slice(from).flatMap(({ level, fields }) => {
        const { err } = fields as { readonly err?: WSSError };
        return level === 'warn' && err !== undefined ? [err.message] : [];
      });
    };
    replace({ certificatePem: next.certificatePem });
    expect(await again()).toEqual(['keyPath does not hold the key of certPath']);
    expect(await again()).toEqual([]);
    rmSync(paths.certPath);
    expect(await again()).toEqual([expect.stringContaining('certPath cannot be read')]);
    writeFileSync(paths.certPath, 'half a certifi');
    expect(await again()).toEqual([expect.stringContaining('certPath does not hold')]);
    writeFileSync(paths.caPath, '');
    replace(next);
    expect(await again()).toEqual([expect.stringContaining('caPath')]);
    writeFileSync(paths.caPath, line.authority.certificatePem);
    expect(await again()).toEqual([]);
    expect(log.filter(({ message }) => message.includes('have changed'))).toHaveLength(1);
  });

  it('is asked for once when the certificate is about to expire', async () => {
    await using line = await openProductionLine();
    const notBefore = new Date(Date.now() - 60 * dayMs);
    const soon = await line.issue({ notBefore, notAfter: new Date(Date.now() + 13 * dayMs + hourMs) });
    const { client, log } = line.client(soon);
    for (let round = 0; round < 2; round++) {
      await client.connect();
      await client.disconnect();
    }
    const warnings = log.filter(({ level }) => level === 'warn');
    expect(warnings).toEqual([
      {
        level: 'warn',
        message: expect.stringContaining('expires'),
        fields: { expiresAt: expect.any(String), days: 13 },
      },
    ]);
  });
});

describe('a switch whose certificate is replaced', () => {
  it('keeps the connections it has, and is trusted again after it has been away', async () => {
    await using line = await openProductionLine();
    const running = line.client(await line.issue());
    const later = line.client(await line.issue());
    await running.client.connect();
    const renewed = await line.authority.issue({ commonName: 'localhost', role: 'server' });
    const clientCa = line.authority.certificatePem;
    line.server.setTls({ cert: renewed.certificatePem, key: renewed.keyPem, clientCa });
    await later.client.connect();
    expect(running.states.at(-1)?.name).toBe('connected');
  });
});

describe('what a client shows of its key', () => {
  it('is nothing, in no text, JSON, inspection, log or error', async () => {
    await using line = await openProductionLine();
    const identity = await line.issue({ commonName: 'agent-2' });
    const other = await line.issue();
    const made = line.client(identity);
    const error: unknown = await made.client.connect().catch((cause: unknown) => cause);
    made.replace({ keyPem: other.keyPem });
    await made.client.connect().catch(() => undefined);
    writeFileSync(made.paths.keyPath, `${other.keyPem.slice(0, 100)}\n`);
    await made.client.connect().catch(() => undefined);
    const shown = [made.config, made.client, error, made.log, made.states].flatMap((thing) => [
      String(thing),
      JSON.stringify(thing, (_, value: unknown) =>
        value instanceof Error ? { ...value, message: value.message } : value,
      ),
      inspect(thing, { showHidden: true, depth: 20, maxStringLength: null }),
    ]);
    for (const pem of [identity.keyPem, other.keyPem]) {
      const [line1 = ''] = pem.split('\n').slice(1);
      for (const text of shown) {
        expect(text).not.toContain('PRIVATE KEY');
        expect(text).not.toContain(line1.slice(0, 32));
      }
    }
    for (const text of shown) expect(text).not.toContain(identity.certificatePem.split('\n')[2]);
  });
});

describe('another TLS server that hangs up on a certificate after the handshake, as Node does by itself', () => {
  it('is an authentication failure that may pass, since a server that restarts looks the same', async () => {
    await using line = await openProductionLine();
    const own = await line.authority.issue({ commonName: 'localhost', role: 'server' });
    const server = createServer({
      cert: own.certificatePem,
      key: own.keyPem,
      ca: (await createAuthority('another authority')).certificatePem,
      requestCert: true,
      rejectUnauthorized: true,
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const baseUrl = `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { client } = line.client(await line.issue(), { baseUrl });
    const error: unknown = await client.connect().catch((cause: unknown) => cause);
    server.close();
    expect(error).toBeInstanceOf(WSSAuthenticationError);
    expect(error).toMatchObject({
      code: 'CERTIFICATE_REFUSED',
      retryable: true,
      message: expect.stringContaining('may not trust'),
    });
  });
});
