import type { Clock } from '@agentao/clock';
import {
  type CloseCodeName,
  closeCodes,
  type ControlClientMessage,
  type ControlHello,
  type ControlOffer,
  type ControlSwitchMessage,
  decodeControlClient,
  encode,
  limits,
  paths,
  subprotocols,
} from '@agentao/protocol';
import type { Socket, SocketServer, UpgradeDecision, UpgradeRequest } from '@agentao/transport';
import type { MemoryNetwork } from '@agentao/transport/memory';
import { ScriptedCall } from './scripted-call.ts';

/** One control connection as the switch sees it. */
export class ScriptedSession {
  readonly authorization: string | undefined;
  readonly messages: ControlClientMessage[] = [];
  hello: ControlHello | undefined;
  ready = false;
  closedWith: number | undefined;
  readonly #socket: Socket;

  constructor(socket: Socket, authorization: string | undefined, welcome: boolean) {
    this.#socket = socket;
    this.authorization = authorization;
    socket.start({
      text: (raw) => {
        const message = decodeControlClient(raw);
        if (message.type === 'unknown') return;
        this.messages.push(message);
        if (message.type === 'hello') {
          this.hello = message;
          if (welcome)
            this.send({ type: 'welcome', sessionId: 's-1', connectorUuid: 'c-1', heartbeatMs: limits.heartbeatMs });
        }
        if (message.type === 'ready') this.ready = message.ready;
        if (message.type === 'ping') this.send({ type: 'pong', id: message.id });
      },
      binary: () => undefined,
      closed: ({ code }) => {
        this.closedWith = code;
      },
    });
  }

  send(message: ControlSwitchMessage): void {
    this.#socket.send(encode(message));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  close(name: CloseCodeName): void {
    this.#socket.close(closeCodes[name].code);
  }

  cut(): void {
    this.#socket.terminate();
  }

  /** The offers this client declined. */
  get declined(): string[] {
    return this.messages.flatMap((message) => (message.type === 'decline' ? [message.offerId] : []));
  }
}

/** A peer that speaks the switch's side of the protocol as the test tells it to. */
export class ScriptedSwitch {
  readonly sessions: ScriptedSession[] = [];
  readonly calls: ScriptedCall[] = [];
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  readonly server: SocketServer;
  /** Refuses control connections instead of taking them. */
  refusal: { readonly status: number; readonly code: string; readonly message: string } | undefined;
  /** Refuses media connections instead of taking them. */
  mediaRefusal: ScriptedSwitch['refusal'];
  /** Whether `hello` is answered. */
  welcomes = true;
  readonly #clock: Clock;

  constructor(options: { readonly clock: Clock; readonly network: MemoryNetwork; readonly host: string }) {
    this.#clock = options.clock;
    this.server = options.network.listen({ host: options.host, onUpgrade: (request) => this.#upgrade(request) });
  }

  /** The newest control connection. */
  get session(): ScriptedSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error('no client has connected');
    return session;
  }

  /** Offers a call to the newest client. */
  offer(fields: Partial<ControlOffer> = {}): ScriptedCall {
    const number = this.calls.length + 1;
    const call = new ScriptedCall(
      {
        type: 'offer',
        offerId: `offer-${number}`,
        callId: `call-${number}`,
        callerNumber: '+15550001',
        calleeNumber: '+15559999',
        direction: 'MT',
        mediaUrl: paths.media,
        mediaToken: `token-${number}`,
        acceptWithinMs: limits.acceptTimeoutMs,
        ...fields,
      },
      this.#clock,
    );
    this.calls.push(call);
    this.session.send(call.offer);
    return call;
  }

  #upgrade({ path, headers }: UpgradeRequest): UpgradeDecision {
    const authorization = headers.get('authorization');
    this.asked.push(path);
    if (path === paths.control) {
      if (this.refusal !== undefined) return { accept: false, ...this.refusal };
      return {
        accept: true,
        subprotocol: subprotocols.control,
        maxMessageBytes: limits.controlMessageBytes,
        open: (socket) => this.sessions.push(new ScriptedSession(socket, authorization, this.welcomes)),
      };
    }
    if (this.mediaRefusal !== undefined) return { accept: false, ...this.mediaRefusal };
    const call = this.calls.find(
      ({ offer, onResume, resumeToken }) =>
        authorization === `Bearer ${offer.mediaToken}` || (onResume && authorization === `Bearer ${resumeToken}`),
    );
    if (call === undefined) return { accept: false, status: 401, code: 'INVALID_TOKEN', message: 'no such token' };
    return {
      accept: true,
      subprotocol: subprotocols.media,
      maxMessageBytes: limits.mediaMessageBytes,
      open: (socket) => call.serve(socket),
    };
  }
}
