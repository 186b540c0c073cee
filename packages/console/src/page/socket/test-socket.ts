import { encode, type AnyMessage, paths, subprotocols, ticketSubprotocolPrefix } from '@agentao/protocol';
import type { OpenPageSocket, PageSocket, SocketKind } from './page-socket.ts';

/** The page's end of a socket whose other end is the test. */
export class TestSocket extends EventTarget {
  binaryType: BinaryType = 'blob';
  protocol = '';
  bufferedAmount = 0;
  readonly path: string;
  readonly offered: readonly string[];
  /** Text messages that the page sent, parsed. */
  readonly texts: AnyMessage[] = [];
  readonly binaries: Uint8Array[] = [];
  /** The code with which the page closed. */
  closedWith: number | undefined;

  constructor(kind: SocketKind, ticket: string) {
    super();
    this.path = paths[kind];
    this.offered = [subprotocols[kind], ticketSubprotocolPrefix + ticket];
  }

  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (typeof data === 'string') this.texts.push(JSON.parse(data) as AnyMessage);
    else this.binaries.push(data as Uint8Array);
  }

  close(code?: number): void {
    this.closedWith ??= code;
  }

  accept(protocol: string | undefined = this.offered[0]): void {
    this.protocol = protocol ?? '';
    this.dispatchEvent(new Event('open'));
  }

  receive(data: AnyMessage | string | ArrayBuffer): void {
    const isText = typeof data === 'string' || data instanceof ArrayBuffer;
    this.dispatchEvent(new MessageEvent('message', { data: isText ? data : encode(data) }));
  }

  /** The other end has closed; 1006 is a connection that broke or never came about. */
  lose(code: number): void {
    this.dispatchEvent(new CloseEvent('close', { code }));
  }

  /** Messages of a type that the page sent. */
  sent<Type extends AnyMessage['type']>(type: Type): readonly Extract<AnyMessage, { type: Type }>[] {
    return this.texts.filter((message) => message.type === type) as Extract<AnyMessage, { type: Type }>[];
  }
}

/** The sockets that a page has opened, oldest first. */
export interface TestSockets {
  readonly all: readonly TestSocket[];
  /** The newest one; throws if there is none. */
  readonly last: TestSocket;
  readonly open: OpenPageSocket;
}

/** Makes a network in which nothing answers by itself. */
export function createTestSockets(): TestSockets {
  const all: TestSocket[] = [];
  return {
    all,
    get last() {
      const socket = all.at(-1);
      if (socket === undefined) throw new Error('the page has opened no socket');
      return socket;
    },
    open: (kind, ticket) => {
      const socket = new TestSocket(kind, ticket);
      all.push(socket);
      return socket as PageSocket;
    },
  };
}
