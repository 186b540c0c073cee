import { once } from 'node:events';
import { connect, type Socket as TcpSocket } from 'node:net';
import { createSystemClock, sleep } from '@agentao/clock';
import { closeCodes, encode, subprotocols } from '@agentao/protocol';
import { createApiKey, createOperatorToken, createSwitch, type Switch } from '@agentao/switch';
import type { Socket, SocketServer } from '@agentao/transport';
import { createWsConnector, listenWs } from '@agentao/transport/ws';
import { type FuzzOutcome, type FuzzTarget, textOf } from './fuzz-target.ts';
import { fromHex } from './hex-bytes.ts';
import type { MessageGrammar } from './message-grammar.ts';
import { readServerFrames } from './raw-frames.ts';
import { createRawScript, type RawStep } from './raw-scripts.ts';

/** A switch on a real port with one good client beside. */
interface RawServer {
  readonly callSwitch: Switch;
  readonly server: SocketServer;
  readonly good: Socket;
  readonly credentials: ReadonlyMap<string, string>;
  readonly complaints: string[];
  pongs: number;
}

const clock = createSystemClock(globalThis);
/** Without a byte for so long, a server has said what it had to say. */
const quietMs = 15;
const statuses: ReadonlySet<number> = new Set([
  100, 101, 200, 204, 400, 401, 403, 404, 405, 408, 413, 414, 417, 426, 429, 431, 501, 503, 505,
]);
const tableCodes: ReadonlySet<number> = new Set(Object.values(closeCodes).map(({ code }) => code));

/** A real port: HTTP and WebSocket as bytes, whole and broken. Whatever comes, a good client beside it is answered and no connection is left. */
export function createRawTarget(grammar: MessageGrammar): FuzzTarget {
  let opening: Promise<RawServer> | undefined;
  return {
    name: 'raw sockets',
    share: 1,
    cpuMs: 10_000,
    generate: (random) => createRawScript(grammar, random),
    run: async (steps) => {
      opening ??= openRawServer();
      return runRaw(steps as readonly RawStep[], await opening);
    },
    close: async () => {
      if (opening === undefined) return [];
      const { callSwitch, server, complaints } = await opening;
      opening = undefined;
      await callSwitch.close();
      await server.close();
      return complaints;
    },
  };
}

async function openRawServer(): Promise<RawServer> {
  const [key, operator] = [createApiKey(), createOperatorToken()];
  const complaints: string[] = [];
  const callSwitch = createSwitch({
    clock,
    connectors: [{ uuid: 'raw', numbers: ['+1555*'], keys: [key.stored] }],
    operators: { tokenSha256: operator.sha256, dev: true },
    // One good client speaks once per case, and there may be many in a second.
    limits: { controlMessagesPerSecond: 100_000 },
    staticRoutes: new Map([['/', { status: 200, body: 'page' }]]),
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (fields, message) =>
        complaints.push(`the switch logs: ${message} ${textOf((fields as { err?: unknown }).err)}`),
    },
  });
  const { onUpgrade, onRequest } = callSwitch;
  const onError = (error: unknown): void => void complaints.push(`the server tells of ${textOf(error)}`);
  const server = await listenWs({ clock, port: 0, onUpgrade, onRequest, onError, closeTimeoutMs: 200 });
  callSwitch.start();
  const good = await createWsConnector({ clock })({
    url: `${server.url}/control`,
    subprotocols: [subprotocols.control],
    headers: { authorization: `Bearer ${key.key}` },
    maxMessageBytes: 1_000_000,
    openTimeoutMs: 20_000,
  });
  const credentials = new Map([
    ['$key', key.key],
    ['$operator', operator.token],
  ]);
  const raw: RawServer = { callSwitch, server, good, credentials, complaints, pongs: 0 };
  good.start({
    text: (text) => {
      if (text.includes('"pong"')) raw.pongs++;
      if (text.includes('"ping"')) good.send(text.replace('ping', 'pong'));
    },
    binary: () => undefined,
    closed: ({ code }) => void complaints.push(`the good client was closed with ${code}`),
  });
  good.send(encode({ type: 'hello', client: 'good' }));
  return raw;
}

