import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, createAuthority, type Identity, type IssueOptions } from '@agentao-tooling/certs';
import {
  AgenTaoClient,
  AgenTaoClientConfig,
  type ClientOptions,
  type ConnectionState,
  type ProductionOptions,
} from '@agentao/calls';
import { type Clock, createSystemClock, sleep } from '@agentao/clock';
import { type ConnectorOptions, createSwitch, describeCertificate, type Switch } from '@agentao/switch';
import { createScriptedPhones, type ScriptedPhones } from '@agentao/switch/testing';
import { listenWs, type WsServer } from '@agentao/transport/ws';

export const clock: Clock = createSystemClock(globalThis);
export const calleeNumber = '+15559999';
const yearMs = 365 * 86_400_000;
/** The name under which the line's clients are listed. */
export const commonName = 'agent-1';

/** One line that a client's logger was given. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: object;
  readonly message: string;
}

/** A client with files of its own, and what it says. */
export interface ProductionClient {
  readonly client: AgenTaoClient;
  readonly config: AgenTaoClientConfig;
  readonly paths: { readonly certPath: string; readonly keyPath: string; readonly caPath: string };
  readonly states: readonly ConnectionState[];
  readonly log: readonly LogLine[];
  /** Puts another pair where the files are. */
  replace(identity: Partial<Identity>): void;
  /** Resolves once the connection is in this state; rejects after 5 s. */
  reached(name: ConnectionState['name'], times?: number): Promise<void>;
}

/** A switch with scripted phones behind mutual TLS on a real port. */
export interface ProductionLine extends AsyncDisposable {
  readonly authority: Authority;
  readonly callSwitch: Switch;
  readonly phones: ScriptedPhones;
  readonly server: WsServer;
  /** A certificate of the line's authority; default: a client's of the listed name. */
  issue(options?: Partial<IssueOptions>): Promise<Identity>;
  /** A client that shows `identity`; nothing is connected yet. */
  client(identity: Identity, options?: Partial<ProductionOptions> & ClientOptions): ProductionClient;
  /** Refuses a certificate from now on. */
  revoke(identity: Identity): void;
}

/** Opens it, with the connectors told or one for every number that lists the name. */
export async function openProductionLine(
  options: { readonly connectors?: readonly ConnectorOptions[]; readonly server?: Partial<IssueOptions> } = {},
): Promise<ProductionLine> {
  const { connectors = [{ uuid: 'e2e', numbers: [calleeNumber], certificates: [{ commonName }] }] } = options;
  const folder = mkdtempSync(join(tmpdir(), 'agentao-mtls-'));
  const authority = await createAuthority();
  const own = await authority.issue({ commonName: 'localhost', role: 'server', ...options.server });
  const phones = createScriptedPhones({ clock });
  const callSwitch = createSwitch({ clock, legs: [phones], connectors });
  const { onUpgrade, onRequest } = callSwitch;
  const tls = { cert: own.certificatePem, key: own.keyPem, clientCa: authority.certificatePem };
  const server = await listenWs({ clock, port: 0, tls, onUpgrade, onRequest });
  callSwitch.start();
  const clients: AgenTaoClient[] = [];

  return {
    authority,
    callSwitch,
    phones,
    server,
    // Long enough that nothing is said about its end.
    issue: (more) => authority.issue({ commonName, role: 'client', notAfter: new Date(Date.now() + yearMs), ...more }),
    client: (identity, { clock: own = clock, transport, random = () => 0, ...config } = {}) => {
      const made = createProductionClient(identity, {
        folder: mkdtempSync(join(folder, 'client-')),
        authorityPem: authority.certificatePem,
        config: { baseUrl: server.url, ...config },
        options: { clock: own, random, ...(transport === undefined ? {} : { transport }) },
      });
      clients.push(made.client);
      return made;
    },
    revoke: ({ certificatePem }) => {
      const { publicKeySha256 } = describeCertificate(certificatePem);
      callSwitch.revokeCertificate({ publicKeySha256 });
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.disconnect()));
      await callSwitch.close();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

interface ClientParts {
  readonly folder: string;
  readonly authorityPem: string;
  readonly config: Partial<ProductionOptions> & { readonly baseUrl: string };
  readonly options: ClientOptions;
}

function createProductionClient(
  identity: Identity,
  { folder, authorityPem, config, options }: ClientParts,
): ProductionClient {
  const paths = {
    certPath: join(folder, 'client.pem'),
    keyPath: join(folder, 'client.key'),
    caPath: join(folder, 'authority.pem'),
  };
  const replace: ProductionClient['replace'] = ({ certificatePem, keyPem }) => {
    if (certificatePem !== undefined) writeFileSync(paths.certPath, certificatePem);
    if (keyPem !== undefined) writeFileSync(paths.keyPath, keyPem, { mode: 0o600 });
  };
  replace(identity);
  writeFileSync(paths.caPath, authorityPem);
  const log: LogLine[] = [];
  const write = (level: LogLine['level']) => (fields: object, message: string) =>
    void log.push({ level, fields, message });
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const made = AgenTaoClientConfig.production({ ...paths, logger, ...config });
  const client = new AgenTaoClient(made, options);
  const states: ConnectionState[] = [];
  client.connection$.subscribe((state) => states.push(state));
  return {
    client,
    config: made,
    paths,
    states,
    log,
    replace,
    reached: (name, times = 1) =>
      eventually(() => states.filter((state) => state.name === name).length >= times, `not ${name} ${times} times`),
  };
}

/** Resolves when the condition holds; rejects after 5 s. */
export async function eventually(condition: () => boolean, failure: string): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 20) {
    if (waitedMs > 5_000) throw new Error(`${failure} within 5 s`);
    await sleep(clock, 20);
  }
}
