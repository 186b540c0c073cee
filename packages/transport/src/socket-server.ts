import type { Socket } from './socket.ts';

/** What a server knows of a socket before it exists. */
export interface UpgradeRequest {
  /** Path without query. */
  readonly path: string;
  /** Lower-case names; a repeated header is joined with `, `. */
  readonly headers: ReadonlyMap<string, string>;
  /** Offered subprotocols, in the client's order. */
  readonly subprotocols: readonly string[];
  /** IP address of the peer, `memory` in memory. */
  readonly remoteAddress: string;
  /** PEM of the verified client certificate, where mTLS is on. */
  readonly clientCertificate?: string;
}

/** Yes with a subprotocol and a reader for the socket, or an HTTP status with a JSON body `{ code, message }`. */
export type UpgradeDecision =
  | {
      readonly accept: true;
      readonly subprotocol: string;
      readonly maxMessageBytes: number;
      /** Takes the open socket; must call `socket.start` before it returns. */
      readonly open: (socket: Socket) => void;
    }
  | { readonly accept: false; readonly status: number; readonly code: string; readonly message: string };

/** Decides on each incoming socket. Must not throw; a throw answers 500. */
export type UpgradeHandler = (request: UpgradeRequest) => UpgradeDecision;

/** A plain HTTP answer. */
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A plain HTTP request, without its body. */
export interface HttpRequest {
  readonly method: string;
  /** Path without query. */
  readonly path: string;
  /** What follows the first question mark; empty without one. */
  readonly query: string;
  /** Lower-case names; a repeated header is joined with `, `, a repeated `cookie` with `; `. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Answers a plain HTTP request on the same port; `undefined` is a 404. */
export type HttpHandler = (request: HttpRequest) => HttpReply | undefined;

/** A listening server. */
export interface SocketServer {
  /** Base URL with the real port, e.g. `ws://127.0.0.1:7350`. */
  readonly url: string;
  /** Open sockets now. */
  readonly socketCount: number;
  /** Stops listening, terminates what is still open, resolves when all of it is gone. Idempotent. */
  close(): Promise<void>;
}
