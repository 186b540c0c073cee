import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import {
  type AnyMessage,
  type ControlSwitchMessage,
  decodeFrame,
  encode,
  encodeFrame,
  type Frame,
  type FrameHeader,
  type MediaSwitchMessage,
  type MonitorSwitchMessage,
  type PhoneSwitchMessage,
  paths,
  subprotocols,
  tracks,
} from '@agentao/protocol';
import type { Socket, SocketClose } from '@agentao/transport';
import { createMemoryNetwork, type MemoryConnection, type MemoryNetwork } from '@agentao/transport/memory';
import { createApiKey, createOperatorToken, type NewApiKey } from '../connectors/api-key.ts';
import { createSwitch, type Switch, type SwitchOptions } from '../switch.ts';

/** Everything the switch may say on the sockets that are tested here. */
export type RawMessage = ControlSwitchMessage | MediaSwitchMessage | PhoneSwitchMessage | MonitorSwitchMessage;

/** The messages of one type. */
export type RawMessageOf<Type extends RawMessage['type']> = Extract<RawMessage, { readonly type: Type }>;

/** A program of the other side that says whatever a test wants it to. */
export interface RawPeer {
  readonly socket: Socket;
  readonly connection: MemoryConnection;
  readonly messages: readonly RawMessage[];
  readonly frames: readonly Frame[];
  /** How the connection ended, once it has. */
  readonly closed: SocketClose | undefined;
  send(message: AnyMessage): void;
  sendText(text: string): void;
  sendBytes(bytes: Uint8Array): void;
  sendFrame(header: Partial<FrameHeader>, samples: Int16Array): void;
  /** Waits for the next message of a type, from where the last wait ended. */
  next<Type extends RawMessage['type']>(type: Type): Promise<RawMessageOf<Type>>;
  /** Waits for the end of the connection. */
  end(): Promise<SocketClose>;
}

/** A switch on a virtual clock and a memory network, with one connector for every number. */
export interface TestSwitch {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly sw: Switch;
  readonly key: NewApiKey;
  readonly operatorToken: string;
  readonly connectorUuid: string;
  open(path: keyof typeof paths, token: string, options?: OpenOptions): Promise<RawPeer>;
  /** Opens a control connection, says hello and that it is ready. */
  openControl(options?: ControlOptions): Promise<RawPeer>;
  /** Opens a phone connection and registers. */
  openPhone(number: string): Promise<RawPeer>;
  /** The number that a phone registered. */
  numberOf(phone: RawPeer): string;
}

/** How a socket is opened that is not a program's with a bearer token. */
export interface OpenOptions {
  readonly certificate?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Offered beside that of the path. */
  readonly subprotocols?: readonly string[];
}

/** Who a control connection is. */
export interface ControlOptions {
  readonly key?: string;
  readonly certificate?: string;
  readonly maxCalls?: number;
  readonly acceptsTakeover?: boolean;
  /** Default true. */
  readonly ready?: boolean;
}

/** Where it listens. */
export const host = 'switch.memory';

/** Creates and starts it. */
export function createTestSwitch(
  options: Partial<SwitchOptions> = {},
  { latencyMs = 0 }: { readonly latencyMs?: number } = {},
): TestSwitch {
  const numbers = new Map<RawPeer, string>();
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const network = createMemoryNetwork({ clock, latencyMs });
  const key = createApiKey();
  const operator = createOperatorToken();
  const connectorUuid = 'connector-1';
  const sw = createSwitch({
    clock,
    connectors: [{ uuid: connectorUuid, numbers: ['*'], keys: [key.stored] }],
    operators: { tokenSha256: operator.sha256, dev: true, hosts: [host] },
    ...options,
  });
  sw.start();
  network.listen({ host, onUpgrade: sw.onUpgrade, onRequest: sw.onRequest });

  const open: TestSwitch['open'] = async (path, token, { certificate, headers, subprotocols: more = [] } = {}) => {
    const opening = network.connect({
      url: `${certificate === undefined ? 'ws' : 'wss'}://${host}${paths[path]}`,
      subprotocols: [subprotocols[path], ...more],
      headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...headers },
      maxMessageBytes: 1_048_576,
      openTimeoutMs: 1_000,
      ...(certificate === undefined ? {} : { tls: { cert: certificate } }),
    });
    const socket = await clock.runUntil(opening, { maxMs: 2_000 });
    const connection = network.connections().at(-1);
    if (connection === undefined) throw new Error('an open socket has a connection');
    return createRawPeer(clock, socket, connection);
  };

  const openControl: TestSwitch['openControl'] = async (who = {}) => {
    const { key: token = key.key, maxCalls, acceptsTakeover, ready = true, ...identity } = who;
    const control = await open('control', token, identity);
    control.send({
      type: 'hello',
      client: 'raw',
      ...(maxCalls === undefined ? {} : { maxCalls }),
      ...(acceptsTakeover === undefined ? {} : { acceptsTakeover }),
    });
    await control.next('welcome');
    if (ready) control.send({ type: 'ready', ready });
    await clock.advance(latencyMs);
    return control;
  };

  const openPhone = async (number: string): Promise<RawPeer> => {
    const phone = await open('phone', operator.token);
    phone.send({ type: 'register', number, sampleRateHz: 24_000 });
    await phone.next('registered');
    numbers.set(phone, number);
    return phone;
  };
  const numberOf = (phone: RawPeer): string => numbers.get(phone) ?? '';

  return {
    clock,
    network,
    sw,
    key,
    operatorToken: operator.token,
    connectorUuid,
    open,
    openControl,
    openPhone,
    numberOf,
  };
}

function createRawPeer(clock: VirtualClock, socket: Socket, connection: MemoryConnection): RawPeer {
  const messages: RawMessage[] = [];
  const frames: Frame[] = [];
  const ended = Promise.withResolvers<SocketClose>();
  let closed: SocketClose | undefined;
  let read = 0;
  let wake: (() => void) | undefined;

  socket.start({
    text: (text) => {
      const message = JSON.parse(text) as RawMessage;
      messages.push(message);
      if (message.type === 'ping') socket.send(encode({ type: 'pong', id: message.id }));
      wake?.();
    },
    binary: (bytes) => {
      const { header, samples } = decodeFrame(bytes);
      frames.push({ header, samples: samples.slice() });
    },
    closed: (close) => {
      closed = close;
      ended.resolve(close);
      wake?.();
    },
  });

  const find = async <Type extends RawMessage['type']>(type: Type): Promise<RawMessageOf<Type>> => {
    for (;;) {
      for (; read < messages.length; read++) {
        const message = messages[read];
        if (message?.type !== type) continue;
        read++;
        return message as RawMessageOf<Type>;
      }
      if (closed !== undefined) throw new Error(`no ${type}: closed with ${closed.code} ${closed.reason}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  return {
    socket,
    connection,
    messages,
    frames,
    get closed() {
      return closed;
    },
    send: (message) => socket.send(encode(message)),
    sendText: (text) => socket.send(text),
    sendBytes: (bytes) => socket.send(bytes),
    sendFrame: (header, samples) => {
      socket.send(encodeFrame({ track: tracks.agent, generation: 0, flags: 0, position: 0, ...header }, samples));
    },
    next: (type) => clock.runUntil(find(type), { maxMs: 30_000 }),
    end: () => clock.runUntil(ended.promise, { maxMs: 30_000 }),
  };
}
