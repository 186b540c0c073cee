import { createVirtualClock, type VirtualClock } from '@agentao/clock';
import {
  type AnyMessage,
  decodeFrame,
  encode,
  encodeFrame,
  limits,
  paths,
  subprotocols,
  tracks,
} from '@agentao/protocol';
import { createApiKey, createOperatorToken, createSwitch, type NewApiKey, type Switch } from '@agentao/switch';
import { createScriptedPhones, type Phone, type ScriptedPhones } from '@agentao/switch/testing';
import type { Socket, SocketClose, SocketOpenError } from '@agentao/transport';
import { createMemoryNetwork, type MemoryNetwork } from '@agentao/transport/memory';

type MessageOf<Type extends AnyMessage['type']> = Extract<AnyMessage, { readonly type: Type }>;

/** A program that says whatever a test wants, and keeps what it is told. */
export interface MemoryPeer {
  readonly socket: Socket;
  readonly closed: SocketClose | undefined;
  /** Samples of the mix that have come. */
  readonly heard: readonly number[];
  send(message: AnyMessage): void;
  /** Audio of the agent from the beginning. */
  speak(samples: Int16Array): void;
  /** The newest message of a type; waits for the first. */
  last<Type extends AnyMessage['type']>(type: Type): Promise<MessageOf<Type>>;
}

/** A switch with two clients that know nothing of each other, on virtual time. */
export interface MemoryLine extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly network: MemoryNetwork;
  readonly callSwitch: Switch;
  readonly phones: ScriptedPhones;
  readonly keys: { readonly owner: NewApiKey; readonly other: NewApiKey };
  readonly operatorToken: string;
  /** Opens a socket with a bearer token. */
  open(path: keyof typeof paths, token: string): Promise<MemoryPeer>;
  /** Status and code with which a token is refused; `undefined` where it opens a socket. */
  refusal(path: keyof typeof paths, token: string): Promise<string | undefined>;
  /** A control connection that takes calls. */
  client(who: 'owner' | 'other'): Promise<MemoryPeer>;
}

/** A call that has been offered to a client. */
export interface OfferedCall {
  readonly caller: Phone;
  readonly callId: string;
  readonly token: string;
}

const host = '127.0.0.1:7350';
/** The numbers of the two connectors. */
const numbers = { owner: '+15550100', other: '+15550200' } as const;

/** Opens it. */
export function openMemoryLine(): MemoryLine {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const network = createMemoryNetwork({ clock });
  const phones = createScriptedPhones({ clock });
  const keys = { owner: createApiKey(), other: createApiKey() };
  const operator = createOperatorToken();
  const connectorOf = (uuid: 'owner' | 'other') => ({ uuid, numbers: [numbers[uuid]], keys: [keys[uuid].stored] });
  const callSwitch = createSwitch({
    clock,
    legs: [phones],
    connectors: [connectorOf('owner'), connectorOf('other')],
    operators: { tokenSha256: operator.sha256, dev: true },
  });
  const server = network.listen({ host, onUpgrade: callSwitch.onUpgrade, onRequest: callSwitch.onRequest });
  callSwitch.start();

  const connect = (path: keyof typeof paths, token: string): Promise<Socket> =>
    clock.runUntil(
      network.connect({
        url: `ws://${host}${paths[path]}`,
        subprotocols: [subprotocols[path]],
        headers: { authorization: `Bearer ${token}` },
        maxMessageBytes: limits.mediaMessageBytes,
        openTimeoutMs: 1_000,
      }),
      { maxMs: 2_000 },
    );
  const open = async (path: keyof typeof paths, token: string): Promise<MemoryPeer> =>
    createMemoryPeer(clock, await connect(path, token));

  return {
    clock,
    network,
    callSwitch,
    phones,
    keys,
    operatorToken: operator.token,
    open,
    refusal: async (path, token) => {
      try {
        (await connect(path, token)).terminate();
        return undefined;
      } catch (cause) {
        const { status, body = '{}' } = cause as SocketOpenError;
        return `${status} ${(JSON.parse(body) as { readonly code?: string }).code}`;
      }
    },
    client: async (who) => {
      const control = await open('control', keys[who].key);
      control.send({ type: 'hello', client: 'raw' });
      await control.last('welcome');
      control.send({ type: 'ready', ready: true });
      await clock.advance(0);
      return control;
    },
    [Symbol.asyncDispose]: async () => {
      await clock.runUntil(Promise.all([callSwitch.close(), server.close()]), { maxMs: 10_000 });
    },
  };
}

let lastNumber = 0;

/** A caller dials, and the client is offered the call. */
export async function placeCall(line: MemoryLine, to: 'owner' | 'other', control: MemoryPeer): Promise<OfferedCall> {
  const caller = line.phones.phone(`+1555${String(++lastNumber).padStart(4, '0')}`);
  const outcome = caller.dial(numbers[to]);
  if (!outcome.accepted) throw new Error(outcome.message);
  await line.clock.advance(0);
  const { callId, mediaToken: token } = await control.last('offer');
  if (callId !== outcome.callId) throw new Error('another call is offered');
  return { caller, callId, token };
}

/** Attaches with a token and answers. */
export async function answer(line: MemoryLine, token: string): Promise<MemoryPeer> {
  const media = await line.open('media', token);
  media.send({ type: 'attach', sampleRateHz: 24_000 });
  media.send({ type: 'answer', id: 1 });
  await media.last('response');
  return media;
}

function createMemoryPeer(clock: VirtualClock, socket: Socket): MemoryPeer {
  const messages: AnyMessage[] = [];
  const heard: number[] = [];
  let closed: SocketClose | undefined;
  let wake: () => void = () => undefined;
  const send = (message: AnyMessage): void => socket.send(encode(message));
  socket.start({
    text: (text) => {
      const message = JSON.parse(text) as AnyMessage;
      messages.push(message);
      if (message.type === 'ping') send({ type: 'pong', id: message.id });
      wake();
    },
    binary: (bytes) => {
      const { header, samples } = decodeFrame(bytes);
      if (header.track === tracks.mix) heard.push(...samples);
    },
    closed: (close) => {
      closed = close;
      wake();
    },
  });
  const find = async <Type extends AnyMessage['type']>(type: Type): Promise<MessageOf<Type>> => {
    for (;;) {
      const found = messages.findLast((message): message is MessageOf<Type> => message.type === type);
      if (found !== undefined) return found;
      if (closed !== undefined) throw new Error(`no ${type}: closed with ${closed.code} ${closed.reason}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    socket,
    heard,
    get closed() {
      return closed;
    },
    send,
    speak: (samples) => {
      socket.send(encodeFrame({ track: tracks.agent, generation: 0, flags: 0, position: 0 }, samples));
    },
    last: (type) => clock.runUntil(find(type), { maxMs: 30_000 }),
  };
}
