import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { AgenTaoClientConfig, credentialsOf } from './config.ts';
import type { SandboxOptions } from './config-options.ts';
import { WSSError } from './errors.ts';

const good: SandboxOptions = { apiKey: 'ak_1_secret', connectorUuid: 'c-1' };
const folder = mkdtempSync(join(tmpdir(), 'agentao-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function failure(make: () => unknown): WSSError {
  try {
    make();
  } catch (error) {
    if (error instanceof WSSError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a sandbox configuration', () => {
  it('fills in the documented defaults', () => {
    expect(AgenTaoClientConfig.sandbox(good)).toMatchObject({
      mode: 'sandbox',
      sampleRate: 24_000,
      bufferSize: 1_048_576,
      baseUrl: 'ws://127.0.0.1:7350',
      maxCalls: Number.POSITIVE_INFINITY,
      acceptsTakeover: false,
      onHandlerError: 'disconnect',
    });
  });

  const bad: [option: string, value: unknown][] = [
    ['apiKey', ''],
    ['apiKey', undefined],
    ['apiKey', 'two words'],
    ['connectorUuid', ' '],
    ['sampleRate', 44_100],
    ['sampleRate', '24000'],
    ['bufferSize', 0],
    ['bufferSize', 1001],
    ['maxCalls', 0],
    ['maxCalls', 1.5],
    ['onHandlerError', 'ignore'],
    ['baseUrl', 'not a url'],
    ['baseUrl', 'http://127.0.0.1'],
    ['baseUrl', 'ws://switch.example'],
    ['baseUrl', 'ws://127.example.com'],
    ['baseUrl', 'wss://user:pass@switch.example'],
    ['baseUrl', 'wss://switch.example?key=1'],
    ['baseUrl', 7350],
    ['baseUrl', 'ws://localhost.example'],
    ['allowedMediaOrigins', ['ws://media.example']],
    ['allowedMediaOrigins', 'wss://media.example'],
    ['acceptsTakeover', 'yes'],
    ['logger', { info: () => undefined }],
    ['logger', 'console'],
    ['sampleRate', Number.NaN],
    ['bufferSize', 2 ** 30 + 2],
    ['maxCalls', Number.NaN],
    ['apiKey', 'ключ'],
  ];
  it.each(bad)('refuses %s = %j, naming the option', (option, value) => {
    const error = failure(() => AgenTaoClientConfig.sandbox({ ...good, [option]: value }));
    expect(error.code).toBe('INVALID_CONFIG');
    expect(error.message).toContain(option);
  });

  it.each(['ws://localhost:1', 'ws://127.0.0.2:1', 'ws://[::1]:1', 'wss://switch.example/base/'])(
    'takes %s',
    (baseUrl) => {
      expect(AgenTaoClientConfig.sandbox({ ...good, baseUrl }).baseUrl).toBe(baseUrl);
    },
  );

  it('shows its key in no text, JSON, inspection or error', () => {
    const config = AgenTaoClientConfig.sandbox({ ...good, apiKey: 'ak_1_hush' });
    const shown = [
      String(config),
      JSON.stringify(config),
      inspect(config, { showHidden: true, depth: 10 }),
      inspect({ config }, { showHidden: true, depth: 10 }),
      JSON.stringify(Object.getOwnPropertyNames(config)),
      failure(() => AgenTaoClientConfig.sandbox({ ...good, apiKey: 'ak_1_hush\n' })).message,
    ];
    for (const text of shown) expect(text).not.toContain('hush');
    expect(credentialsOf(config).apiKey).toBe('ak_1_hush');
  });
});

describe('a production configuration', () => {
  const paths = { certPath: join(folder, 'none.pem'), keyPath: join(folder, 'none.pem') };

  it('needs wss://', () => {
    const error = failure(() => AgenTaoClientConfig.production({ ...paths, baseUrl: 'ws://127.0.0.1:7350' }));
    expect(error.message).toContain('baseUrl');
  });

  it('names the file it cannot read, with the cause', () => {
    const error = failure(() => AgenTaoClientConfig.production({ ...paths, baseUrl: 'wss://switch.example' }));
    expect(error.message).toContain('certPath');
    expect(error.cause).toMatchObject({ code: 'ENOENT' });
  });

  it('refuses a file that is no certificate, and quotes nothing of it', () => {
    const certPath = join(folder, 'garbage.pem');
    writeFileSync(certPath, 'hush hush');
    const error = failure(() =>
      AgenTaoClientConfig.production({ certPath, keyPath: certPath, baseUrl: 'wss://a.example' }),
    );
    expect(error.message).toContain('certPath');
    expect(inspect(error)).not.toContain('hush');
  });
});

describe('a production configuration with files', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyText = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const keyPath = file('key.pem', keyText);
  const baseUrl = 'wss://switch.example';

  it('names the file that holds the wrong thing, and shows nothing of the key', () => {
    const certPath = file('public.pem', publicKey.export({ type: 'spki', format: 'pem' }).toString());
    const wrong: [option: string, paths: { certPath: string; keyPath: string }][] = [
      ['certPath', { certPath, keyPath }],
      ['certPath', { certPath: keyPath, keyPath }],
      ['certPath', { certPath: folder, keyPath }],
      ['certPath', { certPath: '', keyPath }],
      ['certPath', { certPath: 7 as never, keyPath }],
      ['keyPath', { certPath, keyPath: '' }],
    ];
    const secret = keyText.split('\n')[1] ?? '';
    expect(secret.length).toBeGreaterThan(20);
    for (const [option, paths] of wrong) {
      const error = failure(() => AgenTaoClientConfig.production({ ...paths, baseUrl }));
      expect(error).toMatchObject({ code: 'INVALID_CONFIG' });
      expect(error.message).toContain(option);
      expect(inspect(error, { showHidden: true, depth: 10 })).not.toContain(secret);
    }
  });
});

describe('a configuration from the environment', () => {
  it('reads every variable of sandbox mode', () => {
    const config = AgenTaoClientConfig.fromEnv({
      AGENTAO_MODE: 'sandbox',
      AGENTAO_API_KEY: 'ak_1_x',
      AGENTAO_CONNECTOR_UUID: 'c-9',
      AGENTAO_BASE_URL: 'ws://127.0.0.1:9',
      AGENTAO_SAMPLE_RATE: '8000',
    });
    expect(config).toMatchObject({ connectorUuid: 'c-9', baseUrl: 'ws://127.0.0.1:9', sampleRate: 8000 });
    expect(credentialsOf(config)).toEqual({ apiKey: 'ak_1_x' });
  });

  it('takes the options the environment does not speak of', () => {
    const env = { AGENTAO_API_KEY: 'k', AGENTAO_CONNECTOR_UUID: 'c' };
    expect(AgenTaoClientConfig.fromEnv(env, { maxCalls: 3 }).maxCalls).toBe(3);
  });

  it('names all that is missing in one error', () => {
    const error = failure(() => AgenTaoClientConfig.fromEnv({ AGENTAO_API_KEY: '' }));
    expect(error.message).toContain('AGENTAO_API_KEY, AGENTAO_CONNECTOR_UUID');
    const production = failure(() => AgenTaoClientConfig.fromEnv({ AGENTAO_MODE: 'production' }));
    expect(production.message).toContain('AGENTAO_CERT_PATH, AGENTAO_KEY_PATH, AGENTAO_BASE_URL');
    expect(production.message).not.toContain('AGENTAO_CA_PATH');
  });

  it('that is bad quotes no secret of it', () => {
    const env = { AGENTAO_API_KEY: 'ak_1_hush hush', AGENTAO_CONNECTOR_UUID: 'c' };
    const error = failure(() => AgenTaoClientConfig.fromEnv(env));
    expect(error.message).toContain('AGENTAO_API_KEY');
    expect(inspect(error, { showHidden: true, depth: 10 })).not.toContain('hush');
  });

  it.each([
    ['MODE', 'test'],
    ['SAMPLE_RATE', 'high'],
    ['BASE_URL', 'http://127.0.0.1'],
    ['BASE_URL', 'ws://example.org'],
    ['CONNECTOR_UUID', 'a b'],
  ])('says of the variable %s that %s is none', (name, value) => {
    const env = { AGENTAO_API_KEY: 'k', AGENTAO_CONNECTOR_UUID: 'c', [`AGENTAO_${name}`]: value };
    expect(failure(() => AgenTaoClientConfig.fromEnv(env)).message).toMatch(new RegExp(`^AGENTAO_${name} `));
  });
});
