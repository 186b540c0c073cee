import type { CallLimits, TakeoverPolicy } from '../calls/create-call.ts';
import { isSha256Hex, type StoredApiKey } from './api-key.ts';
import { type CertificateName, checkPublicKeySha256, isCommonName } from './client-certificate.ts';

/** Limits of one connector's calls. */
export interface ConnectorLimits extends CallLimits {
  /** Most calls at once; the next one is refused with `LIMIT_REACHED`. Default: none. */
  readonly maxCalls: number;
  /** Calls that may arrive per second on average, as many at once; the next one is refused with `LIMIT_REACHED`. Default: no limit. */
  readonly callsPerSecond: number;
}

/** A connector as it is configured: which numbers it serves and who may serve them. */
export interface ConnectorOptions {
  readonly uuid: string;
  /** Numbers (`+15559999`), prefixes (`+1555*`) or everything (`*`). The longest match of all connectors wins. */
  readonly numbers: readonly string[];
  /** Keys that may serve it. Default none. */
  readonly keys?: readonly StoredApiKey[];
  /** Client certificates that may serve it, where the server asks for some. Default none. */
  readonly certificates?: readonly CertificateName[];
  /** SHA-256 of the public keys of client certificates that are no longer good, at none of the switch's connectors. Default none. */
  readonly revokedCertificates?: readonly string[];
  readonly limits?: Partial<ConnectorLimits>;
  /** When calls of agents that are gone are offered to others. A caller whom nobody else talks to always is. */
  readonly takeover?: Partial<TakeoverPolicy>;
  /** Whether its calls are recorded, one track per party; needs `records` of the switch. Default `off`. */
  readonly recording?: 'off' | 'on';
  /** Whether people hear a tone when their line opens and the call is recorded. Default `on`. */
  readonly consentTone?: 'off' | 'on';
}

/** A connector with its defaults resolved. */
export interface Connector {
  readonly uuid: string;
  readonly numbers: readonly string[];
  readonly keyIds: readonly string[];
  readonly certificates: readonly CertificateName[];
  readonly limits: ConnectorLimits;
  readonly takeover: TakeoverPolicy;
  readonly recording: 'off' | 'on';
  readonly consentTone: 'off' | 'on';
}

const defaultLimits: ConnectorLimits = {
  maxCalls: Number.POSITIVE_INFINITY,
  callsPerSecond: Number.POSITIVE_INFINITY,
  maxPendingMs: 120_000,
  maxCallMs: 4 * 3_600_000,
  agentlessRingMs: 60_000,
};

/** Checks a connector and resolves its defaults. Throws a TypeError that names the option. */
export function resolveConnector(options: ConnectorOptions): Connector {
  const { uuid, numbers, keys = [], certificates = [], revokedCertificates = [] } = options;
  if (uuid === '' || uuid.length > 128) throw new TypeError('connector: uuid must have 1 to 128 characters');
  const name = `connector ${uuid}`;
  if (numbers.length === 0) throw new TypeError(`${name}: numbers must not be empty`);
  for (const number of numbers) {
    if (!/^(\*|\+?[0-9]+\*?)$/.test(number)) {
      throw new TypeError(`${name}: numbers must be digits with an optional + before and * after them`);
    }
  }
  for (const { keyId, sha256 } of keys) {
    if (!/^[0-9A-Za-z-]{1,64}$/.test(keyId)) throw new TypeError(`${name}: keys need a keyId of letters and digits`);
    if (!isSha256Hex(sha256)) throw new TypeError(`${name}: key ${keyId} needs a sha256 of 64 hex digits`);
  }
  for (const { commonName } of certificates) {
    if (typeof commonName !== 'string' || !isCommonName(commonName)) {
      throw new TypeError(`${name}: certificates need a commonName of 1 to 128 characters`);
    }
  }
  for (const sha256 of revokedCertificates) checkPublicKeySha256(`${name}: each of revokedCertificates`, sha256);
  const limits = { ...defaultLimits, ...options.limits };
  for (const [limit, value] of Object.entries(limits)) {
    if (!(value > 0)) throw new TypeError(`${name}: limits.${limit} must be above 0`);
  }
  const { connected = false } = options.takeover ?? {};
  if (typeof connected !== 'boolean') throw new TypeError(`${name}: takeover.connected must be true or false`);
  const { recording = 'off', consentTone = 'on' } = options;
  for (const [option, value] of Object.entries({ recording, consentTone })) {
    if (!['off', 'on'].includes(value)) throw new TypeError(`${name}: ${option} must be off or on`);
  }
  return {
    uuid,
    numbers: [...numbers],
    keyIds: keys.map((key) => key.keyId),
    certificates: certificates.map(({ commonName }) => ({ commonName })),
    limits,
    takeover: { connected },
    recording,
    consentTone,
  };
}
