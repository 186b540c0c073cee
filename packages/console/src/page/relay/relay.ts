import type { OpenPageSocket } from '../socket/page-socket.ts';
import type { AudioFlow } from './relay-messages.ts';

/** The page's end of a worker that has the sockets of one phone and carries their audio. */
export interface Relay {
  /** Opens a socket in the worker. Its audio does not come to the page, except what is none. */
  readonly open: OpenPageSocket;
  setFlow(flow: AudioFlow): void;
  /** Joins a handset by its port, in place of the last one. */
  join(port: MessagePort): void;
}

/** Makes a relay; `failed` is called when its worker is of no use any more: the next socket is opened in a new one. */
export type CreateRelay = (options: { readonly failed: () => void }) => Relay;
