/** What `agentao switch` runs: the file with the environment applied, checked, and with its defaults. Paths are absolute. */
export interface ServiceConfig {
  readonly listen: ListenConfig;
  /** A second listener for probes, metrics and people; agents come by the first one only. Left out: all come by the first. */
  readonly operations?: Omit<ListenConfig, 'tls'> | undefined;
  /** Left out: no phones, no monitors, no console. */
  readonly operators?: OperatorsConfig | undefined;
  readonly connectors: readonly ConnectorConfig[];
  /** Left out: calls leave no record, and none is recorded. */
  readonly records?: RecordsConfig | undefined;
  readonly prompts: PromptsConfig;
  readonly limits: ServerLimitsConfig;
  readonly shedding: boolean;
  readonly metrics: boolean;
  readonly log: { readonly level: LogLevel };
  /** How long running calls may go on once the switch has been asked to end. */
  readonly drainMs: number;
}

/** Where to listen. */
export interface ListenConfig {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsConfig | undefined;
  /** Says that something in front ends TLS: without it nothing but loopback is served in clear. */
  readonly plaintext: boolean;
}

/** Paths of PEM files. */
export interface TlsConfig {
  readonly certificate: string;
  readonly key: string;
  /** Makes it mutual TLS. */
  readonly clientAuthority?: string | undefined;
}

/** People who watch and make calls. */
export interface OperatorsConfig {
  readonly tokenSha256: string;
  readonly hosts: readonly string[];
  readonly dev: boolean;
}

/** Numbers, and who serves them. */
export interface ConnectorConfig {
  readonly uuid: string;
  readonly numbers: readonly string[];
  readonly keys: readonly KeyConfig[];
  /** Common names. */
  readonly certificates: readonly string[];
  /** SHA-256 of public keys. */
  readonly revokedCertificates: readonly string[];
  readonly limits: ConnectorLimitsConfig;
  /** Whether its calls are recorded, and people hear so. */
  readonly recording: boolean;
  readonly consentTone: boolean;
  /** Whether calls in which two people talk are offered to another client when their agent is gone. */
  readonly takeover: { readonly connected: boolean };
}

/** Paths of WAV files that people hear in place of tones. */
export interface PromptsConfig {
  readonly nobodyLeft?: string | undefined;
  readonly shuttingDown?: string | undefined;
  readonly recordingNotice?: string | undefined;
}

/** Where records and recordings are kept, and for how long. */
export interface RecordsConfig {
  readonly folder: string;
  readonly retention: { readonly maxAgeDays?: number | undefined; readonly maxBytes?: number | undefined };
}

/** What is kept of an API key. */
export interface KeyConfig {
  readonly id: string;
  readonly sha256: string;
  /** For people. */
  readonly name?: string | undefined;
}

/** Limits of a connector's calls; those left out are the switch's. */
export interface ConnectorLimitsConfig {
  readonly maxCalls?: number | undefined;
  readonly callsPerSecond?: number | undefined;
  readonly maxPendingMs?: number | undefined;
  readonly maxCallMs?: number | undefined;
  readonly agentlessRingMs?: number | undefined;
}

/** Bounds of the servers; those left out are the switch's. */
export interface ServerLimitsConfig {
  readonly socketsPerAddress?: number | undefined;
  readonly sessionsPerKey?: number | undefined;
  readonly monitors?: number | undefined;
}

/** From which severity on lines are written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Where a configuration may be wrong: `connectors`, 1, `keys`, 0, `sha256`. */
export type ConfigPath = readonly (string | number)[];

/** One thing that is wrong. The message never holds the value. */
export interface ConfigFault {
  readonly path: ConfigPath;
  readonly message: string;
}

/** `connectors[1].keys[0].sha256`; `the file` for the whole. */
export function showPath(path: ConfigPath): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text === '' ? 'the file' : text.replace(/^\./, '');
}
