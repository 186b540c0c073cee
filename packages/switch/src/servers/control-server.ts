import type { UpgradeRequest } from '@agentao/transport';
import type { ConnectorDirectory } from '../connectors/connector-directory.ts';
import { type Admission, bearerToken, refuse } from './admission.ts';
import { type ControlSession, type ControlSessionContext, openControlSession } from './control-session.ts';
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
  /** Closes the sessions of a key with 4401. */
  revoke(keyId: string): void;
  /** Closes all sessions with 1001. */
  close(): void;
}

/** Creates a control server without sessions. */
export function createControlServer(options: ControlServerOptions): ControlServer {
  const { clock, logger, directory, limits: serverLimits } = options;
  const sessions = new Set<ControlSession>();
  const socketsByKey = new Map<string, number>();

  const count = (keyId: string, change: 1 | -1): void => {
    const sockets = (socketsByKey.get(keyId) ?? 0) + change;
    if (sockets === 0) socketsByKey.delete(keyId);
    else socketsByKey.set(keyId, sockets);
  };

  return {
    admit: (request) => {
      const holder = directory.byKey(bearerToken(request));
      if (holder === undefined) return refuse('UNAUTHENTICATED', 'a valid API key is needed');
      const { keyId, connectors } = holder;
      if ((socketsByKey.get(keyId) ?? 0) >= serverLimits.sessionsPerKey) {
        return refuse('RATE_LIMITED', `this key has ${serverLimits.sessionsPerKey} sessions already`);
      }
      const { clientCertificate } = request;
      return {
        accept: true,
        open: (socket, onGone) => {
          count(keyId, 1);
          const peer = createPeer(socket, {
            clock,
            logger,
            messagesPerSecond: serverLimits.controlMessagesPerSecond,
            unreadBytes: serverLimits.unreadBytes,
            onGone: () => {
              count(keyId, -1);
              onGone();
            },
          });
          openControlSession(peer, { keyId, connectors, clientCertificate }, { ...options, sessions });
          if (!directory.holds(keyId)) peer.close('UNAUTHENTICATED');
        },
      };
    },
    revoke: (keyId) => {
      for (const session of [...sessions]) if (session.keyId === keyId) session.close('UNAUTHENTICATED');
    },
    close: () => {
      for (const session of [...sessions]) session.close('GOING_AWAY');
    },
  };
}
