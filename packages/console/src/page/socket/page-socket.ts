import { paths, subprotocols, ticketSubprotocolPrefix } from '@agentao/protocol';

/** What is used of a browser's `WebSocket`. */
export type PageSocket = Pick<
  WebSocket,
  'binaryType' | 'protocol' | 'bufferedAmount' | 'addEventListener' | 'send' | 'close'
>;

/** The sockets that a page opens. */
export type SocketKind = 'phone' | 'monitor';

/** Opens a socket of a kind with a one-use ticket; the answer comes as its events. */
export type OpenPageSocket = (kind: SocketKind, ticket: string) => PageSocket;

/** Opens WebSockets on the page's own origin. */
export const openBrowserSocket: OpenPageSocket = (kind, ticket) =>
  new WebSocket(paths[kind], [subprotocols[kind], ticketSubprotocolPrefix + ticket]);
