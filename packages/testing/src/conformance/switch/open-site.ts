import { randomInt } from 'node:crypto';
import { type Clock, withDeadline } from '@agentao/clock';
import { encode, limits, paths, subprotocols } from '@agentao/protocol';
import { type SocketFactory, SocketOpenError } from '@agentao/transport';
import { SwitchBench } from './bench.ts';
import { signIn } from './browser.ts';
import { createDesk } from './desk.ts';
import { askUpgrade } from './http-request.ts';
import { createNumberPool } from './number-pool.ts';
import type { Violation } from './observer.ts';
import type { Site } from './site.ts';
import { SwitchTestError } from './switch-test-error.ts';
import type { TestSwitchOptions } from './test-switch.ts';

/** A site with the means to end it. */
export interface OpenSite extends Site {
  /** Ends what all checks share. */
  close(): Promise<void>;
}

/** How long a switch may take for its answer to the first `hello`. */
const helloAnswerMs = 5_000;

const defaultCallerPrefix = '+1555';
/** How many numbers are made of one that ends in `*`. */
const numbersOfPrefix = 64;

/** Looks at what the switch lets the kit do. Rejects with SwitchTestError where nothing can be tried. */
export async function openSite(
  options: TestSwitchOptions,
  { clock, connect }: { readonly clock: Clock; readonly connect: SocketFactory },
): Promise<OpenSite> {
  const { apiKey, operatorToken, connectorUuid, numbers = {}, patienceMs = 4_000 } = options;
  const url = URL.parse(options.url);
  if (url === null || !/^wss?:$/.test(url.protocol)) {
    throw new SwitchTestError('BAD_URL', `${options.url} is not a URL of a switch, such as ws://127.0.0.1:7350`);
  }
  if (url.protocol === 'ws:' && !isLoopback(url.hostname)) {
    const why = 'the API key and the operator token would travel in clear';
    throw new SwitchTestError('BAD_URL', `${options.url} must be wss:// unless the switch is on this machine: ${why}.`);
  }
  await findSwitch(url, { apiKey, connectorUuid, clock, connect });
  const prefix = numbers.caller ?? defaultCallerPrefix;
  const violations: Violation[] = [];
  const shared = new Map<string, Promise<void>>();
  // So that two runs at once do not call from the same numbers.
  let calls = randomInt(10_000_000, 90_000_000);

  const deskBench = Promise.withResolvers<SwitchBench>();
  const desk = createDesk(
    async () => await (await deskBench.promise).readyControl(),
    (number) => number.startsWith(prefix),
  );
  const base = {
    clock,
    connect,
    url,
    apiKey,
    operatorToken,
    connectorUuid,
    patienceMs,
    desk,
    violations,
    nextCaller: () => `${prefix}${++calls}`,
    shared: (name: string, make: () => Promise<void>): Promise<void> => {
      const made = shared.get(name) ?? make();
      shared.set(name, made);
      return made;
    },
  };
  const found = await findOperators({
    ...base,
    whyNoCalls: undefined,
    whyNoOperators: undefined,
    numbers: createNumberPool([]),
  });
  const callees = calleeNumbers(numbers.callee ?? found.numbers, () => ++calls);
  const site: Site = {
    ...base,
    whyNoOperators: found.whyNot,
    whyNoCalls:
      found.whyNot ??
      found.whyNoDial ??
      (callees.length === 0 ? 'the switch names no number to call; say one' : undefined),
    numbers: createNumberPool(callees),
  };
  const bench = new SwitchBench(site);
  deskBench.resolve(bench);
  return {
    ...site,
    close: async () => {
      await desk.close();
      await bench[Symbol.asyncDispose]();
    },
  };
}

