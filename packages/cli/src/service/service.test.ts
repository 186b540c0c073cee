import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createSystemClock } from '@agentao/clock';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createAuthority, issueCertificate } from '../certs/authority.ts';
import type { ServiceLogger } from './create-logger.ts';
import { type LoadedConfig, loadConfig } from './load-config.ts';
import { openService, type Service } from './service.ts';

const clock = createSystemClock(globalThis);
const folder = mkdtempSync(join(tmpdir(), 'agentao-service-'));
afterAll(() => rmSync(folder, { recursive: true }));
const nowMs = Date.now();
const validity = { notBefore: new Date(nowMs - 86_400_000), notAfter: new Date(nowMs + 90 * 86_400_000) };
const authority = await createAuthority('An authority', validity);
const path = join(folder, 'agentao.yaml');

async function putCertificate(): Promise<void> {
  const made = await issueCertificate(authority, {
    ...validity,
    commonName: 'localhost',
    role: 'server',
    hosts: ['localhost'],
  });
  writeFileSync(join(folder, 'server.pem'), made.certificatePem);
  writeFileSync(join(folder, 'server.key'), made.keyPem, { mode: 0o600 });
}

interface Opened {
  readonly service: Service;
  readonly lines: { readonly level: string; readonly message: string; readonly fields: object }[];
  readonly levels: string[];
}

async function open(text: string, load?: () => Promise<LoadedConfig>): Promise<Opened> {
  const lines: { level: string; message: string; fields: object }[] = [];
  const levels: string[] = [];
  const line = (level: string) => (fields: object, message: string) => void lines.push({ level, message, fields });
  const logger: ServiceLogger = {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    setLevel: (level) => void levels.push(level),
    flush: () => undefined,
  };
  writeFileSync(path, text);
  const read = (): Promise<LoadedConfig> => loadConfig(path, { env: {}, cwd: folder });
  const loaded = await read();
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const service = await openService({ clock, logger, config: loaded.config, load: load ?? read, page: undefined });
  return { service, lines, levels };
}

/** The certificate that the service shows to a new connection. */
async function shownBy({ url }: Service): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

const metricsOf = async ({ url }: Service): Promise<string> =>
  (await fetch(`${url.replace(/^ws/, 'http')}/metrics`)).text();

it('counts the connections of an address that it cuts, and says so in the log', async () => {
  const { service, lines } = await open('listen: { port: 0 }\n');
  const port = Number(new URL(service.url).port);
  const sockets = Array.from({ length: 530 }, () => {
    const socket = connectPlain(port, '127.0.0.1').on('error', () => undefined);
    return socket.resume();
  });
  await vi.waitFor(() => expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1), 5_000);
  await vi.waitFor(() => expect(sockets.filter(({ closed }) => closed).length).toBeGreaterThanOrEqual(18), 10_000);
  for (const socket of sockets) socket.destroy();
  await vi.waitFor(async () => expect(await metricsOf(service)).toMatch(/^agentao_strangers_cut_total (1[89]|2\d)$/m));
  await service.close();
});

describe('a reload', () => {
  it('shows another certificate to whoever connects from then on', async () => {
    await putCertificate();
    const { service } = await open('listen: { port: 0, tls: { certificate: server.pem, key: server.key } }\n');
    const before = await shownBy(service);
    await putCertificate();
    expect(await shownBy(service), 'not by itself').toBe(before);
    expect(await service.reload()).toBe(true);
    expect(await shownBy(service)).not.toBe(before);
    await service.close();
  });

  it('takes over the level of the log, and names the keys that need a restart', async () => {
    const { service, lines, levels } = await open('listen: { port: 0 }\n');
    writeFileSync(path, 'listen: { port: 0 }\nlog: { level: debug }\nshedding: false\nlimits: { monitors: 3 }\n');
    expect(await service.reload()).toBe(true);
    expect(levels).toEqual(['debug']);
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        message: 'these keys are taken over by a restart only',
        fields: { keys: ['limits', 'shedding'] },
      },
    ]);
    await service.close();
  });

  it('takes over how long a drain may take', async () => {
    const { service } = await open('listen: { port: 0 }\ndrainMs: 60000\n');
    const timeouts: number[] = [];
    const { drain } = service.switch;
    Object.assign(service.switch, {
      drain: (options: { readonly timeoutMs: number }) => (timeouts.push(options.timeoutMs), drain(options)),
    });
    writeFileSync(path, 'listen: { port: 0 }\ndrainMs: 500\n');
    expect(await service.reload()).toBe(true);
    expect(await service.drain()).toBe(0);
    expect(timeouts).toEqual([500]);
    await service.close();
  });

  it('that fails as none should is logged and counted as refused, and the next one works', async () => {
    let broken = true;
    const { service, lines } = await open('listen: { port: 0 }\n', () =>
      broken ? Promise.reject(new Error('unforeseen')) : loadConfig(path, { env: {}, cwd: folder }),
    );
    expect((await metricsOf(service)).split('\n')).toContain('agentao_config_reloads_total{outcome="refused"} 0');
    expect(await service.reload()).toBe(false);
    expect(lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
      'the configuration cannot be read; nothing was changed',
    ]);
    broken = false;
    expect(await service.reload()).toBe(true);
    const text = (await metricsOf(service)).split('\n');
    expect(text).toContain('agentao_config_reloads_total{outcome="refused"} 1');
    expect(text).toContain('agentao_config_reloads_total{outcome="taken_over"} 1');
    await service.close();
  });

  it('of a file whose alias names what it stands in is refused with a line', async () => {
    const { service, lines } = await open('listen: { port: 0 }\n');
    writeFileSync(path, 'connectors: &a [*a]\n');
    expect(await service.reload()).toBe(false);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({ fields: { problem: expect.stringMatching(/^agentao\.yaml: has values/) as string } }),
    ]);
    await service.close();
  });
});
