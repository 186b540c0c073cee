/** Where notifications are posted, checked and copied. */
export interface Webhook {
  readonly url: string;
  readonly headers: Headers;
  readonly timeoutMs: number;
}

/** A webhook as its caller gives it. */
export interface WebhookInput {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Why the other side has not taken a notification. */
export interface Refusal {
  readonly problem: string;
  readonly again: boolean;
}

/** The longest a timer of Node can be. */
const mostTimeoutMs = 2 ** 31 - 1;
/** `fetch` fails with them, or writes them itself. */
const ofTheConnection = ['connection', 'content-length', 'expect', 'keep-alive', 'transfer-encoding', 'upgrade'];

/** Throws `TypeError` with the option that is wrong. The address and the headers may be secrets: nothing of them is told. */
export function checkedWebhook({ url, headers = {}, timeoutMs = 5_000 }: WebhookInput): Webhook {
  const address = URL.parse(url);
  if (address === null || !/^https?:$/.test(address.protocol)) {
    throw new TypeError('webhook.url: an address that begins with https:// or http://');
  }
  if (address.username !== '' || address.password !== '') {
    throw new TypeError('webhook.url: no name and no password in it; webhook.headers has authorization');
  }
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > mostTimeoutMs) {
    throw new TypeError(`webhook.timeoutMs: whole milliseconds, 1 to ${mostTimeoutMs}; not ${timeoutMs}`);
  }
  return { url: address.href, headers: checkedHeaders(headers), timeoutMs };
}

function checkedHeaders(given: Readonly<Record<string, string>>): Headers {
  if (typeof given !== 'object' || given === null) throw new TypeError('webhook.headers: names and their values');
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'string' || !isHeader(name, value)) {
      throw new TypeError('webhook.headers: names of HTTP, each with a text of one line');
    }
    if (ofTheConnection.includes(name.toLowerCase())) {
      throw new TypeError(`webhook.headers: without ${name.toLowerCase()}, which the connection decides`);
    }
    headers.set(name, value);
  }
  if (!headers.has('content-type')) headers.set('content-type', 'application/json');
  return headers;
}

function isHeader(name: string, value: string): boolean {
  try {
    return new Headers([[name, value]]).has(name);
  } catch {
    return false;
  }
}

/** One attempt; `undefined` when it was taken. Never rejects. */
export async function post(
  { url, headers, timeoutMs }: Webhook,
  body: string,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal: within });
    // The status is the answer, however its body ends.
    response.body?.cancel().catch(() => {});
    if (response.ok) return undefined;
    return { problem: `HTTP ${response.status}`, again: response.status >= 500 || response.status === 429 };
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    return { problem: isLate ? `no answer within ${timeoutMs} ms` : 'cannot be reached', again: true };
  }
}
