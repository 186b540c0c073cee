import { keyIdOf, matchesSha256, sha256Hex } from './api-key.ts';
import type { ClientCertificate, RevokedCertificate } from './client-certificate.ts';
import { type Connector, type ConnectorOptions, resolveConnector } from './connector.ts';
import type { Credential } from './credential.ts';

/** Who a good credential belongs to. */
export interface CredentialHolder extends Credential {
  /** The connectors that it serves; at least one. */
  readonly connectors: readonly Connector[];
}

/** The connectors of a switch, found by number, by API key and by client certificate. */
export interface ConnectorDirectory {
  readonly list: readonly Connector[];
  /** The connector with the longest match for a called number. */
  byNumber(number: string): Connector | undefined;
  /** The holder of an API key; `undefined` for a malformed, unknown, wrong or revoked one, all in the same time. */
  byKey(key: string): CredentialHolder | undefined;
  /** The connectors that list a client certificate; none for a revoked one. */
  byCertificate(certificate: ClientCertificate): readonly Connector[];
  /** Whether certificates with this public key are no longer good. */
  isRevoked(certificate: ClientCertificate): boolean;
  /** Whether all that a credential consists of is known and not revoked. */
  holds(credential: Credential): boolean;
  /** Forgets a key. False if there is none of that id. */
  revoke(keyId: string): boolean;
  /** Refuses certificates from now on. False if they have been refused before. */
  revokeCertificate(revoked: RevokedCertificate): boolean;
}

/** Hashed in place of a key that does not exist, so that an unknown id takes as long as a wrong secret. */
const nobodysSha256 = sha256Hex('');

/** Creates the directory. Throws a TypeError that names the option at fault. */
export function createConnectorDirectory(all: readonly ConnectorOptions[]): ConnectorDirectory {
  const byUuid = new Map<string, Connector>();
  const exact = new Map<string, Connector>();
  const prefixes = new Map<string, Connector>();
  const keys = new Map<string, { readonly sha256: string; readonly connectors: Connector[] }>();
  const byName = new Map<string, Connector[]>();
  const revokedKeys = new Set<string>();

  for (const options of all) {
    const connector = resolveConnector(options);
    if (byUuid.has(connector.uuid)) throw new TypeError(`connector ${connector.uuid} is there twice`);
    byUuid.set(connector.uuid, connector);
    for (const number of connector.numbers) {
      const table = number.endsWith('*') ? prefixes : exact;
      const other = table.get(number);
      if (other !== undefined) {
        throw new TypeError(`connector ${connector.uuid}: connector ${other.uuid} has one of its numbers too`);
      }
      table.set(number, connector);
    }
    for (const sha256 of options.revokedCertificates ?? []) revokedKeys.add(sha256);
    for (const { commonName } of connector.certificates) {
      const named = byName.get(commonName);
      if (named === undefined) byName.set(commonName, [connector]);
      else if (!named.includes(connector)) named.push(connector);
    }
    for (const { keyId, sha256 } of options.keys ?? []) {
      const known = keys.get(keyId);
      if (known !== undefined && known.sha256 !== sha256) {
        throw new TypeError(`connector ${connector.uuid}: another connector has a different key with the id ${keyId}`);
      }
      if (known === undefined) keys.set(keyId, { sha256, connectors: [connector] });
      else if (!known.connectors.includes(connector)) known.connectors.push(connector);
    }
  }

  const byNumber = (number: string): Connector | undefined => {
    const connector = exact.get(number);
    if (connector !== undefined) return connector;
    let best = '';
    for (const pattern of prefixes.keys()) {
      if (pattern.length > best.length && number.startsWith(pattern.slice(0, -1))) best = pattern;
    }
    return prefixes.get(best);
  };

  const byKey = (key: string): CredentialHolder | undefined => {
    const keyId = keyIdOf(key) ?? '';
    const known = keys.get(keyId);
    const good = matchesSha256(key, known?.sha256 ?? nobodysSha256);
    return good && known !== undefined ? { keyId, connectors: known.connectors } : undefined;
  };

  const byCertificate = ({ publicKeySha256, commonName }: ClientCertificate): readonly Connector[] =>
    revokedKeys.has(publicKeySha256) ? [] : (byName.get(commonName) ?? []);

  return {
    list: [...byUuid.values()],
    byNumber,
    byKey,
    byCertificate,
    isRevoked: ({ publicKeySha256 }) => revokedKeys.has(publicKeySha256),
    holds: ({ keyId, certificate }) =>
      (keyId === undefined || keys.has(keyId)) && (certificate === undefined || byCertificate(certificate).length > 0),
    revoke: (keyId) => keys.delete(keyId),
    revokeCertificate: (revoked) => {
      if (revoked.publicKeySha256 === undefined) return byName.delete(revoked.commonName);
      if (revokedKeys.has(revoked.publicKeySha256)) return false;
      revokedKeys.add(revoked.publicKeySha256);
      return true;
    },
  };
}
