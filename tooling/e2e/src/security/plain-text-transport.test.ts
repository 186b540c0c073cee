import { AgenTaoClientConfig } from '@agentao/calls';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

// Off this machine a key travels inside TLS or not at all. The attack is an address that looks local to the check and is not to the network.

const access = { apiKey: 'ak_1_hush', connectorUuid: 'c' };

function isTaken(baseUrl: string): boolean {
  try {
    AgenTaoClientConfig.sandbox({ ...access, baseUrl });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_CONFIG' });
    expect(String(error)).not.toContain('hush');
    return false;
  }
}

describe('an address that is not of this machine', () => {
  it.each([
    'ws://switch.example',
    'WS://SWITCH.EXAMPLE',
    'ws:switch.example',
    'ws:\\\\switch.example',
    'w\ns://switch.example',
    '\tws://switch.example',
    'ws://127.0.0.1.switch.example',
    'ws://127.0.0.1.switch.example:7350',
    'ws://localhost.switch.example',
    'ws://localhost.localdomain',
    'ws://switch.localhost',
    'ws://localhost.',
    'ws://localhost%2eswitch.example',
    'ws://xn--localhost',
    'ws://127.0.0.1@switch.example',
    'ws://localhost:7350@switch.example',
    'ws://127.0.0.1%40switch.example',
    'ws://switch.example\\@127.0.0.1',
    'ws://switch.example/@127.0.0.1',
    'ws://switch.example?@127.0.0.1',
    'ws://switch.example#@127.0.0.1',
    'ws://user@127.0.0.1',
    'ws://user:secret@localhost',
    'ws://127.0.0.1/?token=1',
    'ws://127.0.0.1/#key',
    'ws://0.0.0.0',
    'ws://0',
    'ws://128.0.0.1',
    'ws://126.255.255.255',
    'ws://1270.0.0.1',
    'ws://[::]',
    'ws://[::2]',
    'ws://[::ffff:127.0.0.1]',
    'ws://[::ffff:8.8.8.8]',
    'ws://[::127.0.0.1]',
    'ws://[64:ff9b::127.0.0.1]',
    'ws://[fe80::1]',
    'ws://[::1].switch.example',
    'ws://[::1]switch.example',
    'http://127.0.0.1',
    'ftp://127.0.0.1',
    'wss://user:secret@switch.example',
    'file:///127.0.0.1',
    'javascript:ws://127.0.0.1',
  ])('%s is not taken for one', (baseUrl) => {
    expect(isTaken(baseUrl)).toBe(false);
  });

  it('is told by its first byte, in whatever notation it is written', () => {
    const part = (value: number): fc.Arbitrary<string> =>
      fc.constantFrom(String(value), `0x${value.toString(16)}`, `0X${value.toString(16)}`, `0${value.toString(8)}`);
    const firstByte = fc.oneof(fc.constantFrom(127, 126, 128, 0, 10, 192), fc.nat(255));
    const address = fc.tuple(firstByte, fc.nat(0xffffff)).chain(([first, rest]) => {
      const [b, c, d] = [rest >>> 16, (rest >>> 8) & 255, rest & 255];
      const notations = [[first * 0x1000000 + rest], [first, rest], [first, b, rest & 0xffff], [first, b, c, d]];
      return fc
        .constantFrom(...notations)
        .chain((parts) => fc.tuple(...parts.map(part)))
        .map((parts) => ({ first, text: parts.join('.') }));
    });
    fc.assert(
      fc.property(address, ({ first, text }) => {
        expect([text, isTaken(`ws://${text}:7350`)]).toEqual([text, first === 127]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('an address of this machine', () => {
  it.each([
    'ws://localhost',
    'ws://LOCALHOST:1',
    'ws://127.0.0.1',
    'ws://127.1:1',
    'ws://127.0.0.1.',
    'ws://2130706433',
    'ws://0x7f000001',
    'ws://0177.0.0.1',
    'ws://[::1]',
    'ws://[0:0:0:0:0:0:0:1]:1',
  ])('%s is taken, since that is where it leads', (baseUrl) => {
    expect(isTaken(baseUrl)).toBe(true);
  });
});

describe('in production', () => {
  it.each([
    'ws://127.0.0.1:7350',
    'ws://localhost',
    'ws://switch.example',
    'ws:switch.example',
    'http://switch.example',
  ])('not even %s is taken', (baseUrl) => {
    const paths = { certPath: 'none.pem', keyPath: 'none.key' };
    expect(() => AgenTaoClientConfig.production({ ...paths, baseUrl })).toThrow(/baseUrl must be/);
  });
});

describe('an origin to which media tokens may go', () => {
  it.each([
    'ws://media.example',
    'ws://127.0.0.1.media.example',
    'ws://[::ffff:127.0.0.1]',
    'http://127.0.0.1',
    'media.example',
  ])('%s is not taken', (origin) => {
    expect(() => AgenTaoClientConfig.sandbox({ ...access, allowedMediaOrigins: [origin] })).toThrow(
      /allowedMediaOrigins/,
    );
  });
});
