import type { UpgradeRequest } from '@agentao/transport';
import { isSha256Hex, matchesSha256 } from '../connectors/api-key.ts';
import type { LegHost, LegProvider } from '../legs/leg.ts';
import { type Admission, bearerToken, refuse } from './admission.ts';
import { createPeer } from './peer.ts';
import { openPhoneConnection, type PhoneConnectionContext, type PhoneRegistry } from './phone-connection.ts';

/** How phones may connect over `agentao.phone.v1`. */
export interface PhonesOptions {
  /** SHA-256 of the operator token, as `createOperatorToken` gives it. */
  readonly operatorTokenSha256: string;
  /** Lets phones dial and choose their caller number. For development only; default false. */
  readonly dev?: boolean;
}

/** The server behind `/phone`, and the provider of its phones' legs. */
export interface PhoneServer extends LegProvider {
  readonly admit: (request: UpgradeRequest) => Admission;
}

/** Creates a phone server without phones. Throws a TypeError for something that is no SHA-256. */
export function createPhoneServer(
  phones: PhonesOptions,
  context: Omit<PhoneConnectionContext, 'dev' | 'incoming'>,
): PhoneServer {
  const { operatorTokenSha256, dev = false } = phones;
  if (!isSha256Hex(operatorTokenSha256)) throw new TypeError('phones.operatorTokenSha256 must be 64 hex digits');
  const registry: PhoneRegistry = { connections: new Set(), byNumber: new Map() };
  let host: LegHost | undefined;

  const shared: PhoneConnectionContext = {
    ...context,
    dev,
    incoming: (call) =>
      host?.incoming(call) ?? { accepted: false, code: 'SHUTTING_DOWN', message: 'the switch takes no calls' },
  };

  return {
    name: 'phone-socket',
    admit: (request) => {
      if (!matchesSha256(bearerToken(request), operatorTokenSha256)) {
        return refuse('UNAUTHENTICATED', 'a valid operator token is needed');
      }
      return {
        accept: true,
        open: (socket, onGone) => {
          const { clock, logger, limits } = context;
          const { phoneMessagesPerSecond: messagesPerSecond, unreadBytes } = limits;
          const peer = createPeer(socket, { clock, logger, messagesPerSecond, unreadBytes, onGone });
          openPhoneConnection(peer, { ...shared, registry });
        },
      };
    },
    start: (legHost) => {
      host = legHost;
    },
    ring: ({ callId, number, from }) => registry.byNumber.get(number)?.ring(callId, from),
    close: () => {
      host = undefined;
      for (const connection of [...registry.connections]) connection.close('GOING_AWAY');
      return Promise.resolve();
    },
  };
}
