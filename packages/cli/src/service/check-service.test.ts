import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createSystemClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { checkService } from './check-service.ts';
import { describeConfig } from './describe-config.ts';
import { readConfig } from './load-config.ts';
import type { ServiceConfig } from './service-config.ts';

const clock = createSystemClock(globalThis);

function config(text: string): ServiceConfig {
  const loaded = readConfig(text, '/etc/agentao/agentao.yaml', { env: {}, cwd: '/' });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
}

describe('the check of a service', () => {
  it('notes a port in use, a connector that nobody can serve, and certificates that nobody is asked for', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const checked = await checkService(
      config(
        `listen: { port: ${port} }\noperations: { port: 0 }\nconnectors:\n  - { uuid: a, numbers: ['1'] }\n  - { uuid: b, numbers: ['2'], certificates: [c] }`,
      ),
      clock,
    );
    taken.close();
    expect(checked.problems).toEqual([]);
    expect(checked.notes).toEqual([
      expect.stringMatching(/^listen\.port: \d+ is in use/),
      expect.stringMatching(/^connectors\[0\]: lists neither/),
      expect.stringMatching(/^connectors\[1\]\.certificates: nobody is asked/),
    ]);
  });

  it('has a problem with an address that is not of this machine, and with files that are not there', async () => {
    const { problems } = await checkService(
      config('listen: { host: 192.0.2.1, port: 0, tls: { certificate: none.pem, key: none.key } }'),
      clock,
    );
    expect(problems).toEqual([
      expect.stringMatching(/^listen\.tls\.certificate: \/etc\/agentao\/none\.pem cannot be read/),
      expect.stringMatching(/^listen\.tls\.key: /),
      expect.stringMatching(/^listen\.host: cannot listen on 192\.0\.2\.1/),
    ]);
  });

  it('has a problem with a folder of records that cannot be written, and makes one that is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'agentao-check-'));
    try {
      const good = await checkService(config(`listen: { port: 0 }\nrecords: { folder: ${folder}/new }`), clock);
      expect(good.problems).toEqual([]);
      expect(existsSync(join(folder, 'new', 'recordings'))).toBe(true);
      writeFileSync(join(folder, 'file'), '');
      const bad = await checkService(config(`listen: { port: 0 }\nrecords: { folder: ${folder}/file }`), clock);
      expect(bad.problems).toEqual([expect.stringMatching(/^records\.folder\b/)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says what would run', () => {
    const lines = describeConfig(config("connectors: [{ uuid: a, numbers: ['*'], limits: { maxCalls: 3 } }]"));
    expect(lines).toContain('records      none');
    const kept =
      "records: { folder: /r, retention: { maxAgeDays: 30 } }\nconnectors: [{ uuid: a, numbers: ['*'], recording: true }]";
    expect(describeConfig(config(kept)).join('\n')).toMatch(
      /in \/r; kept for at most 30 days[\s\S]*; recorded, with a tone/,
    );
    expect(lines.join('\n')).toMatch(/127\.0\.0\.1:7350, no TLS[\s\S]*connector {4}a: \*; 0 keys.*at most 3 calls/);
  });
});
