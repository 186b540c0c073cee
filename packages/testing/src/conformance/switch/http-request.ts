import { request as requestHttp, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Socket as NetSocket } from 'node:net';

/** A plain HTTP request to a switch. */
export interface HttpQuestion {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: string;
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** `code` of a JSON body, `undefined` without one. */
  readonly code: string | undefined;
}

/** An upgrade that was granted: the connection below the WebSocket, and what has come on it already. */
export interface UpgradedConnection {
  readonly net: NetSocket;
  readonly head: Buffer;
  readonly headers: IncomingHttpHeaders;
}

const answerWithinMs = 5_000;
/** Of the handshake in RFC 6455; any 16 bytes will do. */
const webSocketKey = 'dGhlIHNhbXBsZSBub25jZQ==';

/** Asks; follows no redirect. Rejects where the connection fails or nothing comes within 5 s. */
export async function ask(url: URL, question: HttpQuestion = {}): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const request = begin(url, question);
  request.on('error', reject);
  request.on('response', (response) => void readAnswer(response).then(resolve, reject));
  request.end(question.body);
  return await promise;
}

/** Asks for an upgrade with the headers of a WebSocket, to which `headers` are added; a refusal is an answer too. */
export async function askUpgrade(
  url: URL,
  headers: Readonly<Record<string, string>>,
): Promise<HttpAnswer | UpgradedConnection> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer | UpgradedConnection>();
  const request = begin(url, {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': webSocketKey,
      ...headers,
    },
  });
  request.on('error', reject);
  request.on('response', (response) => void readAnswer(response).then(resolve, reject));
  request.on('upgrade', (response, socket, head) => {
    socket.setTimeout(0);
    resolve({ net: socket, head, headers: response.headers });
  });
  request.end();
  return await promise;
}

function begin(url: URL, { method = 'GET', headers = {} }: HttpQuestion): ReturnType<typeof requestHttp> {
  const secure = url.protocol === 'wss:' || url.protocol === 'https:';
  const target = new URL(url);
  target.protocol = secure ? 'https:' : 'http:';
  // Each on a connection of its own: the agent's pool would keep the process alive, and a peer's close would look like a refusal.
  const options = { method, headers, agent: false, timeout: answerWithinMs };
  const request = secure ? requestHttps(target, options) : requestHttp(target, options);
  request.on('timeout', () => request.destroy(new Error(`no answer within ${answerWithinMs} ms`)));
  return request;
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  response.on('end', resolve);
  response.on('error', reject);
  await promise;
  const body = Buffer.concat(chunks).toString();
  return { status: response.statusCode ?? 0, headers: response.headers, body, code: codeOf(body) };
}

function codeOf(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || !('code' in value)) return undefined;
    return typeof value.code === 'string' ? value.code : undefined;
  } catch {
    return undefined;
  }
}
