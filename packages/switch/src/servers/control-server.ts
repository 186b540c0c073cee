import type { CloseCodeName } from '@agentao/protocol';
import type { UpgradeRequest } from '@agentao/transport';
import type { ConnectorDirectory } from '../connectors/connector-directory.ts';
import type { Credential, RevokedCredential } from '../connectors/credential.ts';
import { type Admission, refuse } from './admission.ts';
import { type ControlSession, type ControlSessionContext, openControlSession } from './control-session.ts';
import { identifyClient } from './identify-client.ts';
import { createPeer } from './peer.ts';
import type { ServerLimits } from './server-limits.ts';

/** What the control server is given. */
export interface ControlServerOptions extends ControlSessionContext {
  readonly directory: ConnectorDirectory;
  readonly limits: ServerLimits;
}

/** The server behind `/control`. */
export interface ControlServer {
  readonly admit: (request: UpgradeRequest) => Admission;
  /** Closes the sessions of credentials that are no longer good, with 4401 unless told otherwise. */
  revoke(revoked: RevokedCredential, name?: CloseCodeName, reason?: string): void;
  /** Closes all sessions with 1001. */
  close(): void;
}

/** Creates a control server without sessions. */
export function createControlServer(options: ControlServerOptions): ControlServer {
  const { clock, logger, directory, limits: serverLimits } = options;
  const sessions = new Set<ControlSession>();
  const socketsByClient = new Map<string, number>();

  const count = (client: string, change: 1 | -1): void => {
    const sockets = (socketsByClient.get(client) ?? 0) + change;
    if (sockets === 0) socketsByClient.delete(client);
    else socketsByClient.set(client, sockets);
  };

  return {
    admit: (request) => {
      const holder = identifyClient(request, directory);
      if ('accept' in holder) return holder;
      const client = clientOf(holder);
      if ((socketsByClient.get(client) ?? 0) >= serverLimits.sessionsPerKey) {
        return refuse('RATE_LIMITED', `this client has ${serverLimits.sessionsPerKey} sessions already`);
      }
      return {
        accept: true,
        open: (socket, onGone) => {
          count(client, 1);
          const peer = createPeer(socket, {
            clock,
            logger,
            messagesPerSecond: serverLimits.controlMessagesPerSecond,
            unreadBytes: serverLimits.unreadBytes,
            onGone: () => {
              count(client, -1);
              onGone();
            },
          });
          openControlSession(peer, holder, { ...options, sessions });
          if (!directory.holds(holder)) peer.close('UNAUTHENTICATED');
          // The connectors have been replaced between the request and the socket.
          else if (!holder.connectors.every((connector) => directory.list.includes(connector)))
            peer.close('GOING_AWAY');
        },
      };
    },
    revoke: (revoked, name = 'UNAUTHENTICATED', reason) => {
      for (const session of [...sessions]) {
        if (revoked(session.credential, session.connectorUuid)) session.close(name, reason);
      }
    },
    close: () => {
      for (const session of [...sessions]) session.close('GOING_AWAY');
    },
  };
}

/** What the sessions of one client are counted under. No key id has a colon. */
function clientOf({ keyId, certificate }: Credential): string {
  return keyId ?? `name:${certificate?.commonName ?? ''}`;
}
