import { randomUUID } from 'node:crypto';
import type { Clock } from '@agentao/clock';
import { createApiKey, createOperatorToken, createSwitch, type Logger, type Switch } from '@agentao/switch';
import { ListenError } from '@agentao/transport';
import { listenWs } from '@agentao/transport/ws';
import { CommandError, firstLine } from '../command-error.ts';

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

/** Starts a switch with fresh keys. Throws CommandError with the way out if the port or the address cannot be had. */
export async function openDevSwitch({ clock, host, port, number, onTrouble }: DevSwitchOptions): Promise<DevSwitch> {
  const { key, stored } = createApiKey();
  const operator = createOperatorToken();
  const connectorUuid = randomUUID();
  const sw = createSwitch({
    clock,
    connectors: [{ uuid: connectorUuid, numbers: [number], keys: [stored] }],
    phones: { operatorTokenSha256: operator.sha256, dev: true },
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
  return {
    switch: sw,
    url: reachable(server.url),
    apiKey: key,
    operatorToken: operator.token,
    connectorUuid,
    number,
    agentReady: sw.whenReady(connectorUuid),
    close: async () => {
      await sw.close();
      await server.close();
    },
  };
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
