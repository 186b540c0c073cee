import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createAuthority, issueCertificate } from '../certs/authority.ts';
import { readTlsFiles } from './tls-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'agentao-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));
const nowMs = Date.now();
const dayMs = 86_400_000;
const validity = { notBefore: new Date(nowMs - dayMs), notAfter: new Date(nowMs + 90 * dayMs) };
const authority = await createAuthority('An authority', validity);
const server = await issueCertificate(authority, {
  ...validity,
  commonName: 'localhost',
  role: 'server',
  hosts: ['localhost'],
});

function put(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const files = {
  certificate: put('server.pem', server.certificatePem),
  key: put('server.key', server.keyPem),
  clientAuthority: put('ca.pem', authority.certificatePem),
};

describe('the files of a TLS server', () => {
  it('are read where they are good', () => {
    expect(readTlsFiles(files, nowMs)).toEqual({
      ok: true,
      tls: { cert: server.certificatePem, key: server.keyPem, clientCa: authority.certificatePem },
      notes: [],
    });
  });

  it.each<[string, Partial<typeof files>, number, string, RegExp]>([
    ['that is not there', { certificate: join(folder, 'none.pem') }, nowMs, 'certificate', /cannot be read \(ENOENT\)/],
    [
      'that is no certificate',
      { certificate: put('text.pem', 'hello') },
      nowMs,
      'certificate',
      /is no PEM of a certificate/,
    ],
    ['that has expired', {}, nowMs + 91 * dayMs, 'certificate', /has expired on/],
    ['that is not good yet', {}, nowMs - 2 * dayMs, 'certificate', /is not good before/],
    ['of another pair', { key: put('other.key', authority.keyPem) }, nowMs, 'key', /not that of/],
    ['of no authority', { clientAuthority: put('no-ca.pem', 'hello') }, nowMs, 'clientAuthority', /is no PEM/],
  ])('are refused with the key and the reason: one %s', (_, more, atMs, key, message) => {
    const read = readTlsFiles({ ...files, ...more }, atMs);
    expect(read).toMatchObject({ ok: false });
    expect(!read.ok && read.faults[0]).toMatchObject({
      path: ['listen', 'tls', key],
      message: expect.stringMatching(message) as string,
    });
  });

  it('are noted where they end soon, or where others may read the key', () => {
    const loose = put('loose.key', server.keyPem, 0o644);
    const read = readTlsFiles({ ...files, key: loose }, nowMs + 80 * dayMs);
    expect(read.ok && read.notes).toEqual([
      expect.stringMatching(/certificate: .* expires on/),
      expect.stringMatching(/clientAuthority: .* expires on/),
      expect.stringMatching(/key: others than its owner may read .*chmod 600/),
    ]);
  });
});
