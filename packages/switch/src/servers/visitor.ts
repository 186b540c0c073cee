import { ticketSubprotocolPrefix } from '@agentao/protocol';
import type { UpgradeRequest } from '@agentao/transport';
import type { Operators } from '../operators/operators.ts';
import type { OperatorRole } from '../operators/operator-sessions.ts';
import { type Admission, bearerToken, type Refusal, refuse } from './admission.ts';
import { createPeer, type Peer, type PeerOptions } from './peer.ts';

/** Who opens a socket on `/phone` or `/monitor`: a program with the operator token, or a browser with a ticket. */
export interface Visitor {
  readonly role: OperatorRole;
  /** Calls `close` when what the visitor came with is no longer good. Returns what lets go. */
  hold(close: () => void): () => void;
}

const program: Visitor = { role: 'operator', hold: () => () => undefined };

/** Who sends an upgrade, or why nobody may. Every ticket that is shown is used up. */
export function identifyVisitor(request: UpgradeRequest, operators: Operators): Visitor | Refusal {
  const tickets = request.subprotocols.filter((name) => name.startsWith(ticketSubprotocolPrefix));
  const sessions = tickets.map((ticket) => operators.takeTicket(ticket.slice(ticketSubprotocolPrefix.length)));
  const token = bearerToken(request);
  if (token !== '') {
    return operators.holdsToken(token) ? program : refuse('UNAUTHENTICATED', 'a valid operator token is needed');
  }
  const [session] = sessions;
  if (session !== undefined && sessions.length === 1) return session;
  if (tickets.length > 0) return refuse('INVALID_TOKEN', 'the ticket opens nothing, or no longer');
  return refuse('UNAUTHENTICATED', 'an operator token or a ticket is needed');
}

/** Lets a visitor in: hands its socket on as a peer, which is closed with 4401 when the visitor's session ends. */
export function admitVisitor(
  visitor: Visitor,
  options: Omit<PeerOptions, 'onGone'>,
  open: (peer: Peer) => void,
): Admission {
  return {
    accept: true,
    open: (socket, onGone) => {
      const peer = createPeer(socket, {
        ...options,
        onGone: () => {
          release();
          onGone();
        },
      });
      open(peer);
      const release = visitor.hold(() => peer.close('UNAUTHENTICATED'));
    },
  };
}
