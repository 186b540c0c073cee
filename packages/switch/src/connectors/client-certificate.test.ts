import { describe, expect, it } from 'vitest';
import { createTestCertificate, createTestKeys } from '../servers/test-certificate.ts';
import { describeCertificate, readClientCertificate } from './client-certificate.ts';

describe('describeCertificate', () => {
  it('tells the common name, when it expires, and the public key, which a renewed certificate has in common with the old one', () => {
    const keys = createTestKeys();
    const notAfter = new Date('2049-05-06T07:08:09Z');
    const first = describeCertificate(createTestCertificate('agent-1', { keys, notAfter }));
    expect(first).toEqual({
      commonName: 'agent-1',
      publicKeySha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      notAfterMs: notAfter.getTime(),
    });
    expect(describeCertificate(createTestCertificate('agent-1', { keys })).publicKeySha256).toBe(first.publicKeySha256);
    expect(describeCertificate(createTestCertificate('agent-1')).publicKeySha256).not.toBe(first.publicKeySha256);
  });

  it.each<[string, string]>([
    ['text', 'certificate of nobody'],
    ['nothing', ''],
    ['a certificate without a common name', createTestCertificate([])],
    ['one with two, of which neither is the one', createTestCertificate(['agent-1', 'agent-2'])],
    ['one with an empty name', createTestCertificate('')],
    ['a name that goes on behind a zero byte', createTestCertificate('agent-1\0.example')],
    ['a name with a line break', createTestCertificate('x\nCN=agent-1')],
  ])('takes no %s', (_, pem) => {
    expect(readClientCertificate(pem)).toBeUndefined();
    expect(() => describeCertificate(pem)).toThrow(TypeError);
  });
});
