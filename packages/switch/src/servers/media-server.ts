import type { UpgradeRequest } from '@agentao/transport';
import type { ClientCertificate } from '../connectors/client-certificate.ts';
import type { RevokedCredential } from '../connectors/credential.ts';
import type { MediaTokens } from '../offers/media-tokens.ts';
import { type Admission, bearerToken, type Refusal, refuse } from './admission.ts';
import { isReplaced, type MediaAgent } from './media-agent.ts';
import {
  type MediaConnection,
  type MediaConnectionContext,
  type MediaEntry,
  type MediaRegister,
  openMediaConnection,
} from './media-connection.ts';
import { createPeer } from './peer.ts';
import { createResumeTokens } from './resume-tokens.ts';

/** What the media server is given. */
export interface MediaServerOptions extends MediaConnectionContext {
  readonly tokens: MediaTokens;
}

/** The server behind `/media`. */
export interface MediaServer {
  /** `certificate` is that of the request, which is good. */
  readonly admit: (request: UpgradeRequest, certificate: ClientCertificate | undefined) => Admission;
  /** Closes the connections of credentials that are no longer good, with 4401, and waits for none of their agents. */
  revoke(revoked: RevokedCredential): void;
  /** Resolves when no agent whose part is over may still annotate: at once, or 5 s later at most. */
  noted(): Promise<void>;
  /** Closes all connections, with 1001 where a part is not over. */
  close(): void;
}

/** Creates a media server without connections. */
export function createMediaServer(options: MediaServerOptions): MediaServer {
  const { clock, logger, limits, tokens } = options;
  const connections = new Set<MediaConnection>();
  const agents = new Set<MediaAgent>();
  const noting = new Set<MediaConnection>();
  const waiting: (() => void)[] = [];
  const register: MediaRegister = {
    connections,
    noting: {
      add: (connection) => void noting.add(connection),
      delete: (connection) => {
        if (noting.delete(connection) && noting.size === 0) for (const resolve of waiting.splice(0)) resolve();
      },
    },
    agents,
    tokens: createResumeTokens<MediaAgent>(clock),
  };

  const identify = (token: string, certificate: ClientCertificate | undefined): MediaEntry | Refusal => {
    // The certificate may be a newer one of the same name; it is the one that can be revoked from here on.
    const shown = certificate === undefined ? {} : { certificate };
    const grant = tokens.take(token, certificate?.commonName);
    if (grant !== undefined) {
      return { by: 'offer', grant: { ...grant, credential: { ...grant.credential, ...shown } } };
    }
    const agent = register.tokens.find(token);
    if (agent === undefined || agent.credential.certificate?.commonName !== certificate?.commonName) {
      return refuse('INVALID_TOKEN', 'the media token opens nothing, or no longer');
    }
    if (agent.state.name === 'over' && isReplaced(agent.state.farewell)) {
      return refuse('TAKEN_OVER', 'the call goes on without this client');
    }
    return { by: 'resume', token, agent, credential: { ...agent.credential, ...shown } };
  };

  return {
    admit: (request, certificate) => {
      const token = bearerToken(request);
      if (token === '') return refuse('UNAUTHENTICATED', 'a media token is needed');
      const entry = identify(token, certificate);
      if ('accept' in entry) return entry;
      return {
        accept: true,
        open: (socket, onGone) => {
          const { mediaMessagesPerSecond: messagesPerSecond, unreadBytes } = limits;
          const peer = createPeer(socket, {
            clock,
            logger,
            messagesPerSecond,
            unreadBytes,
            onGone: (code) => {
              connection.gone(code);
              onGone();
            },
          });
          const connection = openMediaConnection(peer, entry, { ...options, register });
        },
      };
    },
    revoke: (revoked) => {
      // Who has been put out does not come back to hear how a call of theirs has ended either.
      register.tokens.forgetAll(
        ({ state, credential, call }) => state.name === 'over' && revoked(credential, call.connectorUuid),
      );
      for (const connection of [...connections]) {
        if (revoked(connection.credential, connection.connectorUuid)) connection.close('UNAUTHENTICATED');
      }
      for (const agent of [...agents]) if (revoked(agent.credential, agent.call.connectorUuid)) agent.giveUp();
    },
    noted: () => (noting.size === 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve))),
    close: () => {
      for (const connection of [...connections]) connection.close(noting.has(connection) ? 'NORMAL' : 'GOING_AWAY');
    },
  };
}
