import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { WsServerTls } from '@agentao/transport/ws';
import { type ConfigFault, type TlsConfig } from './service-config.ts';

/** The PEM texts of a server, or what is wrong with the files. */
export type TlsFiles =
  | { readonly ok: true; readonly tls: WsServerTls; readonly notes: readonly string[] }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

const dayMs = 86_400_000;
const soonDays = 14;

/** Reads and checks the files: they are there, they belong together, and they are good at wall time `nowMs`. */
export function readTlsFiles(config: TlsConfig, nowMs: number): TlsFiles {
  const faults: ConfigFault[] = [];
  const notes: string[] = [];
  const fault = (key: string, message: string): void => void faults.push({ path: ['listen', 'tls', key], message });
  const read = (key: keyof TlsConfig): string | undefined => {
    const path = config[key];
    if (path === undefined) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      fault(key, `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
      return undefined;
    }
  };
  const dates = (key: keyof TlsConfig, pem: string): X509Certificate | undefined => {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(pem);
    } catch {
      fault(key, `${config[key]} is no PEM of a certificate`);
      return undefined;
    }
    const endsMs = certificate.validToDate.getTime();
    if (endsMs <= nowMs) fault(key, `${config[key]} has expired on ${certificate.validTo}; renew it`);
    else if (endsMs - nowMs < soonDays * dayMs)
      notes.push(`listen.tls.${key}: ${config[key]} expires on ${certificate.validTo}`);
    if (certificate.validFromDate.getTime() > nowMs)
      fault(key, `${config[key]} is not good before ${certificate.validFrom}`);
    return certificate;
  };

  const cert = read('certificate');
  const key = read('key');
  const clientCa = read('clientAuthority');
  if (cert !== undefined) dates('certificate', cert);
  if (clientCa !== undefined) dates('clientAuthority', clientCa);
  if (key !== undefined && (statSync(config.key).mode & 0o077) !== 0) {
    notes.push(`listen.tls.key: others than its owner may read ${config.key}; chmod 600 it`);
  }
  if (faults.length === 0 && cert !== undefined && key !== undefined) {
    try {
      createSecureContext({ cert, key, ...(clientCa === undefined ? {} : { ca: clientCa }) });
    } catch {
      fault('key', `${config.key} is no PEM of a private key, or not that of ${config.certificate}`);
    }
  }
  if (cert === undefined || key === undefined || faults.length > 0) return { ok: false, faults };
  return { ok: true, tls: { cert, key, ...(clientCa === undefined ? {} : { clientCa }) }, notes };
}
