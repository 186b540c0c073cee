import { join } from 'node:path';
import { createApiKey, createOperatorToken } from '@agentao/switch';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { envOverrides } from './env-overrides.ts';
import { loadConfig, readConfig } from './load-config.ts';
import type { ServiceConfig } from './service-config.ts';

const folder = '/etc/agentao';
const sha256 = 'a'.repeat(64);

function read(text: string, env: NodeJS.ProcessEnv = {}): ReturnType<typeof readConfig> {
  return readConfig(text, join(folder, 'agentao.yaml'), { env, cwd: '/srv' });
}

function good(text: string, env?: NodeJS.ProcessEnv): ServiceConfig {
  const loaded = read(text, env);
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  return loaded.config;
}

function problems(text: string, env?: NodeJS.ProcessEnv): readonly string[] {
  const loaded = read(text, env);
  return loaded.ok ? [] : loaded.problems;
}

const connector = `connectors:\n  - uuid: office\n    numbers: ['+15559999']\n`;

describe('a configuration', () => {
  it('has a default for everything but the connectors', () => {
    expect(good('')).toEqual({
      listen: { host: '127.0.0.1', port: 7350, plaintext: false },
      connectors: [],
      prompts: {},
      limits: {},
      shedding: true,
      metrics: true,
      log: { level: 'info' },
      drainMs: 300_000,
    });
    expect(good(connector).connectors).toEqual([
      {
        uuid: 'office',
        numbers: ['+15559999'],
        keys: [],
        certificates: [],
        revokedCertificates: [],
        limits: {},
        recording: false,
        consentTone: true,
        takeover: { connected: false },
      },
    ]);
  });

  it('starts relative paths at the file, and those of the environment where the command runs', () => {
    const text = 'listen:\n  tls: { certificate: server.pem, key: /run/secrets/server.key }\n';
    expect(good(text, { AGENTAO_SWITCH_TLS_CLIENT_AUTHORITY: 'ca.pem' }).listen.tls).toEqual({
      certificate: '/etc/agentao/server.pem',
      key: '/run/secrets/server.key',
      clientAuthority: '/srv/ca.pem',
    });
  });

  it('keeps records where it names a folder, from the file or the environment', () => {
    expect(good('records: { folder: records, retention: { maxAgeDays: 0.5 } }\n').records).toEqual({
      folder: '/etc/agentao/records',
      retention: { maxAgeDays: 0.5 },
    });
    const env = { AGENTAO_SWITCH_RECORDS_FOLDER: 'here' };
    expect(good(`${connector}    recording: true\n    takeover: { connected: true }\n`, env)).toMatchObject({
      records: { folder: '/srv/here', retention: {} },
      connectors: [{ recording: true, consentTone: true, takeover: { connected: true } }],
    });
  });

  it('with a connector that is recorded has to say where', () => {
    expect(problems(`${connector}    recording: true\n`)).toEqual([
      'connectors[0].recording: needs a place for recordings; add records.folder (agentao.yaml:4)',
    ]);
    expect(problems('records: { folder: "" }\n')[0]).toMatch(/^records\.folder: must be the path of a folder/);
    expect(problems('records: { folder: a, retention: { maxBytes: 0 } }\n')[0]).toMatch(
      /^records\.retention\.maxBytes: /,
    );
  });

  it('is told about as a file that is not there', async () => {
    const path = join(import.meta.dirname, 'no-such.yaml');
    expect(await loadConfig(path, { env: {}, cwd: '/' })).toMatchObject({
      problems: [expect.stringMatching(/no such file/)],
    });
  });
});

