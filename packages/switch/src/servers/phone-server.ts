import type { LegHost, LegProvider } from '../legs/leg.ts';
import type { Admission } from './admission.ts';
import { openPhoneConnection, type PhoneConnectionContext, type PhoneRegistry } from './phone-connection.ts';
import { admitVisitor, type Visitor } from './visitor.ts';

/** The server behind `/phone`, and the provider of its phones' legs. */
export interface PhoneServer extends LegProvider {
  readonly admit: (visitor: Visitor) => Admission;
}

/** Creates a phone server without phones. */
export function createPhoneServer(context: Omit<PhoneConnectionContext, 'incoming'>): PhoneServer {
  const registry: PhoneRegistry = { connections: new Set(), byNumber: new Map() };
  let host: LegHost | undefined;

  const shared: PhoneConnectionContext = {
    ...context,
    incoming: (call) =>
      host?.incoming(call) ?? { accepted: false, code: 'SHUTTING_DOWN', message: 'the switch takes no calls' },
  };

  return {
    name: 'phone-socket',
    admit: (visitor) => {
      const { clock, logger, limits } = context;
      const { phoneMessagesPerSecond: messagesPerSecond, unreadBytes } = limits;
      return admitVisitor(visitor, { clock, logger, messagesPerSecond, unreadBytes }, (peer) =>
        openPhoneConnection(peer, { ...shared, registry }),
      );
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
