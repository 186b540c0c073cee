import { type Clock, createSystemClock, sleep } from '@agentao/clock';

/** Something that somebody is to know. */
export interface Notification {
  /** A number, an address, a channel; up to who receives it. */
  readonly to?: string;
  readonly text: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Tells people outside of calls: chat, text messages, calendars. */
export interface Notifier {
  /** `sent`: taken by the other side. `logged`: written to the log instead. Never rejects. */
  send(notification: Notification): Promise<'sent' | 'logged'>;
  /** Waits for what is under way, for five seconds at most. Idempotent. */
  close(): Promise<void>;
}

/** Where lines of the log go, as pino has them. */
export interface NotifierLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** A log that writes a line each, such as to `process.stdout`. */
export function logTo(stream: { write(text: string): unknown }): NotifierLog {
  const line = (fields: object, message: string): void => void stream.write(`${message} ${JSON.stringify(fields)}\n`);
  return { info: line, warn: line };
}

/** Where notifications go. */
export interface NotifierOptions {
  /** Gets each as JSON by POST. Without one they are written to the log, text included. */
  readonly webhook?: {
    readonly url: string;
    readonly headers?: Readonly<Record<string, string>>;
    /** For one attempt; there are three. Default 5,000. */
    readonly timeoutMs?: number;
  };
  /** Pino-compatible. */
  readonly log: NotifierLog;
  readonly clock?: Clock;
}

const pausesMs = [0, 500, 2_000];
const mostAtOnce = 100;
const closeWithinMs = 5_000;

/** Makes a notifier. Throws `TypeError` for a URL that is none. */
export function notifier({ webhook, log, clock = createSystemClock(globalThis) }: NotifierOptions): Notifier {
  if (webhook !== undefined && !/^https?:$/.test(URL.parse(webhook.url)?.protocol ?? '')) {
    throw new TypeError('webhook.url: an address that begins with https:// or http://');
  }
  const underWay = new Set<Promise<unknown>>();
  const closing = new AbortController();

  const deliver = async (
    target: NonNullable<typeof webhook>,
    notification: Notification,
  ): Promise<'sent' | 'logged'> => {
    let problem = 'too many are under way';
    for (const pauseMs of underWay.size < mostAtOnce ? pausesMs : []) {
      try {
        if (pauseMs > 0) await sleep(clock, pauseMs, { signal: closing.signal });
        const outcome = await post(target, notification, closing.signal);
        if (outcome === undefined) return 'sent';
        problem = outcome.problem;
        if (!outcome.again) break;
      } catch {
        // The notifier is closing.
        break;
      }
    }
    log.warn({ to: masked(notification.to), problem }, 'a notification could not be sent');
    return 'logged';
  };

  return {
    send: (notification) => {
      if (webhook === undefined || closing.signal.aborted) {
        log.info({ ...notification }, 'notification');
        return Promise.resolve('logged');
      }
      const sending = deliver(webhook, notification);
      underWay.add(sending);
      void sending.finally(() => underWay.delete(sending));
      return sending;
    },
    close: async () => {
      const late = new AbortController();
      const waited = sleep(clock, closeWithinMs, { signal: late.signal }).catch(() => {});
      await Promise.race([Promise.allSettled(underWay), waited]);
      late.abort();
      closing.abort();
    },
  };
}

interface Refusal {
  readonly problem: string;
  readonly again: boolean;
}

/** `undefined` when it was taken. The address and its headers may be secrets: nothing of them is told. */
async function post(
  { url, headers = {}, timeoutMs = 5_000 }: NonNullable<NotifierOptions['webhook']>,
  notification: Notification,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(notification),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    return { problem: `HTTP ${response.status}`, again: response.status >= 500 || response.status === 429 };
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError';
    return { problem: isLate ? `no answer within ${timeoutMs} ms` : 'cannot be reached', again: true };
  }
}

/** The last two characters. */
function masked(to: string | undefined): string | undefined {
  return to === undefined ? undefined : `*${to.length > 4 ? to.slice(-2) : ''}`;
}