async function runRaw(steps: readonly RawStep[], raw: RawServer): Promise<FuzzOutcome> {
  const { server, good, credentials, complaints } = raw;
  const port = Number(new URL(server.url).port);
  const lines = new Map<number, RawLine>();
  for (const step of steps) {
    const line = lines.get(step.line) ?? (await openLine(port));
    lines.set(step.line, line);
    line.write('text' in step ? filled(step.text, credentials) : fromHex(step.hex));
  }
  const pongs = raw.pongs;
  good.send(encode({ type: 'ping', id: 1 }));
  const deadlineMs = clock.now() + 300;
  while (clock.now() < deadlineMs && [...lines.values()].some((line) => line.busy)) await sleep(clock, 2);
  for (const line of lines.values()) line.destroy();
  if (!(await eventually(() => raw.pongs > pongs && server.socketCount === 1))) {
    complaints.push(
      raw.pongs > pongs ? `${server.socketCount - 1} sockets are left` : 'the good client gets no answer',
    );
  }
  const findings = complaints.splice(0);
  let accepted = 0;
  for (const line of lines.values()) {
    const judged = judge(line.received, [...credentials.values()]);
    if (judged.upgraded) accepted++;
    findings.push(...judged.findings);
  }
  return { accepted, rejected: lines.size - accepted, findings };
}

interface RawLine {
  /** Something may still come. */
  readonly busy: boolean;
  readonly received: Buffer;
  write(data: string | Uint8Array): void;
  destroy(): void;
}

async function openLine(port: number): Promise<RawLine> {
  const tcp: TcpSocket = connect({ port, host: '127.0.0.1', noDelay: true });
  const parts: Buffer[] = [];
  let lastMs = clock.now();
  tcp.on('data', (data) => {
    lastMs = clock.now();
    parts.push(data);
  });
  // The other end may hang up while this one writes.
  tcp.on('error', () => tcp.destroy());
  await once(tcp, 'connect');
  return {
    get busy() {
      return !tcp.destroyed && !tcp.readableEnded && clock.now() - lastMs < quietMs;
    },
    get received() {
      return Buffer.concat(parts);
    },
    write: (data) => {
      lastMs = clock.now();
      if (tcp.writable) tcp.write(data);
    },
    destroy: () => void tcp.destroy(),
  };
}

function filled(text: string, credentials: RawServer['credentials']): string {
  return text.replaceAll(/\$(key|operator)/g, (name) => credentials.get(name) ?? name);
}

function judge(
  received: Buffer,
  secrets: readonly string[],
): { readonly upgraded: boolean; readonly findings: string[] } {
  const findings: string[] = [];
  const text = received.toString('latin1');
  if (secrets.some((secret) => text.includes(secret))) findings.push('an answer holds a secret');
  if (text === '') return { upgraded: false, findings };
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1]);
  if (!statuses.has(status)) findings.push(`answered with ${text.slice(0, 40)}`);
  if (status !== 101) return { upgraded: false, findings };
  if (/permessage-deflate/i.test(text)) findings.push('the server agreed to compression');
  try {
    for (const { opcode, payload } of readServerFrames(received.subarray(text.indexOf('\r\n\r\n') + 4))) {
      if (opcode !== 8) continue;
      const code = payload.length >= 2 ? ((payload[0] as number) << 8) | (payload[1] as number) : 1_005;
      // A peer's own code comes back to it.
      if (!tableCodes.has(code) && code < 3_000 && code !== 1_005) findings.push(`closed with ${code}`);
      if (code === closeCodes.INTERNAL.code) findings.push('closed with 1011');
    }
  } catch (error) {
    findings.push(textOf(error));
  }
  return { upgraded: true, findings };
}

/** Waits for it up to ten seconds. */
async function eventually(isSo: () => boolean): Promise<boolean> {
  const deadlineMs = clock.now() + 10_000;
  while (!isSo()) {
    if (clock.now() > deadlineMs) return false;
    await sleep(clock, 1);
  }
  return true;
}
