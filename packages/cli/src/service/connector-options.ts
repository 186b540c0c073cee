import type { ConnectorOptions } from '@agentao/switch';
import type { ConnectorConfig } from './service-config.ts';

/** Connectors of the file as the switch takes them. A key of `connectors[]` that the switch learns is passed on here and in `config-schema.ts`. */
export function connectorOptions(connectors: readonly ConnectorConfig[]): readonly ConnectorOptions[] {
  return connectors.map(({ keys, certificates, limits, recording, consentTone, ...same }) => ({
    ...same,
    keys: keys.map(({ id, sha256 }) => ({ keyId: id, sha256 })),
    certificates: certificates.map((commonName) => ({ commonName })),
    limits: present(limits),
    recording: recording ? 'on' : 'off',
    consentTone: consentTone ? 'on' : 'off',
  }));
}

/** The same without what is `undefined`, which would take the place of a default. */
export function present<T extends object>(options: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
