import type { ClientCertificate } from './client-certificate.ts';

/** Who opened a connection: the API key and the client certificate that it showed; at least one of the two. */
export interface Credential {
  readonly keyId?: string;
  readonly certificate?: ClientCertificate;
}

/** Tells the credentials that are no longer good, for the connector that they were used for where one has been named. */
export type RevokedCredential = (credential: Credential, connectorUuid: string | undefined) => boolean;

/** A credential for the log: whose it is, and nothing that opens anything. */
export function credentialFields({ keyId, certificate }: Credential): Readonly<Record<string, string>> {
  return {
    ...(keyId === undefined ? {} : { keyId }),
    ...(certificate === undefined
      ? {}
      : { commonName: certificate.commonName, publicKeySha256: certificate.publicKeySha256 }),
  };
}
