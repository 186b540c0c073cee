import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createAuthority, type Identity } from '@agentao-tooling/certs';
import { engineOrReason } from '@agentao-tooling/engines';
import { WSSAuthenticationError } from '@agentao/calls';
import { createWsConnector } from '@agentao/transport/ws';
import { describe, expect, it } from 'vitest';
import { clock, commonName, eventually, openProductionLine, type ProductionLine } from './production-line.ts';

const openssl = engineOrReason({
  missing: 'refusals by TLS alerts are not tested without openssl: install it',
  candidates: ['openssl'],
  probe: ['version'],
});

/** A TLS server that refuses client certificates by an alert, as most but Node do; with its address. */
async function listenWithAlerts(
  line: ProductionLine,
  { folder, version }: { readonly folder: string; readonly version: string },
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const own = await line.authority.issue({ commonName: 'localhost', role: 'server' });
  const files = { cert: own.certificatePem, key: own.keyPem, CAfile: line.authority.certificatePem };
  const named = Object.entries(files).flatMap(([name, pem]) => {
    const path = join(folder, `alerting-${name}.pem`);
    writeFileSync(path, pem, { mode: 0o600 });
    return [`-${name}`, path];
  });
  const asking = ['-accept', '127.0.0.1:0', '-Verify', '1', '-verify_return_error', version, ...named];
  const server: ChildProcess = spawn(openssl.path ?? '', ['s_server', ...asking], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exited = once(server, 'exit');
  let port: string | undefined;
  server.stdout?.on('data', (chunk) => {
    port ??= /ACCEPT .*:(\d+)/.exec(String(chunk))?.[1];
  });
  await eventually(() => port !== undefined, 'openssl does not listen');
  return {
    url: `wss://127.0.0.1:${port}`,
    close: async () => {
      server.kill();
      await exited;
    },
  };
}

const hourMs = 3_600_000;
const shown: [string, (line: ProductionLine) => Promise<Identity | undefined>, RegExp][] = [
  ['that is missing', () => Promise.resolve(undefined), /shown none/],
  ['that has expired', (line) => line.issue({ notAfter: new Date(Date.now() - hourMs / 2) }), /expired/],
  [
    'of another authority',
    async () => (await createAuthority('another authority')).issue({ commonName, role: 'client' }),
    /unknown authority/,
  ],
];

describe.skipIf(openssl.path === undefined)('another TLS server that refuses by an alert', () => {
  const cases = shown.flatMap(([what, ...rest]) =>
    ['-tls1_3', '-tls1_2']
      // TLS 1.2 has no alert of its own for a certificate that is missing.
      .filter((version) => version === '-tls1_3' || what !== 'that is missing')
      .map((version) => [what, version, ...rest] as const),
  );
  it.each(cases)(
    'a certificate %s (%s): the reason arrives, every time, and nothing is tried again',
    async (_, version, make, words) => {
      await using line = await openProductionLine();
      const identity = await make(line);
      const good = await line.issue();
      const folder = dirname(line.client(good).paths.certPath);
      const server = await listenWithAlerts(line, { folder, version });
      const connect = createWsConnector({ clock });
      const { client } = line.client(identity ?? good, {
        baseUrl: server.url,
        transport: (request) =>
          connect({ ...request, ...(identity === undefined ? { tls: { ca: line.authority.certificatePem } } : {}) }),
      });
      for (let times = 0; times < 5; times++) {
        const error: unknown = await client.connect().catch((cause: unknown) => cause);
        expect(error).toBeInstanceOf(WSSAuthenticationError);
        expect(error).toMatchObject({
          code: 'CERTIFICATE_REFUSED',
          retryable: false,
          message: expect.stringMatching(words),
        });
      }
      await server.close();
    },
  );
});
