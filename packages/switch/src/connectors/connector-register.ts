import type { RevokedCertificate } from './client-certificate.ts';
import type { Connector, ConnectorOptions } from './connector.ts';
import { type ConnectorDirectory, createConnectorDirectory } from './connector-directory.ts';
import type { Credential } from './credential.ts';

/** What a change of the connectors comes to. */
export interface ConnectorChange {
  /** uuids of connectors that were not there. */
  readonly added: readonly string[];
  /** uuids of connectors that are no longer there. */
  readonly removed: readonly string[];
  /**
   * Whether a credential no longer opens the connector it was used for: the connector is there, and lists it no more; or its certificate is
   * refused everywhere. One whose connector is gone has not lost anything else. Without a connector: whether it opens none.
   */
  isLost(credential: Credential, connectorUuid: string | undefined): boolean;
}

/** A directory of connectors that can be replaced by another one, all at once. */
export interface ConnectorRegister extends ConnectorDirectory {
  /** Throws a TypeError that names the option at fault; then everything stays as it was. What was revoked here stays so. */
  replace(all: readonly ConnectorOptions[]): ConnectorChange;
}

/** Creates the register. Throws a TypeError that names the option at fault. */
export function createConnectorRegister(all: readonly ConnectorOptions[]): ConnectorRegister {
  const revokedKeys = new Set<string>();
  const revokedCertificates: RevokedCertificate[] = [];
  let directory = createConnectorDirectory(all);
  let hashes = hashesOf(all);

  const find = (uuid: string): Connector | undefined => directory.list.find((connector) => connector.uuid === uuid);

  const lists = ({ keyIds, certificates }: Connector, { keyId, certificate }: Credential): boolean =>
    (keyId === undefined || keyIds.includes(keyId)) &&
    (certificate === undefined || certificates.some(({ commonName }) => commonName === certificate.commonName));

  return {
    get list() {
      return directory.list;
    },
    byNumber: (number) => directory.byNumber(number),
    byKey: (key) => directory.byKey(key),
    byCertificate: (certificate) => directory.byCertificate(certificate),
    isRevoked: (certificate) => directory.isRevoked(certificate),
    holds: (credential) => directory.holds(credential),
    revoke: (keyId) => {
      revokedKeys.add(keyId);
      return directory.revoke(keyId);
    },
    revokeCertificate: (revoked) => {
      revokedCertificates.push(revoked);
      return directory.revokeCertificate(revoked);
    },
    replace: (next) => {
      const replacement = createConnectorDirectory(next);
      for (const keyId of revokedKeys) replacement.revoke(keyId);
      for (const revoked of revokedCertificates) replacement.revokeCertificate(revoked);
      const before = new Set(directory.list.map(({ uuid }) => uuid));
      const after = new Set(replacement.list.map(({ uuid }) => uuid));
      const nextHashes = hashesOf(next);
      // An id that has another hash is the id of another key.
      const changed = new Set(
        [...hashes].filter(([keyId, sha256]) => (nextHashes.get(keyId) ?? sha256) !== sha256).map(([keyId]) => keyId),
      );
      directory = replacement;
      hashes = nextHashes;
      return {
        added: [...after].filter((uuid) => !before.has(uuid)),
        removed: [...before].filter((uuid) => !after.has(uuid)),
        isLost: (credential, connectorUuid) => {
          const { keyId, certificate } = credential;
          if (certificate !== undefined && directory.isRevoked(certificate)) return true;
          if (keyId !== undefined && changed.has(keyId)) return true;
          if (connectorUuid === undefined) return !directory.holds(credential);
          const connector = find(connectorUuid);
          return connector !== undefined && !(lists(connector, credential) && directory.holds(credential));
        },
      };
    },
  };
}

function hashesOf(all: readonly ConnectorOptions[]): ReadonlyMap<string, string> {
  return new Map(all.flatMap(({ keys = [] }) => keys.map(({ keyId, sha256 }) => [keyId, sha256] as const)));
}
