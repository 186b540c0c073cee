import type { SocketKind } from '../socket/page-socket.ts';

/** What flows between line and handset: nothing, from the line only, or both ways. */
export type AudioFlow = 'none' | 'heard' | 'both';

/** Page -> worker. `id` is that of a socket, counted by the page. */
export type RelayOrder =
  | { readonly type: 'open'; readonly id: number; readonly kind: SocketKind; readonly ticket: string }
  | { readonly type: 'send'; readonly id: number; readonly text: string }
  | { readonly type: 'close'; readonly id: number; readonly code: number }
  | { readonly type: 'flow'; readonly flow: AudioFlow }
  /** The way to the handset that is in use from now on; the port is transferred. */
  | { readonly type: 'handset'; readonly port: MessagePort };

/** Worker -> page. */
export type RelayReport =
  | { readonly type: 'opened'; readonly id: number; readonly protocol: string }
  | { readonly type: 'text'; readonly id: number; readonly text: string }
  /** A binary message that is no audio of a phone. */
  | { readonly type: 'refused'; readonly id: number; readonly bytes: ArrayBuffer }
  | { readonly type: 'closed'; readonly id: number; readonly code: number };
