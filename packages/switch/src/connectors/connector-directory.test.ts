import { describe, expect, it } from 'vitest';
import { createApiKey } from './api-key.ts';
import type { ConnectorOptions } from './connector.ts';
import { createConnectorDirectory } from './connector-directory.ts';

const first = createApiKey();
const second = createApiKey();

function connector(uuid: string, options: Partial<ConnectorOptions> = {}): ConnectorOptions {
  return { uuid, numbers: [`+1555${uuid}`], keys: [first.stored], ...options };
}

describe('connectors by number', () => {
  const directory = createConnectorDirectory([
    connector('3', { numbers: ['+15559*', '+15551234'] }),
    connector('1', { numbers: ['*'] }),
    connector('2', { numbers: ['+1555*'] }),
  ]);

  it.each([
    ['+15551234', '3'],
    ['+15559999', '3'],
    ['+15551235', '2'],
    ['+4930123', '1'],
    ['', '1'],
  ])('gives %j to connector %s, the longest match', (number, uuid) => {
    expect(directory.byNumber(number)?.uuid).toBe(uuid);
  });

  it('gives a number that nobody serves to nobody', () => {
    expect(createConnectorDirectory([connector('1')]).byNumber('+15552')).toBeUndefined();
  });
});

describe('connectors by key', () => {
  const directory = createConnectorDirectory([
    connector('1'),
    connector('2'),
    connector('3', { keys: [second.stored] }),
  ]);

  it('gives all connectors that list the key', () => {
    expect(directory.byKey(first.key)?.connectors.map(({ uuid }) => uuid)).toEqual(['1', '2']);
    expect(directory.byKey(second.key)?.connectors.map(({ uuid }) => uuid)).toEqual(['3']);
  });

  it('gives nothing for a wrong secret, an unknown id, another secret or something that is no key', () => {
    const [, , secret] = second.key.split('_');
    for (const key of [`${first.key}0`, createApiKey().key, `ak_${first.stored.keyId}_${secret}`, 'ak', '']) {
      expect(directory.byKey(key)).toBeUndefined();
    }
  });

  it('gives nothing for a revoked key, and revokes only once', () => {
    const own = createConnectorDirectory([connector('1')]);
    expect(own.holds({ keyId: first.stored.keyId })).toBe(true);
    expect(own.revoke(first.stored.keyId)).toBe(true);
    expect(own.byKey(first.key)).toBeUndefined();
    expect(own.holds({ keyId: first.stored.keyId })).toBe(false);
    expect(own.revoke(first.stored.keyId)).toBe(false);
  });
});

describe('configuration', () => {
  it('resolves the documented defaults', () => {
    const [resolved] = createConnectorDirectory([connector('1', { limits: { maxCalls: 3 } })]).list;
    expect(resolved?.limits).toEqual({
      maxCalls: 3,
      callsPerSecond: Number.POSITIVE_INFINITY,
      maxPendingMs: 120_000,
      maxCallMs: 14_400_000,
      agentlessRingMs: 60_000,
    });
    expect(resolved?.takeover).toEqual({ connected: false });
    const [coached] = createConnectorDirectory([connector('1', { takeover: { connected: true } })]).list;
    expect(coached?.takeover).toEqual({ connected: true });
  });

  it.each<[string, ConnectorOptions[], RegExp]>([
    ['an empty uuid', [connector('')], /uuid/],
    ['a uuid twice', [connector('1'), connector('1', { numbers: ['+1'] })], /twice/],
    ['no numbers', [connector('1', { numbers: [] })], /numbers/],
    ['a number with letters', [connector('1', { numbers: ['+1555CALL'] })], /numbers/],
    ['a pattern with a star in the middle', [connector('1', { numbers: ['+1*5'] })], /numbers/],
    ['a number of two connectors', [connector('1'), connector('2', { numbers: ['+15551'] })], /one of its numbers/],
    ['a key that is not hashed', [connector('1', { keys: [{ keyId: 'a', sha256: first.key }] })], /sha256/],
    ['a key id that cannot be in a key', [connector('1', { keys: [{ ...first.stored, keyId: 'a_b' }] })], /keyId/],
    [
      'two keys of one id',
      [connector('1'), connector('2', { keys: [{ ...second.stored, keyId: first.stored.keyId }] })],
      /different key/,
    ],
    [
      'a takeover that is no yes or no',
      [connector('1', { takeover: { connected: 1 as never } })],
      /takeover.connected/,
    ],
    ['a limit of 0', [connector('1', { limits: { maxCalls: 0 } })], /limits.maxCalls/],
  ])('refuses %s and names it', (_, connectors, message) => {
    expect(() => createConnectorDirectory(connectors)).toThrow(TypeError);
    expect(() => createConnectorDirectory(connectors)).toThrow(message);
  });
});
