import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSystemClock } from '@agentao/clock';
import { describeCertificate } from '@agentao/switch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CommandContext } from '../commands/command-context.ts';
import { makeAuthority, makeClientCertificate, makeServerCertificate } from '../commands/certs.ts';
import { createTerminal } from '../output/terminal.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'agentao-certs-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const options = { out: 'certs', days: 30 };
function context(): CommandContext {
  const streams = { out: { write: () => undefined }, err: { write: () => undefined } };
  const connect = (): Promise<never> => Promise.reject(new Error('no network in this test'));
  return { clock: createSystemClock(globalThis), connect, fetch, terminal: createTerminal(streams, {}), cwd };
}
const certificate = (name: string): X509Certificate =>
  new X509Certificate(readFileSync(join(cwd, 'certs', `${name}.pem`)));

describe('agentao certs', () => {
  it('makes an authority, and what it signs is good for its purpose, its hosts and its days', async () => {
    await makeAuthority(context(), options);
    await makeServerCertificate(context(), { ...options, host: ['switch.example.com', '127.0.0.1'] });
    await makeClientCertificate(context(), { ...options, name: 'agent-1' });
    const [authority, server, client] = [certificate('ca'), certificate('server'), certificate('agent-1')];
    expect(authority.ca).toBe(true);
    expect(server.verify(authority.publicKey) && client.verify(authority.publicKey)).toBe(true);
    expect(server.checkIssued(authority) && client.checkIssued(authority)).toBe(true);
    expect(server.ca || client.ca).toBe(false);
    expect(server.checkHost('switch.example.com')).toBe('switch.example.com');
    expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(server.checkHost('other.example.com')).toBeUndefined();
    expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(client.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(describeCertificate(client.toString()).commonName).toBe('agent-1');
    const days = (client.validToDate.getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
  });

  it('leaves keys to their owner, and makes two clients with keys of their own', async () => {
    await makeAuthority(context(), options);
    await makeClientCertificate(context(), { ...options, name: 'a' });
    await makeClientCertificate(context(), { ...options, name: 'b' });
    for (const name of readdirSync(join(cwd, 'certs'))) {
      expect(statSync(join(cwd, 'certs', name)).mode & 0o777, name).toBe(name.endsWith('.key') ? 0o600 : 0o644);
    }
    const hashes = ['a', 'b'].map((name) => describeCertificate(certificate(name).toString()).publicKeySha256);
    expect(new Set(hashes).size).toBe(2);
  });

  it('overwrites nothing', async () => {
    await makeAuthority(context(), options);
    const before = readFileSync(join(cwd, 'certs', 'ca.pem'), 'utf8');
    await expect(makeAuthority(context(), options)).rejects.toThrow(/ca\.key is there already; nothing was written/);
    rmSync(join(cwd, 'certs', 'ca.key'));
    await expect(makeAuthority(context(), options)).rejects.toThrow(/ca\.pem is there already/);
    expect(readFileSync(join(cwd, 'certs', 'ca.pem'), 'utf8')).toBe(before);
    expect(readdirSync(join(cwd, 'certs'))).toEqual(['ca.pem']);
  });

  it('says what is missing, and refuses names that would be something else', async () => {
    await expect(makeClientCertificate(context(), { ...options, name: 'a' })).rejects.toThrow(
      /First: agentao certs ca/,
    );
    await makeAuthority(context(), options);
    for (const name of ['', '../a', 'a/b', 'ca', 'server', 'a,CN=b', '.a', 'a'.repeat(65)]) {
      await expect(makeClientCertificate(context(), { ...options, name }), name).rejects.toThrow(/A name is/);
    }
    await expect(makeServerCertificate(context(), { ...options, host: ['a b'] })).rejects.toThrow(/no host name/);
  });
});
