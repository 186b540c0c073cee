import { WebSocket } from 'ws';
import { LiveModelError } from '../live-model.ts';
import { readServerMessage, type ServerMessage } from './server-message.ts';

/** What the SDK calls back. */
export interface SdkCallbacks {
  readonly onopen: () => void;
  readonly onerror: (event: object) => void;
  readonly onmessage: (event: { readonly data: string }) => void;
  readonly onclose: (event: { readonly code: number; readonly reason: string }) => void;
}

/** Who is told of one socket. */
export interface LiveSocketOptions {
  /** Each message after set-up, read already; true: the SDK gets it as well. */
  readonly onMessage: (message: ServerMessage) => boolean;
  /** A message that is no JSON, or not what it has to be: it is dropped. */
  readonly onMalformed: () => void;
  /** The connection is gone, once. */
  readonly onClose: (error: LiveModelError) => void;
}

const maxMessageBytes = 16 * 1024 * 1024;
const handshakeTimeoutMs = 10_000;

/**
 * The socket under an SDK of Google's, in place of its own: the SDK's ends the process for a message that it cannot read, waits for ever for a set-up,
 * and tells of errors with the key in them.
 */
export class LiveSocket {
  readonly #options: LiveSocketOptions;
  #ws: WebSocket | undefined;
  #ready = false;
  #closed = false;
  /** Why the server refused the connection. */
  #refusal: LiveModelError | undefined;
  /** What no error may hold. */
  #secrets: readonly string[] = [];

  constructor(options: LiveSocketOptions) {
    this.#options = options;
  }

  /** Bytes that are not sent yet. */
  get waitingBytes(): number {
    return this.#ws?.bufferedAmount ?? 0;
  }

  /** Why it cannot be had, if that is known. */
  get refusal(): LiveModelError | undefined {
    return this.#refusal;
  }

  /** What the SDK gets. */
  readonly create = (url: string, headers: Readonly<Record<string, string>>, callbacks: SdkCallbacks): object => {
    return {
      connect: () => this.#connect(url, headers, callbacks),
      send: (message: string) => this.#ws?.send(message),
      close: () => this.close(),
    };
  };

  close(): void {
    this.#ws?.close(1000);
  }

  terminate(): void {
    this.#ws?.terminate();
  }

  #connect(url: string, headers: Readonly<Record<string, string>>, callbacks: SdkCallbacks): void {
    const ws = new WebSocket(url, {
      headers,
      handshakeTimeout: handshakeTimeoutMs,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
    });
    this.#ws = ws;
    this.#secrets = secretsOf(url, headers);
    ws.on('open', () => callbacks.onopen());
    ws.on('unexpected-response', (_request, response) => {
      const { statusCode = 0 } = response;
      const isRefused = [400, 401, 403].includes(statusCode);
      this.#refusal = isRefused
        ? new LiveModelError('REFUSED', `Gemini refuses the key or token (HTTP ${statusCode}). Check GEMINI_API_KEY.`)
        : new LiveModelError('UNREACHABLE', `Gemini answers with HTTP ${statusCode}.`);
      ws.terminate();
    });
    // Its text may hold the URL, and that the key; the close that follows is told.
    ws.on('error', () => {
      this.#refusal ??= new LiveModelError(
        'UNREACHABLE',
        'Gemini cannot be reached. Is there a network? Is baseUrl right?',
      );
    });
    ws.on('message', (data: Buffer) => this.#read(data.toString(), callbacks));
    ws.on('close', (code, reason) => {
      if (this.#closed) return;
      this.#closed = true;
      this.#refusal ??= ended(code, this.#withoutSecrets(reason.toString()));
      callbacks.onclose({ code, reason: '' });
      this.#options.onClose(this.#refusal);
    });
  }

  /** A service, or a proxy before it, may repeat what it was given. */
  #withoutSecrets(text: string): string {
    return this.#secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
  }

  #read(text: string, callbacks: SdkCallbacks): void {
    const message = readServerMessage(text);
    if (message === undefined) this.#options.onMalformed();
    else if (!this.#ready) {
      this.#ready = message.setupComplete !== undefined;
      callbacks.onmessage({ data: text });
    } else if (this.#options.onMessage(message)) callbacks.onmessage({ data: text });
  }
}

/** Key and token, as they are and as they stand in a URL. */
function secretsOf(url: string, headers: Readonly<Record<string, string>>): readonly string[] {
  const { searchParams } = new URL(url);
  const sent = new Headers(headers);
  const secrets = [
    searchParams.get('key'),
    searchParams.get('access_token'),
    sent.get('x-goog-api-key'),
    sent.get('authorization')?.replace(/^Bearer /, ''),
  ];
  return secrets.flatMap((secret) => (secret ? [secret, encodeURIComponent(secret)] : []));
}

/** What a close means, with the reason that the service gives. */
function ended(code: number, reason: string): LiveModelError {
  const why = reason === '' ? `(${code})` : `(${code}: ${reason.slice(0, 200)})`;
  if (code === 1007) return new LiveModelError('BAD_REQUEST', `Gemini does not take what it was asked for ${why}.`);
  if (code === 1008) return new LiveModelError('REFUSED', `Gemini refuses the conversation ${why}.`);
  return new LiveModelError('LOST', `The connection to Gemini is lost ${why}.`);
}