/** As PROTOCOL.md H-07 has it. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Somebody answers there, lets the key in, and has something to say to `hello`. */
async function findSwitch(
  url: URL,
  { apiKey, connectorUuid, clock, connect }: Pick<Site, 'apiKey' | 'connectorUuid' | 'clock' | 'connect'>,
): Promise<void> {
  try {
    const socket = await connect({
      url: new URL(paths.control, url).href,
      subprotocols: [subprotocols.control],
      headers: { authorization: `Bearer ${apiKey}` },
      maxMessageBytes: limits.controlMessageBytes,
      openTimeoutMs: 5_000,
    });
    const answered = new Promise<void>((resolve) => {
      const answer = (): void => resolve();
      socket.start({ text: answer, binary: answer, closed: answer });
    });
    const client = 'agentao-conformance';
    socket.send(encode({ type: 'hello', client, ...(connectorUuid === undefined ? {} : { connectorUuid }) }));
    const silent = new SwitchTestError(
      'NO_SWITCH',
      `What answers at ${url.protocol}//${url.host} is no switch: it opens a WebSocket and says nothing to hello within ${helloAnswerMs} ms.`,
    );
    try {
      await withDeadline(clock, answered, { timeoutMs: helloAnswerMs, error: () => silent });
    } finally {
      socket.terminate();
    }
  } catch (error) {
    if (!(error instanceof SocketOpenError)) throw error;
    throw explain(error, url);
  }
}

function explain(error: SocketOpenError, url: URL): SwitchTestError {
  const where = `${url.protocol}//${url.host}`;
  const cause = { cause: error };
  if (error.code === 'REFUSED' && (error.status === 401 || error.status === 403)) {
    return new SwitchTestError(
      'KEY_REFUSED',
      `The switch at ${where} refuses the API key; is it one of its own, and not revoked?`,
      cause,
    );
  }
  if (error.status !== undefined && (error.status === 429 || error.status >= 500)) {
    return new SwitchTestError(
      'UNAVAILABLE',
      `The switch at ${where} takes nobody now (HTTP ${error.status}); try again later.`,
      cause,
    );
  }
  if (error.code === 'REFUSED' || error.code === 'PROTOCOL') {
    return new SwitchTestError('NO_SWITCH', `What answers at ${where} is no switch: ${error.message}`, cause);
  }
  return new SwitchTestError(
    'UNREACHABLE',
    `No switch answers at ${where}: ${error.message}. Is it running, and is the port right?`,
    cause,
  );
}

interface Operators {
  /** Why nobody can sign in. */
  readonly whyNot: string | undefined;
  /** Why phones cannot call. */
  readonly whyNoDial: string | undefined;
  readonly numbers: readonly string[];
}

async function findOperators(site: Site): Promise<Operators> {
  const none = { whyNoDial: undefined, numbers: [] };
  if (site.operatorToken === undefined)
    return { ...none, whyNot: 'needs the operator token, with which phones call and browsers sign in' };
  const headers = { 'Sec-WebSocket-Protocol': subprotocols.phone, Authorization: `Bearer ${site.operatorToken}` };
  const answer = await askUpgrade(new URL(paths.phone, site.url), headers);
  if ('status' in answer) {
    if (answer.status === 404) return { ...none, whyNot: 'this switch has no phones: it lets nobody in' };
    const what = `The switch refuses the operator token (HTTP ${answer.status})`;
    throw new SwitchTestError('OPERATOR_REFUSED', `${what}; leave it out to try only what needs no call.`);
  }
  answer.net.destroy();
  await using bench = new SwitchBench(site);
  const { session } = await signIn(bench).catch(() => ({ session: {} as Readonly<Record<string, unknown>> }));
  const listed = session['numbers'];
  return {
    whyNot: undefined,
    whyNoDial: session['mayDial'] === false ? 'phones may not dial on this switch' : undefined,
    numbers: Array.isArray(listed) ? listed.filter((number) => typeof number === 'string') : [],
  };
}

/** Numbers to call: as they are, and some of each that ends in `*`. */
function calleeNumbers(listed: string | readonly string[], next: () => number): readonly string[] {
  return [listed].flat().flatMap((number) => {
    if (!number.endsWith('*')) return [number];
    const start = number === '*' ? defaultCallerPrefix : number.slice(0, -1);
    return Array.from({ length: numbersOfPrefix }, () => `${start}${next()}`);
  });
}
