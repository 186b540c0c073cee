import { type Clock, createSystemClock, sleep } from '@agentao/clock';
import { keepAlive } from './keep-alive.ts';
import { checkedWebhook, post, type Webhook } from './webhook.ts';

/** Something that somebody is to know. */
export interface Notification {
  /** A number, an address, a channel; up to who receives it. */
  readonly to?: string;
  readonly text: string;
  /** As JSON has it when it is sent; a bigint as its digits. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Tells people outside of calls: chat, text messages, calendars. */
export interface Notifier {
  /**
   * `sent`: taken by the other side. `logged`: not taken, and a line of the log if the log takes it. Never throws and never rejects. Three attempts at most;
   * one whose answer is lost may arrive twice.
   */
  send(notification: Notification): Promise<'sent' | 'logged'>;
  /** Takes no more. Waits for what is under way, for five seconds at most, and keeps the process alive meanwhile. Idempotent; never rejects. */
  close(): Promise<void>;
}

/** Where lines of the log go, as pino has them. */
export interface NotifierLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** A log that writes a line each, such as to `process.stdout`, which stays its owner's. Throws what `write` throws. */
export function logTo(stream: { write(text: string): unknown }): NotifierLog {
  const line = (fields: object, message: string): void => void stream.write(`${message} ${jsonOf(fields) ?? '{}'}\n`);
  return { info: line, warn: line };
}

/** Where notifications go. */
export interface NotifierOptions {
  /** Gets each as JSON by POST. Without one they are written to the log, text included. */
  readonly webhook?: {
    /** `https://` or `http://`, without a name and a password. */
    readonly url: string;
    /** `content-type` is `application/json` where it is not here; those of the connection, such as `content-length`, are refused. */
    readonly headers?: Readonly<Record<string, string>>;
    /** For one attempt, whole, 1 to 2,147,483,647; there are three. Default 5,000. */
    readonly timeoutMs?: number;
  };
  /** Pino-compatible. What it throws is dropped. */
  readonly log: NotifierLog;
  readonly clock?: Clock;
}

const pausesMs = [0, 500, 2_000];
const mostAtOnce = 100;
const closeWithinMs = 5_000;

/** Makes a notifier. Throws `TypeError` with the option that is wrong. */
export function notifier(options: NotifierOptions): Notifier {
  const { log, clock = createSystemClock(globalThis) } = options;
  if (typeof log?.info !== 'function' || typeof log.warn !== 'function') throw new TypeError('log: info and warn');
  const webhook = options.webhook === undefined ? undefined : checkedWebhook(options.webhook);
  const underWay = new Set<Promise<unknown>>();
  const closing = new AbortController();
  let closed: Promise<void> | undefined;

  /** `undefined` when it was taken. */
  const problemOf = async (target: Webhook, notification: Notification): Promise<string | undefined> => {
    if (underWay.size >= mostAtOnce) return 'too many are under way';
    const body = jsonOf(notification);
    if (body === undefined) return 'JSON cannot have it';
    let problem: string | undefined;
    for (const pauseMs of pausesMs) {
      if (pauseMs > 0 && (await isCutShort(clock, pauseMs, closing.signal))) break;
      const refusal = await post(target, body, closing.signal);
      problem = refusal?.problem;
      if (refusal === undefined || !refusal.again || closing.signal.aborted) break;
    }
    return problem;
  };

  const deliver = async (target: Webhook, notification: Notification): Promise<'sent' | 'logged'> => {
    const problem = await problemOf(target, notification);
    return problem === undefined ? 'sent' : unsent(log, notification, problem);
  };

  const end = async (): Promise<void> => {
    const late = new AbortController();
    const waited = isCutShort(clock, closeWithinMs, late.signal);
    await Promise.race([Promise.all(underWay), waited]);
    late.abort();
    closing.abort();
    await Promise.all(underWay);
  };

  return {
    send: (notification) => {
      if (closed !== undefined) return Promise.resolve(unsent(log, notification, 'the notifier is closed'));
      if (webhook === undefined) return Promise.resolve(logged(log, notification));
      const sending = deliver(webhook, notification);
      underWay.add(sending);
      void sending.finally(() => underWay.delete(sending));
      return sending;
    },
    close: () => (closed ??= keepAlive(end())),
  };
}

/** Whether the signal ended a pause. */
function isCutShort(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(clock, ms, { signal }).then(
    () => false,
    () => true,
  );
}

function logged(log: NotifierLog, notification: Notification): 'logged' {
  return quietly(() => log.info({ ...notification }, 'notification'));
}

/** Nothing of the text and the data is told, and of the receiver the last two characters. */
function unsent(log: NotifierLog, notification: Notification, problem: string): 'logged' {
  return quietly(() => log.warn({ to: masked(notification.to), problem }, 'a notification could not be sent'));
}

/** A log that fails must fail no call. */
function quietly(write: () => void): 'logged' {
  try {
    write();
  } catch {
    // There is no other place to tell it.
  }
  return 'logged';
}

/** `undefined` for what JSON cannot have, such as a circle. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? one.toString() : one));
  } catch {
    return undefined;
  }
}

function masked(to: string | undefined): string | undefined {
  return to === undefined ? undefined : `*${to.length > 4 ? to.slice(-2) : ''}`;
}
