import { randomUUID } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { Clock } from '@agentao/clock';
import { type ConsoleFile, ConsoleNotBuiltError, readConsoleFiles } from '@agentao/console';
import { createApiKey, createOperatorToken, createSwitch, type Logger, type Switch } from '@agentao/switch';
import { ListenError } from '@agentao/transport';
import { listenWs } from '@agentao/transport/ws';
import { CommandError, firstLine } from '../command-error.ts';
import { commandName } from '../command-name.ts';
import { signInLink } from './sign-in-link.ts';

/** A switch of one's own on this machine: one connector, one number, keys that live as long as it does. */
export interface DevSwitch {
  readonly switch: Switch;
  /** Base URL with the real port, reachable from this machine. */
  readonly url: string;
  readonly apiKey: string;
  readonly operatorToken: string;
  readonly connectorUuid: string;
  readonly number: string;
  /** Resolves when an agent has said that it takes calls. */
  readonly agentReady: Promise<void>;
  /** A link that signs one browser in to the console, once and within twelve hours; `undefined` where its page has not been built. */
  createConsoleLink(): string | undefined;
  /** Ends calls, connections and the server. Idempotent. */
  close(): Promise<void>;
}

/** Where the switch listens and whose calls it takes. */
export interface DevSwitchOptions {
  readonly clock: Clock;
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly number: string;
  /** Told of warnings and errors. */
  readonly onTrouble: (text: string) => void;
}

const handshakeTimeoutMs = 5_000;
const closeTimeoutMs = 1_000;
const consoleLinkLifetimeMs = 12 * 3_600_000;

/** Starts a switch with fresh keys. Throws CommandError with the way out if the port or the address cannot be had. */
export async function openDevSwitch({ clock, host, port, number, onTrouble }: DevSwitchOptions): Promise<DevSwitch> {
  const { key, stored } = createApiKey();
  const operator = createOperatorToken();
  const connectorUuid = randomUUID();
  const page = await readPage();
  const sw = createSwitch({
    clock,
    connectors: [{ uuid: connectorUuid, numbers: [number], keys: [stored] }],
    operators: { tokenSha256: operator.sha256, dev: true, hosts: browserHosts(host) },
    staticRoutes: page ?? new Map(),
    logger: createLogger(onTrouble),
  });
  sw.start();
  const { onUpgrade, onRequest } = sw;
  const server = await listenWs({ clock, host, port, onUpgrade, onRequest, handshakeTimeoutMs, closeTimeoutMs }).catch(
    async (error: unknown) => {
      await sw.close();
      throw error instanceof ListenError ? new CommandError(explain(error, host, port), { cause: error }) : error;
    },
  );
  const url = reachable(server.url);
  return {
    switch: sw,
    url,
    apiKey: key,
    operatorToken: operator.token,
    connectorUuid,
    number,
    agentReady: sw.whenReady(connectorUuid),
    createConsoleLink: () => {
      if (page === undefined) return undefined;
      return signInLink(url, sw.createSignIn({ role: 'operator', expiresInMs: consoleLinkLifetimeMs }));
    },
    close: async () => {
      await sw.close();
      await server.close();
    },
  };
}

async function readPage(): Promise<ReadonlyMap<string, ConsoleFile> | undefined> {
  try {
    return await readConsoleFiles({ command: commandName() });
  } catch (error) {
    if (error instanceof ConsoleNotBuiltError) return undefined;
    throw error;
  }
}

/** The name by which browsers reach a switch that listens on `host`, if that is one address; loopback is allowed anyway. */
export function browserHosts(host: string): readonly string[] {
  const { hostname } = URL.parse(`http://${isIPv6(host) ? `[${host}]` : host}`) ?? { hostname: '' };
  const isUsable = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)$/.test(hostname);
  return isUsable && !['0.0.0.0', '[::]'].includes(hostname) ? [hostname] : [];
}

/** A client cannot dial the address that stands for all of them: it is given the loopback one. */
function reachable(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const loopback = new Map([
    ['0.0.0.0', '127.0.0.1'],
    ['[::]', '[::1]'],
  ]);
  return `${protocol}//${loopback.get(hostname) ?? hostname}:${port}`;
}

function explain(error: ListenError, host: string, port: number): string {
  if (error.code === 'PORT_IN_USE') {
    return `Port ${port} is in use. Stop the other program or choose one: --port ${port < 65_535 ? port + 1 : port - 1}`;
  }
  if (error.code === 'ADDRESS_UNAVAILABLE') return `${host} is not an address of this machine. Try: --host 127.0.0.1`;
  return `Cannot listen on ${host}:${port}: ${error.message}`;
}

/** What the switch logs, sifted: only trouble is for the person, with its cause. */
export function createLogger(onTrouble: (text: string) => void): Logger {
  return {
    debug: () => {},
    info: () => {},
    warn: (fields, text) => onTrouble(withCause(fields, text)),
    error: (fields, text) => onTrouble(withCause(fields, text)),
  };
}

/** The fields of a warning or an error that tell its cause. */
interface LoggedTrouble {
  readonly reason?: string;
  readonly err?: unknown;
  readonly closeCode?: number;
  readonly code?: string | number;
}

function withCause(fields: object, text: string): string {
  const { reason, err, closeCode, code = closeCode } = fields as LoggedTrouble;
  const cause = reason ?? (err === undefined ? undefined : firstLine(err));
  return `${text}${cause === undefined ? '' : `: ${cause}`}${code === undefined ? '' : ` (${code})`}`;
}
