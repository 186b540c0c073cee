import type { UpgradeRequest } from '@agentao/transport';
import type { MediaTokens } from '../offers/media-tokens.ts';
import { type Admission, bearerToken, refuse } from './admission.ts';
import { type MediaConnection, type MediaConnectionContext, openMediaConnection } from './media-connection.ts';
import { createPeer } from './peer.ts';

/** What the media server is given. */
export interface MediaServerOptions extends MediaConnectionContext {
  readonly tokens: MediaTokens;
}

/** The server behind `/media`. */
export interface MediaServer {
  readonly admit: (request: UpgradeRequest) => Admission;
  /** Closes the connections that a key's sessions opened, with 4401. */
  revoke(keyId: string): void;
  /** Closes all connections with 1001. */
  close(): void;
}

/** Creates a media server without connections. */
export function createMediaServer(options: MediaServerOptions): MediaServer {
  const { clock, logger, limits, tokens } = options;
  const connections = new Set<MediaConnection>();
  return {
    admit: (request) => {
      const token = bearerToken(request);
      if (token === '') return refuse('UNAUTHENTICATED', 'a media token is needed');
      const grant = tokens.take(token, request.clientCertificate);
      if (grant === undefined) return refuse('INVALID_TOKEN', 'the media token opens nothing, or no longer');
      return {
        accept: true,
        open: (socket, onGone) => {
          const { mediaMessagesPerSecond: messagesPerSecond, unreadBytes } = limits;
          const peer = createPeer(socket, { clock, logger, messagesPerSecond, unreadBytes, onGone });
          openMediaConnection(peer, grant, { ...options, connections });
        },
      };
    },
    revoke: (keyId) => {
      for (const connection of [...connections]) if (connection.keyId === keyId) connection.close('UNAUTHENTICATED');
    },
    close: () => {
      for (const connection of [...connections]) connection.close('GOING_AWAY');
    },
  };
}
