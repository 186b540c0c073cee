import { limits as wire, paths, subprotocols } from '@agentao/protocol';
import type { UpgradeDecision, UpgradeHandler, UpgradeRequest } from '@agentao/transport';
import { type Admission, refuse } from './admission.ts';
import type { ServerLimits } from './server-limits.ts';

/** The servers behind the paths, and whether they take new sockets. */
export interface SocketGateOptions {
  readonly limits: ServerLimits;
  readonly control: (request: UpgradeRequest) => Admission;
  readonly media: (request: UpgradeRequest) => Admission;
  /** Left out: nothing is there. */
  readonly phone: ((request: UpgradeRequest) => Admission) | undefined;
  /** `running` takes everything, `draining` only the media connections of calls under way, `closed` nothing. */
  readonly phase: () => 'closed' | 'running' | 'draining';
}

interface Route {
  readonly subprotocol: string;
  readonly maxMessageBytes: number;
  readonly whileDraining: boolean;
  readonly admit: (request: UpgradeRequest) => Admission;
}

/** Decides on every incoming socket: path, subprotocol, limits, then the server's own credentials. */
export function createSocketGate(options: SocketGateOptions): UpgradeHandler {
  const { limits, control, media, phone, phase } = options;
  const { controlMessageBytes, mediaMessageBytes } = wire;
  const routes = new Map<string, Route>([
    [paths.control, route(subprotocols.control, controlMessageBytes, control)],
    [paths.media, { ...route(subprotocols.media, mediaMessageBytes, media), whileDraining: true }],
  ]);
  if (phone !== undefined) routes.set(paths.phone, route(subprotocols.phone, controlMessageBytes, phone));
  const socketsByAddress = new Map<string, number>();

  const count = (address: string, change: 1 | -1): void => {
    const sockets = (socketsByAddress.get(address) ?? 0) + change;
    if (sockets === 0) socketsByAddress.delete(address);
    else socketsByAddress.set(address, sockets);
  };

  return (request): UpgradeDecision => {
    const found = routes.get(request.path);
    if (found === undefined) return refuse('NOT_FOUND', 'there is no socket at this path');
    const { subprotocol, maxMessageBytes } = found;
    if (!request.subprotocols.includes(subprotocol)) {
      return refuse('SUBPROTOCOL_UNSUPPORTED', `this path speaks ${subprotocol}`);
    }
    // A page of another site must not speak for its visitor; programs send no origin.
    if (request.headers.has('origin')) return refuse('FORBIDDEN', 'this origin is not allowed');
    const now = phase();
    if (now === 'closed' || (now === 'draining' && !found.whileDraining)) {
      return refuse('SHUTTING_DOWN', 'the switch takes no new connections');
    }
    const { remoteAddress } = request;
    if ((socketsByAddress.get(remoteAddress) ?? 0) >= limits.socketsPerAddress) {
      return refuse('RATE_LIMITED', `this address has ${limits.socketsPerAddress} sockets open already`);
    }
    const admission = found.admit(request);
    if (!admission.accept) return admission;
    return {
      accept: true,
      subprotocol,
      maxMessageBytes,
      open: (socket) => {
        count(remoteAddress, 1);
        admission.open(socket, () => count(remoteAddress, -1));
      },
    };
  };
}

function route(subprotocol: string, maxMessageBytes: number, admit: Route['admit']): Route {
  return { subprotocol, maxMessageBytes, whileDraining: false, admit };
}
