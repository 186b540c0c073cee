import { createApiKey, createOperatorToken, createSwitch } from '@agentao/switch';
import type { HttpReply, Socket, UpgradeDecision } from '@agentao/transport';
import { listenWs } from '@agentao/transport/ws';
import { clock } from './real-line.ts';

/** A message on its way. */
export type Message = { readonly type: string; readonly [field: string]: unknown };

/** What is wrong on one connection; what is left out is right. */
export interface ConnectionFault {
  /** What goes out instead of a message of the switch: objects, or a text as it is. */
  says?(message: Message): readonly (Message | string)[];
  /** What the switch is told instead of a message of its peer. */
  hears?(message: Message): readonly Message[];
  /** What goes out instead of audio of the switch; may be changed in place. */
  plays?(frame: Uint8Array): readonly Uint8Array[];
  /** The code it is closed with. */
  closes?(code: number): number;
}

/** Something that a switch does wrong. */
export interface SwitchFault {
  /** The rule that this breaks. */
  readonly clause: string;
  readonly what: string;
  /** Made anew for each connection at `path`. */
  readonly connection?: (path: string) => ConnectionFault;
  readonly decides?: (decision: UpgradeDecision) => UpgradeDecision;
  readonly replies?: (reply: HttpReply) => HttpReply;
}

/** A switch on a real port, as a conformance kit is told of it. */
export interface SwitchToTest extends AsyncDisposable {
  readonly url: string;
  readonly apiKey: string;
  readonly operatorToken: string;
}

/** Opens it, with a connector for all numbers that begin with +1555, and with a fault if one is given. */
export async function openSwitchToTest(fault?: SwitchFault): Promise<SwitchToTest> {
  const { key, stored } = createApiKey();
  const operator = createOperatorToken();
  const callSwitch = createSwitch({
    clock,
    connectors: [{ uuid: 'conformance', numbers: ['+1555*'], keys: [stored] }],
    operators: { tokenSha256: operator.sha256, dev: true },
  });
  const server = await listenWs({
    clock,
    port: 0,
    onUpgrade: (request) => {
      const right = callSwitch.onUpgrade(request);
      const decision = fault?.decides?.(right) ?? right;
      const connection = fault?.connection?.(request.path);
      if (!decision.accept || connection === undefined) return decision;
      return { ...decision, open: (socket) => decision.open(withFault(socket, connection)) };
    },
    onRequest: (request) => {
      const reply = callSwitch.onRequest(request);
      return reply === undefined ? undefined : (fault?.replies?.(reply) ?? reply);
    },
  });
  callSwitch.start();
  return {
    url: server.url,
    apiKey: key,
    operatorToken: operator.token,
    [Symbol.asyncDispose]: async () => {
      await callSwitch.close();
      await server.close();
    },
  };
}

function withFault(socket: Socket, fault: ConnectionFault): Socket {
  return {
    get subprotocol() {
      return socket.subprotocol;
    },
    get bufferedBytes() {
      return socket.bufferedBytes;
    },
    get lastReceivedMs() {
      return socket.lastReceivedMs;
    },
    start: (handlers) =>
      socket.start({
        ...handlers,
        text: (text) => {
          const message = parsed(text);
          if (message === undefined || fault.hears === undefined) handlers.text(text);
          else for (const instead of fault.hears(message)) handlers.text(JSON.stringify(instead));
        },
        binary: (bytes) => handlers.binary(bytes),
        closed: (close) => handlers.closed(close),
      }),
    send: (data) => {
      if (typeof data !== 'string') {
        for (const frame of fault.plays?.(data) ?? [data]) socket.send(frame);
        return;
      }
      const message = parsed(data);
      for (const instead of message === undefined ? [data] : (fault.says?.(message) ?? [data])) {
        socket.send(typeof instead === 'string' ? instead : JSON.stringify(instead));
      }
    },
    close: (code = 1000, reason) => socket.close(fault.closes?.(code) ?? code, reason),
    terminate: () => socket.terminate(),
  };
}

function parsed(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isMessage = typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
    return isMessage ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}
