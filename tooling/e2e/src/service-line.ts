import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ActiveCall, AgenTaoClient, AgenTaoClientConfig, events } from '@agentao/calls';
import { decodePhoneSwitch, encode, type PhoneSwitchMessage } from '@agentao/protocol';
import { createWsConnector } from '@agentao/transport/ws';
import { type CommandOutcome, runAgentao, type RunningCommand } from './agentao-command.ts';
import { clock, eventually } from './production-line.ts';

/** A phone on a running service: what it was told, and what to tell it. */
export interface ServicePhone {
  readonly told: readonly PhoneSwitchMessage[];
  dial(to: string): void;
  hangUp(): void;
  /** Resolves with the first message of a type; rejects after 5 s. */
  heard<Type extends PhoneSwitchMessage['type']>(type: Type): Promise<Extract<PhoneSwitchMessage, { type: Type }>>;
}

/** `agentao switch` as a process of its own, in a folder of its own. */
export interface ServiceLine extends AsyncDisposable {
  readonly folder: string;
  readonly process: RunningCommand;
  /** Where agents connect. */
  readonly url: string;
  /** Where probes and people come. */
  readonly operationsUrl: string;
  /** Lines of the log so far. */
  log(): readonly Readonly<Record<string, unknown>>[];
  /** Runs a command in the folder to its end. */
  run(...args: string[]): Promise<CommandOutcome>;
  /** Changes the file. */
  edit(change: (text: string) => string): void;
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
  phone(number: string): Promise<ServicePhone>;
  /** An agent by certificate that answers every call; resolves once it is ready. */
  agent(): Promise<{ readonly client: AgenTaoClient; readonly calls: readonly ActiveCall[] }>;
}

const file = `# made by a test
listen:
  port: 0
  tls: { certificate: certs/server.pem, key: certs/server.key, clientAuthority: certs/ca.pem }
operations:
  port: 0 # for probes and people
operators:
  tokenSha256: '${'0'.repeat(64)}'
  dev: true
connectors:
  # the front desk
  - uuid: front
    numbers: ['+15559999']
    certificates: [agent-1]
# A machine that runs all tests at once misses ticks.
shedding: false
drainMs: 60000
`;

const template = mkdtempSync(join(tmpdir(), 'agentao-service-'));
let prepared: Promise<string> | undefined;

/** Makes certificates and token with the commands for it, once for all lines. Resolves with the token. */
async function prepare(): Promise<string> {
  writeFileSync(join(template, 'agentao.yaml'), file);
  const run = (...args: string[]): Promise<CommandOutcome> => runAgentao(args, template).outcome;
  await run('certs', 'ca');
  const [{ out }] = await Promise.all([
    run('keys', 'create', '--operator'),
    run('certs', 'server'),
    run('certs', 'client', 'agent-1'),
  ]);
  return out;
}

/** Removes what all lines share. */
export function removeServiceTemplate(): void {
  rmSync(template, { recursive: true });
}

/** Starts the switch with certificates and a token that the commands have made. */
export async function openServiceLine({
  drainMs = 60_000,
  watch = false,
  change = (text) => text,
}: {
  readonly drainMs?: number;
  /** Whether a change of the file is a reload. */
  readonly watch?: boolean;
  /** Changes the file before the start. */
  readonly change?: (text: string) => string;
} = {}): Promise<ServiceLine> {
  const folder = mkdtempSync(join(tmpdir(), 'agentao-service-'));
  const path = join(folder, 'agentao.yaml');
  const token = await (prepared ??= prepare());
  cpSync(template, folder, { recursive: true });
  writeFileSync(path, change(readFileSync(path, 'utf8').replace('drainMs: 60000', `drainMs: ${drainMs}`)));
  const run = (...args: string[]): Promise<CommandOutcome> => runAgentao(args, folder).outcome;
  const service = runAgentao(['switch', ...(watch ? ['--watch'] : [])], folder);
  let log = '';
  const [line] = await service.said(/\{.*"msg":"switch started"\}\n/);
  const { url, operationsUrl } = JSON.parse(line) as { readonly url: string; readonly operationsUrl: string };
  service.onOut((text) => (log += text));
  const connect = createWsConnector({ clock });
  const clients: AgenTaoClient[] = [];
  const closers: (() => void)[] = [];

  const phone = async (number: string): Promise<ServicePhone> => {
    const socket = await connect({
      url: `${operationsUrl.replace(/^http/, 'ws')}/phone`,
      subprotocols: ['agentao.phone.v1'],
      headers: { authorization: `Bearer ${token.trim()}` },
      maxMessageBytes: 1_048_576,
      openTimeoutMs: 5_000,
    });
    closers.push(() => socket.terminate());
    const told: PhoneSwitchMessage[] = [];
    socket.start({
      text: (text) => {
        const message = decodePhoneSwitch(text);
        if (message.type === 'ping') socket.send(encode({ type: 'pong', id: message.id }));
        else if (message.type !== 'unknown') told.push(message);
      },
      binary: () => undefined,
      closed: () => undefined,
    });
    socket.send(encode({ type: 'register', number, sampleRateHz: 8_000 }));
    const made: ServicePhone = {
      told,
      dial: (to) => socket.send(encode({ type: 'dial', to })),
      hangUp: () => socket.send(encode({ type: 'hangup' })),
      heard: async (type) => {
        const find = (): PhoneSwitchMessage | undefined => told.find((message) => message.type === type);
        await eventually(() => find() !== undefined, `${number} is not told ${type}`);
        return find() as never;
      },
    };
    await made.heard('registered');
    return made;
  };

  return {
    folder,
    process: service,
    url,
    operationsUrl,
    log: () =>
      log
        .split('\n')
        .filter((text) => text !== '')
        .map((text) => JSON.parse(text) as Record<string, unknown>),
    run,
    edit: (change) => writeFileSync(path, change(readFileSync(path, 'utf8'))),
    get: async (at) => {
      const response = await fetch(`${operationsUrl}${at}`);
      return { status: response.status, text: await response.text() };
    },
    phone,
    agent: async () => {
      const certs = join(folder, 'certs');
      const config = AgenTaoClientConfig.production({
        certPath: join(certs, 'agent-1.pem'),
        keyPath: join(certs, 'agent-1.key'),
        caPath: join(certs, 'ca.pem'),
        baseUrl: url,
      });
      const client = new AgenTaoClient(config);
      clients.push(client);
      const calls: ActiveCall[] = [];
      client.on(events.INCOMING_CALL, async (call) => {
        calls.push(call);
        await call.answer();
        await call.ended;
      });
      await client.connect();
      return { client, calls };
    },
    [Symbol.asyncDispose]: async () => {
      for (const close of closers) close();
      await Promise.all(clients.map((client) => client.disconnect()));
      service.kill('SIGKILL');
      await service.outcome;
      rmSync(folder, { recursive: true });
    },
  };
}
