import { createServer } from 'node:net';
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

  it('says what would run', () => {
    const lines = describeConfig(config("connectors: [{ uuid: a, numbers: ['*'], limits: { maxCalls: 3 } }]"));
    expect(lines.join('\n')).toMatch(/127\.0\.0\.1:7350, no TLS[\s\S]*connector {4}a: \*; 0 keys.*at most 3 calls/);
  });
});
