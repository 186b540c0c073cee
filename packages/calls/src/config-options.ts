import type { MediaRateHz } from '@agentao/protocol';
import type { ActiveCall } from './active-call.ts';
import type { Logger } from './logger.ts';

/**
 * What becomes of a call whose handler throws: it is ended for all, or left (`close`), or what the function does. An error
 * of a call that has ended is no failure.
 */
export type OnHandlerError = 'disconnect' | 'close' | ((error: Error, call: ActiveCall) => unknown);

/** Options of both modes. */
export interface CommonOptions {
  /** Rate of all audio, both ways: 8000, 16000 or 24000. Default 24000. */
  readonly sampleRate?: MediaRateHz;
  /** Size of a call's outgoing audio ring in bytes. Default 1 MiB. */
  readonly bufferSize?: number;
  /** Most calls at once. Default none. */
  readonly maxCalls?: number;
  /** Whether calls may be handed over to this client in mid-call. Default false. */
  readonly acceptsTakeover?: boolean;
  /** Default `disconnect`. */
  readonly onHandlerError?: OnHandlerError;
  /** Origins other than the switch's own, to which a call's media connection may be opened. Default none. */
  readonly allowedMediaOrigins?: readonly string[];
  /** Default: nothing is logged. */
  readonly logger?: Logger;
}

/** Options of a client that shows an API key. */
export interface SandboxOptions extends CommonOptions {
  readonly apiKey: string;
  readonly connectorUuid: string;
  /** The switch. `ws://` on loopback only. Default `ws://127.0.0.1:7350`. */
  readonly baseUrl?: string;
}

/** Options of a client that shows a certificate (mTLS). */
export interface ProductionOptions extends CommonOptions {
  /** PEM file of the client certificate. */
  readonly certPath: string;
  /** PEM file of its private key. */
  readonly keyPath: string;
  /** PEM file of the authority that signed the switch's certificate. Default: those Node trusts. */
  readonly caPath?: string;
  /** The switch, `wss://`. */
  readonly baseUrl: string;
  /** Only if the certificate fits several connectors. */
  readonly connectorUuid?: string;
}
