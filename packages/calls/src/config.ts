import type { MediaRateHz } from '@agentao/protocol';
import { type CertificateFiles, openCertificateFiles } from './certificate-files.ts';
import { checkBaseUrl, checkGiven, checkLogger, checkOptions, checkText, invalidConfig } from './config-checks.ts';
import { type Environment, optionsFromEnv } from './config-env.ts';
import type { CommonOptions, OnHandlerError, ProductionOptions, SandboxOptions } from './config-options.ts';
import { type Logger, publishing, silentLogger } from './logger.ts';

/** What opens the doors. Never shown by anything. */
export interface Credentials {
  readonly apiKey?: string;
  readonly certificate?: CertificateFiles;
}

interface Settings extends Required<CommonOptions> {
  readonly mode: 'sandbox' | 'production';
  readonly baseUrl: string;
  readonly connectorUuid: string | undefined;
}

let readCredentials: (config: AgenTaoClientConfig) => Credentials;
let isConfig: (value: object) => boolean;

/**
 * How a client reaches its switch. Every option is checked here, defaults are filled in here; a bad one throws `WSSError`
 * `INVALID_CONFIG` with its name. Keys and certificates are in no text, JSON or inspection of it.
 */
export class AgenTaoClientConfig {
  readonly mode: 'sandbox' | 'production';
  readonly baseUrl: string;
  readonly connectorUuid: string | undefined;
  readonly sampleRate: MediaRateHz;
  readonly bufferSize: number;
  /** `Infinity` when there is no limit. */
  readonly maxCalls: number;
  readonly acceptsTakeover: boolean;
  readonly allowedMediaOrigins: readonly string[];
  readonly onHandlerError: OnHandlerError;
  readonly logger: Logger;
  readonly #credentials: Credentials;

  static {
    readCredentials = (config) => config.#credentials;
    isConfig = (value) => #credentials in value;
    Object.defineProperty(AgenTaoClientConfig.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: AgenTaoClientConfig) {
        return this.toString();
      },
    });
  }

  private constructor(settings: Settings, credentials: Credentials) {
    this.mode = settings.mode;
    this.baseUrl = settings.baseUrl;
    this.connectorUuid = settings.connectorUuid;
    this.sampleRate = settings.sampleRate;
    this.bufferSize = settings.bufferSize;
    this.maxCalls = settings.maxCalls;
    this.acceptsTakeover = settings.acceptsTakeover;
    this.allowedMediaOrigins = settings.allowedMediaOrigins;
    this.onHandlerError = settings.onHandlerError;
    this.logger = settings.logger;
    this.#credentials = credentials;
    // A logger is not part of what a configuration is, and may hold anything.
    Object.defineProperty(this, 'logger', { enumerable: false });
  }

  /** With an API key, against a switch on this machine unless told otherwise. */
  static sandbox(options: SandboxOptions): AgenTaoClientConfig {
    checkGiven(options);
    const { apiKey, connectorUuid, baseUrl = 'ws://127.0.0.1:7350' } = options;
    checkText('apiKey', apiKey);
    checkText('connectorUuid', connectorUuid);
    checkBaseUrl('baseUrl', baseUrl, 'sandbox');
    return new AgenTaoClientConfig({ ...resolve(options), mode: 'sandbox', baseUrl, connectorUuid }, { apiKey });
  }

  /**
   * With a client certificate over `wss://`, and without a key. Reads the files now, and again before each connection: replacing them needs no
   * restart. The switch has to list the certificate's common name.
   */
  static production(options: ProductionOptions): AgenTaoClientConfig {
    checkGiven(options);
    const { baseUrl, connectorUuid } = options;
    if (connectorUuid !== undefined) checkText('connectorUuid', connectorUuid);
    checkBaseUrl('baseUrl', baseUrl, 'production');
    const settings = resolve(options);
    const certificate = openCertificateFiles(options, settings.logger);
    return new AgenTaoClientConfig({ ...settings, mode: 'production', baseUrl, connectorUuid }, { certificate });
  }

  /**
   * From `AGENTAO_MODE` (`sandbox` by default, or `production`), `_API_KEY`, `_CONNECTOR_UUID`, `_CERT_PATH`, `_KEY_PATH`, `_CA_PATH`,
   * `_BASE_URL`, `_SAMPLE_RATE`. Names every missing variable in one error. With `AGENTAO_LOG` (`debug`, `info`, `warn`, `error`) and no logger
   * of its own, the client writes from that level upwards to standard error, a line each.
   */
  static fromEnv(env: Environment = process.env, options: CommonOptions = {}): AgenTaoClientConfig {
    checkGiven(options);
    const read = optionsFromEnv(env);
    const own = options.logger === undefined ? {} : { logger: options.logger };
    return read.mode === 'sandbox'
      ? AgenTaoClientConfig.sandbox({ ...options, ...read.options, ...own })
      : AgenTaoClientConfig.production({ ...options, ...read.options, ...own });
  }

  toString(): string {
    return `AgenTaoClientConfig(${this.mode}, ${this.baseUrl})`;
  }

  toJSON(): object {
    return { ...this };
  }
}

/** Throws `INVALID_CONFIG` unless `config` is one. */
export function checkConfig(config: unknown): void {
  if (typeof config === 'object' && config !== null && isConfig(config)) return;
  throw invalidConfig('a client takes what AgenTaoClientConfig.sandbox, production or fromEnv returns');
}

/** The credentials of a configuration, for the connections alone. */
export function credentialsOf(config: AgenTaoClientConfig): Credentials {
  return readCredentials(config);
}

function resolve(options: CommonOptions): Required<CommonOptions> {
  checkLogger(options.logger);
  const settings = {
    sampleRate: options.sampleRate ?? 24_000,
    bufferSize: options.bufferSize ?? 1_048_576,
    maxCalls: options.maxCalls ?? Number.POSITIVE_INFINITY,
    acceptsTakeover: options.acceptsTakeover ?? false,
    onHandlerError: options.onHandlerError ?? 'disconnect',
    allowedMediaOrigins: options.allowedMediaOrigins ?? [],
    logger: publishing(options.logger ?? silentLogger),
  };
  checkOptions(settings);
  return settings;
}