describe('the faults of a configuration', () => {
  it('are told all at once, each in one line with its key, in the order of the file', () => {
    const text = `listen:
  port: 70000
  tsl: {}
connectors:
  - uuid: office
    numbers: [+15559999, '+1555*']
    keys:
      - id: abc
        sha256: zzz
  - uuid: office
    nubmers: ['*']
  - uuid: home
    numbers: ['+1555*']
drainMs: soon
`;
    expect(problems(text)).toEqual([
      'listen.port: must be a port, a whole number from 0 to 65535 (agentao.yaml:2)',
      'listen.tsl: there is no such key; did you mean tls? (agentao.yaml:3)',
      expect.stringMatching(/^connectors\[0\]\.numbers\[0\]: must be a number in quotes.* \(agentao\.yaml:6\)$/),
      expect.stringMatching(/^connectors\[0\]\.keys\[0\]\.sha256: must be the SHA-256 .* \(agentao\.yaml:9\)$/),
      'connectors[1].numbers: is missing; it must be a list (agentao.yaml:10)',
      'connectors[1].uuid: is that of connectors[0] too; give each its own (agentao.yaml:10)',
      'connectors[1].nubmers: there is no such key; did you mean numbers? (agentao.yaml:11)',
      expect.stringMatching(
        /^connectors\[2\]\.numbers\[0\]: is a number of connectors\[0\] too.* \(agentao\.yaml:13\)$/,
      ),
      expect.stringMatching(/^drainMs: must be milliseconds.* \(agentao\.yaml:14\)$/),
    ]);
  });

  it.each<[string, string, RegExp]>([
    [
      'one id for two keys',
      `${connector}    keys: [{ id: a, sha256: ${sha256} }, { id: a, sha256: ${'b'.repeat(64)} }]`,
      /^connectors\[0\]\.keys\[1\]\.id: .*another sha256/,
    ],
    [
      'an address for all without TLS',
      'listen: { host: 0.0.0.0 }',
      /^listen\.host: .*add listen\.tls, or say listen\.plaintext/,
    ],
    [
      'operations for all without a word',
      'operations: { host: 0.0.0.0 }',
      /^operations\.host: .*127\.0\.0\.1, or say operations\.plaintext/,
    ],
    ['the same port twice', 'operations: { port: 7350 }', /^operations\.port: is that of listen/],
    ['half of TLS', 'listen: { tls: { certificate: a.pem } }', /^listen\.tls\.key: is missing; it must be the path/],
    ['a list for a section', 'listen: []', /^listen: must be a section/],
    ['a text for the whole', 'hello', /^the file: must be keys with values/],
    [
      'a limit of 0',
      `${connector}    limits: { maxCalls: 0 }`,
      /^connectors\[0\]\.limits\.maxCalls: must be a whole number above 0/,
    ],
    [
      'a host with a port',
      `operators: { tokenSha256: ${sha256}, hosts: ['a.example:80'] }`,
      /^operators\.hosts\[0\]: must be a host name/,
    ],
    ['a level that there is not', 'log: { level: loud }', /^log\.level: must be debug/],
    ['a key twice', 'drainMs: 1\ndrainMs: 2', /^agentao\.yaml:2: is no YAML here \(duplicate key\)/],
    ['broken YAML', 'listen: {', /^agentao\.yaml:\d+: is no YAML here/],
    ['an alias that leads nowhere', 'listen: *there', /^agentao\.yaml:?\d*: /],
    [
      'aliases of aliases',
      `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]`,
      /aliases/,
    ],
  ])('%s', (_, text, line) => {
    expect(problems(text)[0]).toMatch(line);
  });

  it('are no secret in clear, wherever it is; and no line repeats one', () => {
    const { key } = createApiKey();
    const { token } = createOperatorToken();
    const begin = ['-----BEGIN ', 'PRIVATE KEY-----'].join('');
    const pem = `${begin}\n      MIIabc\n`;
    const texts: readonly (readonly [string, RegExp])[] = [
      [
        `${connector}    keys: [{ id: a, sha256: ${key} }]`,
        /^connectors\[0\]\.keys\[0\]\.sha256: holds an API key in clear; .*agentao keys create/,
      ],
      [`${connector}    apiKey: ${key}`, /^connectors\[0\]\.apiKey: holds an API key/],
      [`operators: { tokenSha256: ${token} }`, /^operators\.tokenSha256: holds an operator token.*--operator/],
      [
        `listen:\n  tls:\n    certificate: a.pem\n    key: |\n      ${pem}`,
        /^listen\.tls\.key: holds a private key.*mode 0600/,
      ],
      [`${key}: 1`, /has an API key for a key/],
      [`# my key is ${key}\n`, /^agentao\.yaml:1: a comment holds an API key/],
      [`log: { level: ${['sk-', 'a'.repeat(40)].join('')} }`, /^log\.level: holds a secret of another service/],
      [`listen: [${key}`, /is no YAML/],
    ];
    for (const [text, line] of texts) {
      const told = problems(text);
      expect(
        told.some((problem) => line.test(problem)),
        told.join('\n'),
      ).toBe(true);
      for (const secret of [key, token, 'MIIabc', 'a'.repeat(40)]) expect(told.join('\n')).not.toContain(secret);
    }
  });

  it('are told beside faults of other kinds, also those that several keys have together', () => {
    const text = `listen: { host: 0.0.0.0, port: 7351, tsl: {} }
operations: { host: 0.0.0.0, port: 7351 }
connectors:
  - { uuid: a, numbers: [], recording: true }
`;
    expect(problems(text).map((problem) => problem.split(':')[0])).toEqual([
      'listen.host',
      'listen.tsl',
      'operations.host',
      'operations.port',
      'connectors[0].numbers',
      'connectors[0].recording',
    ]);
  });

  it('are one for aliases that name what they stand in, and for values that are too deep', () => {
    const texts = [
      'connectors: &a [*a]',
      'a: &a [*a, *a]',
      'log: &a { level: { b: *a } }',
      `a: ${'['.repeat(60)}${']'.repeat(60)}`,
    ];
    for (const text of texts) {
      expect(problems(text), text.slice(0, 40)).toEqual([
        expect.stringMatching(/^agentao\.yaml: has values within values/),
      ]);
    }
  });

  it('show what the file calls its keys without what would steer a terminal', () => {
    expect(problems('"a\\e[31m\\nb": 1')[0]).toMatch(/^a\\x1b\[31m\\x0ab: there is no such key/);
    expect(problems('connectors: [{ uuid: "x\\n\\e[31m", numbers: ["*"] }]')[0]).toMatch(
      /^connectors\[0\]\.uuid: must be /,
    );
  });

  it('are told by the reader alone: the library writes nothing of the text anywhere', () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    expect(problems('? [a secret]\n: 1')[0]).toMatch(/there is no such key/);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it('never stop the reader, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]:,-?&*!|>#%@`"\' \n\tabc0~<'), maxLength: 60 }), (text) => {
        const loaded = read(text);
        expect(loaded.ok || loaded.problems.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the environment', () => {
  it('stands above the file, in every place that it can', () => {
    const values: Record<string, string> = {
      text: '127.0.0.2',
      number: '4711',
      switch: 'true',
      file: '/a/b.pem',
      list: 'a.example,b.example',
    };
    const env = Object.fromEntries(envOverrides.map(({ name, kind }) => [name, values[kind]]));
    const config = good('listen: { port: 1 }\nshedding: false\nmetrics: false', {
      ...env,
      AGENTAO_SWITCH_OPERATOR_TOKEN_SHA256: sha256,
      AGENTAO_SWITCH_LOG_LEVEL: 'warn',
      AGENTAO_SWITCH_OPERATIONS_PORT: '4712',
    });
    expect(config).toMatchObject({
      listen: {
        host: '127.0.0.2',
        port: 4711,
        plaintext: true,
        tls: { certificate: '/a/b.pem', key: '/a/b.pem', clientAuthority: '/a/b.pem' },
      },
      operations: { host: '127.0.0.2', port: 4712, plaintext: true },
      operators: { tokenSha256: sha256, hosts: ['a.example', 'b.example'] },
      shedding: true,
      metrics: true,
      log: { level: 'warn' },
      drainMs: 4711,
    });
  });

  it('is refused by the name of the variable, and an empty one counts as none', () => {
    expect(
      problems('', { AGENTAO_SWITCH_PORT: 'http', AGENTAO_SWITCH_METRICS: 'yes', AGENTAO_SWITCH_HOST: '' }),
    ).toEqual([
      'listen.port: must be a port, a whole number from 0 to 65535 (AGENTAO_SWITCH_PORT)',
      'metrics: must be true or false (AGENTAO_SWITCH_METRICS)',
    ]);
    expect(problems('', { AGENTAO_SWITCH_PROT: '1', AGENTAO_SWITCH_CONFIG: 'x' })).toEqual([
      'AGENTAO_SWITCH_PROT: there is no such variable; did you mean AGENTAO_SWITCH_PORT?',
    ]);
  });
});
