import { limits as wire, paths, subprotocols } from '@agentao/protocol';
import type { UpgradeDecision, UpgradeHandler, UpgradeRequest } from '@agentao/transport';
import type { Operators } from '../operators/operators.ts';
import type { OperatorRole } from '../operators/operator-sessions.ts';
import { type Admission, type Refusal, refuse } from './admission.ts';
import type { AllowedHosts } from './allowed-hosts.ts';
import type { ServerLimits } from './server-limits.ts';
import { identifyVisitor, type Visitor } from './visitor.ts';

/** The servers behind the paths, and whether they take new sockets. */
export interface SocketGateOptions {
  readonly limits: ServerLimits;
  readonly control: (request: UpgradeRequest) => Admission;
  readonly media: (request: UpgradeRequest) => Admission;
  /** Left out: nothing is at `/phone` and `/monitor`. */
  readonly operators: OperatorGate | undefined;
  /** `running` takes everything, `draining` only the media connections of calls under way, `closed` nothing. */
  readonly phase: () => 'closed' | 'running' | 'draining';
  /** Told of each socket that opens; the result is told that it is gone. */
  readonly onOpened: (path: string) => () => void;
}

/** What decides on the sockets of people. */
export interface OperatorGate {
  readonly operators: Operators;
  readonly hosts: AllowedHosts;
  readonly phone: (visitor: Visitor) => Admission;
  readonly monitor: (visitor: Visitor) => Admission;
}

/** One path. What is not its own business has been decided when `admit` is asked. */
interface Route {
  readonly subprotocol: string;
  readonly maxMessageBytes: number;
  readonly whileDraining: boolean;
  /** Why the page that sent this is refused, if it is. */
  readonly refusesOrigin: (headers: UpgradeRequest['headers']) => string | undefined;
  readonly admit: (request: UpgradeRequest, visitor: Visitor | Refusal | undefined) => Admission;
}

/** Decides on every incoming socket: path, subprotocol, origin, limits, then the credentials. */
export function createSocketGate(options: SocketGateOptions): UpgradeHandler {
  const { limits, operators: gate, phase, onOpened } = options;
  const routes = createRoutes(options);
  const socketsByAddress = new Map<string, number>();

  const count = (address: string, change: 1 | -1): void => {
    const sockets = (socketsByAddress.get(address) ?? 0) + change;
    if (sockets === 0) socketsByAddress.delete(address);
    else socketsByAddress.set(address, sockets);
  };

  return (request): UpgradeDecision => {
    // First of all, because a ticket is used up whatever the answer.
    const visitor = gate && identifyVisitor(request, gate.operators);
    const found = routes.get(request.path);
    if (found === undefined) return refuse('NOT_FOUND', 'there is no socket at this path');
    const { subprotocol, maxMessageBytes } = found;
    if (!request.subprotocols.includes(subprotocol)) {
      return refuse('SUBPROTOCOL_UNSUPPORTED', `this path speaks ${subprotocol}`);
    }
    const refused = found.refusesOrigin(request.headers);
    if (refused !== undefined) return refuse('FORBIDDEN', refused);
    const now = phase();
    if (now === 'closed' || (now === 'draining' && !found.whileDraining)) {
      return refuse('SHUTTING_DOWN', 'the switch takes no new connections');
    }
    const { remoteAddress } = request;
    if ((socketsByAddress.get(remoteAddress) ?? 0) >= limits.socketsPerAddress) {
      return refuse('RATE_LIMITED', `this address has ${limits.socketsPerAddress} sockets open already`);
    }
    const admission = found.admit(request, visitor);
    if (!admission.accept) return admission;
    return {
      accept: true,
      subprotocol,
      maxMessageBytes,
      open: (socket) => {
        const gone = onOpened(request.path);
        count(remoteAddress, 1);
        admission.open(socket, () => {
          count(remoteAddress, -1);
          gone();
        });
      },
    };
  };
}

function createRoutes({ control, media, operators: gate }: SocketGateOptions): ReadonlyMap<string, Route> {
  const forAgents = {
    whileDraining: false,
    // A page must not speak for its visitor; programs send no origin.
    refusesOrigin: (headers: UpgradeRequest['headers']) =>
      headers.has('origin') ? 'this origin is not allowed' : undefined,
  };
  const { controlMessageBytes, mediaMessageBytes } = wire;
  const routes = new Map<string, Route>([
    [
      paths.control,
      { ...forAgents, subprotocol: subprotocols.control, maxMessageBytes: controlMessageBytes, admit: control },
    ],
    [
      paths.media,
      {
        ...forAgents,
        subprotocol: subprotocols.media,
        maxMessageBytes: mediaMessageBytes,
        whileDraining: true,
        admit: media,
      },
    ],
  ]);
  if (gate === undefined) return routes;
  const { hosts, phone, monitor } = gate;
  const forPeople = {
    maxMessageBytes: controlMessageBytes,
    whileDraining: false,
    refusesOrigin: (headers: UpgradeRequest['headers']) => hosts.refusesOrigin(headers),
  };
  routes.set(paths.phone, { ...forPeople, subprotocol: subprotocols.phone, admit: admitting(['operator'], phone) });
  routes.set(paths.monitor, {
    ...forPeople,
    subprotocol: subprotocols.monitor,
    admit: admitting(['operator', 'viewer'], monitor),
  });
  return routes;
}

/** Lets in visitors of these roles. */
function admitting(roles: readonly OperatorRole[], admit: (visitor: Visitor) => Admission): Route['admit'] {
  return (_request, visitor) => {
    if (visitor === undefined) return refuse('UNAUTHENTICATED', 'an operator token or a ticket is needed');
    if ('accept' in visitor) return visitor;
    if (!roles.includes(visitor.role)) return refuse('FORBIDDEN', `this is not for a ${visitor.role}`);
    return admit(visitor);
  };
}
