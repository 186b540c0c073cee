import { X509Certificate } from 'node:crypto';
import type { SocketTls } from '@agentao/transport';
import { type CredentialPaths, readCredentialFiles } from './config-certificate.ts';
import { toError } from './errors.ts';
import type { Logger } from './logger.ts';

/** Client certificate, key and authority as the files say now, so that they can be replaced without a restart. */
export interface CertificateFiles {
  /**
   * Reads the files again. Files that cannot be read or do not belong together are warned of, by the option's name, and the last good ones stay.
   * The same object as long as nothing has changed.
   */
  read(): SocketTls;
}

const dayMs = 86_400_000;
/** How long before its end a certificate is warned of: this long, or a third of its life if that is shorter. */
const warnBeforeMs = 14 * dayMs;

/** Reads and checks the files. Throws `INVALID_CONFIG` with the option's name. */
export function openCertificateFiles(paths: CredentialPaths, logger: Logger): CertificateFiles {
  let good = readCredentialFiles(paths);
  /** What has been warned of, and has not changed since. */
  let complaint: string | undefined;
  let warnedOf: SocketTls | undefined;

  const read = (): SocketTls => {
    try {
      const next = readCredentialFiles(paths);
      complaint = undefined;
      if (next.cert !== good.cert || next.key !== good.key || next.ca !== good.ca) {
        good = next;
        logger.info({}, 'certificate files have changed and are taken from now on');
      }
    } catch (error) {
      const { message } = toError(error);
      if (message !== complaint)
        logger.warn({ err: error }, 'certificate files are left aside, the last good ones stay');
      complaint = message;
    }
    warnOfExpiry();
    return good;
  };

  const warnOfExpiry = (): void => {
    if (warnedOf === good) return;
    const { validFromDate, validToDate } = new X509Certificate(good.cert);
    const expiresMs = validToDate.getTime();
    const leftMs = expiresMs - Date.now();
    if (leftMs > Math.min(warnBeforeMs, (expiresMs - validFromDate.getTime()) / 3)) return;
    warnedOf = good;
    const days = Math.max(0, Math.floor(leftMs / dayMs));
    logger.warn({ expiresAt: new Date(expiresMs).toISOString(), days }, 'the certificate of certPath expires soon');
  };

  return { read };
}
