/** How a socket ended. `code` 1006 means that no close frame came: the peer or the network went away. */
export interface SocketClose {
  readonly code: number;
  readonly reason: string;
  /** With 1011 on this side: what a handler threw. */
  readonly cause?: unknown;
}

/** What the owner of a socket is told. Handlers must not throw; a throw terminates the socket with 1011. */
export interface SocketHandlers {
  /** One text message. */
  text(message: string): void;
  /** One binary message: a view on an even byte offset, valid only until the handler returns. Copy what is kept. */
  binary(bytes: Uint8Array): void;
  /** The socket is gone; called exactly once, last. */
  closed(close: SocketClose): void;
}

/**
 * One ordered, message-based connection: WebSocket or memory. Text and binary arrive as they were sent.
 * Anything that arrives before `start()` is held and delivered by it.
 */
export interface Socket {
  /** The negotiated subprotocol, `''` if none was. */
  readonly subprotocol: string;
  /** Bytes accepted by `send` that have not left this side; for watching a peer that does not read. */
  readonly bufferedBytes: number;
  /** Monotonic time of the last frame of any kind (ping and pong included) from the peer. */
  readonly lastReceivedMs: number;
  /** Begins delivery. Throws if called twice. */
  start(handlers: SocketHandlers): void;
  /** Queues one message; the socket owns `data` from here on. Ignored once closing. */
  send(data: string | Uint8Array): void;
  /**
   * Says goodbye: what was sent before still goes out; after `closeTimeoutMs` without an answer it terminates. Idempotent.
   * `code` is 1000 by default; one that may not travel throws a RangeError. `reason` is cut to 123 bytes.
   */
  close(code?: number, reason?: string): void;
  /** Cuts the connection now, without a close frame. Idempotent. */
  terminate(): void;
}

/** Where and how to open a socket. */
export interface SocketRequest {
  /** `ws://` or `wss://`. */
  readonly url: string;
  /** Offered subprotocols, preferred first. */
  readonly subprotocols: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** A message larger than this closes the socket with 1009. */
  readonly maxMessageBytes: number;
  /** Deadline for the whole opening, handshake included. */
  readonly openTimeoutMs: number;
  /** PEM texts; the client certificate makes it mTLS. */
  readonly tls?: SocketTls;
  readonly signal?: AbortSignal;
}

/** PEM texts for one side of a TLS connection. */
export interface SocketTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Opens a socket or rejects with {@link SocketOpenError}. The seam at which tests and other transports come in. */
export type SocketFactory = (request: SocketRequest) => Promise<Socket>;

/** Why a socket did not open. */
export type SocketOpenErrorCode =
  | 'UNREACHABLE'
  | 'REFUSED'
  | 'CERTIFICATE_REFUSED'
  | 'TLS'
  | 'TIMEOUT'
  | 'PROTOCOL'
  | 'ABORTED';

/**
 * A socket did not open. `REFUSED` carries the HTTP `status` and the refusal's `body` (JSON `{ code, message }` where the peer is a switch).
 * `CERTIFICATE_REFUSED` is the peer's word on our certificate; `TLS` is what else goes wrong there, such as a peer that we do not trust.
 */
export class SocketOpenError extends Error {
  override readonly name = 'SocketOpenError';
  readonly code: SocketOpenErrorCode;
  readonly status: number | undefined;
  readonly body: string | undefined;

  constructor(
    code: SocketOpenErrorCode,
    message: string,
    options: { readonly status?: number; readonly body?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.body = options.body;
  }
}
