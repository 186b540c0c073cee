import { describe, expect, it } from 'vitest';
import { createApiKey } from './api-key.ts';
import type { ConnectorOptions } from './connector.ts';
import { createConnectorRegister } from './connector-register.ts';

const first = createApiKey();
const second = createApiKey();
const certificate = { commonName: 'agent-1', publicKeySha256: 'a'.repeat(64), notAfterMs: 0 };

function connector(uuid: string, options: Partial<ConnectorOptions> = {}): ConnectorOptions {
  return { uuid, numbers: [`+1555${uuid}`], keys: [first.stored], ...options };
}

describe('replacing the connectors', () => {
  it('is all or nothing: with a fault in the new ones the old ones stay', () => {
    const register = createConnectorRegister([connector('1')]);
    expect(() => register.replace([connector('2'), connector('2')])).toThrow(/twice/);
    expect(register.list.map(({ uuid }) => uuid)).toEqual(['1']);
    expect(register.byKey(first.key)?.connectors).toHaveLength(1);
    expect(register.byNumber('+15551')?.uuid).toBe('1');
  });

  it('tells what has come and gone', () => {
    const register = createConnectorRegister([connector('1'), connector('2')]);
    const { added, removed } = register.replace([connector('2'), connector('3')]);
    expect({ added, removed }).toEqual({ added: ['3'], removed: ['1'] });
    expect(register.byNumber('+15551')).toBeUndefined();
    expect(register.byNumber('+15553')?.uuid).toBe('3');
  });

  const key = { keyId: first.stored.keyId };
  const named = { certificate };
  it.each<[string, readonly ConnectorOptions[], readonly ConnectorOptions[], object, string | undefined, boolean]>([
    ['a key that is still listed', [connector('1')], [connector('1', { limits: { maxCalls: 1 } })], key, '1', false],
    [
      'a key that is not listed any more',
      [connector('1')],
      [connector('1', { keys: [second.stored] })],
      key,
      '1',
      true,
    ],
    [
      'a key that another connector lists now',
      [connector('1')],
      [connector('1', { keys: [] }), connector('2')],
      key,
      '1',
      true,
    ],
    [
      'a key of a connector that is gone',
      [connector('1')],
      [connector('2', { keys: [second.stored] })],
      key,
      '1',
      false,
    ],
    ['a key before its hello, listed nowhere', [connector('1')], [], key, undefined, true],
    ['a key before its hello, listed somewhere', [connector('1')], [connector('2')], key, undefined, false],
    [
      'another key of the same id',
      [connector('1')],
      [connector('1', { keys: [{ ...first.stored, sha256: second.stored.sha256 }] })],
      key,
      '1',
      true,
    ],
    [
      'a name that is still listed',
      [connector('1', { certificates: [certificate] })],
      [connector('1', { certificates: [certificate] })],
      named,
      '1',
      false,
    ],
    [
      'a name that is not listed any more',
      [connector('1', { certificates: [certificate] })],
      [connector('1')],
      named,
      '1',
      true,
    ],
    [
      'a certificate that is refused now',
      [connector('1', { certificates: [certificate] })],
      [connector('1', { certificates: [certificate], revokedCertificates: [certificate.publicKeySha256] })],
      named,
      '1',
      true,
    ],
    [
      'a certificate that is refused now, of a connector that is gone',
      [connector('1', { certificates: [certificate] })],
      [connector('2', { revokedCertificates: [certificate.publicKeySha256] })],
      named,
      '1',
      true,
    ],
    [
      'key and name, of which the name has gone',
      [connector('1', { certificates: [certificate] })],
      [connector('1')],
      { ...key, ...named },
      '1',
      true,
    ],
  ])('%s', (_, before, after, credential, uuid, lost) => {
    expect(createConnectorRegister(before).replace(after).isLost(credential, uuid)).toBe(lost);
  });

  it('brings back nothing that was revoked at run time', () => {
    const both = connector('1', { certificates: [certificate] });
    const register = createConnectorRegister([both]);
    expect(register.revoke(first.stored.keyId)).toBe(true);
    expect(register.revokeCertificate({ publicKeySha256: certificate.publicKeySha256 })).toBe(true);
    const { isLost } = register.replace([both]);
    expect(register.byKey(first.key)).toBeUndefined();
    expect(register.byCertificate(certificate)).toEqual([]);
    expect(isLost(key, '1')).toBe(true);
  });
});
