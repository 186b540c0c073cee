import type { HttpHandler, HttpReply, HttpRequest } from '@agentao/transport';
import type { AllowedHosts } from './allowed-hosts.ts';
import { jsonReply, methodReply, refusalReply } from './http-replies.ts';
import type { HttpActions } from './operator-http.ts';

/** Whether a switch takes calls, and why not: not started, draining, closed, or so late with its ticks that it sheds calls. */
export type Readiness = 'ready' | 'starting' | 'draining' | 'stopped' | 'shedding';

/** What the HTTP side is given. */
export interface HttpOptions {
  /** `running` takes new calls and connections, `closed` not even a sign-in. */
  readonly phase: () => 'closed' | 'running' | 'draining';
  /** Whether calls are taken now, and why not. */
  readonly readiness: () => Readiness;
  /** Files to serve, by path. */
  readonly staticRoutes: ReadonlyMap<string, HttpReply>;
  /** What browsers are served and by which names they come; left out: the files, to everybody. */
  readonly operators: { readonly actions: ReadonlyMap<string, HttpActions>; readonly hosts: AllowedHosts } | undefined;
}

const unready: Readonly<Record<Exclude<Readiness, 'ready'>, string>> = {
  starting: 'the switch takes no calls yet',
  draining: 'the switch takes no new calls: it drains',
  stopped: 'the switch takes no calls any more',
  shedding: 'the switch takes no new calls for now: ticks of the running ones are late',
};

/** Answers `/healthz`, `/readyz`, what operators need, and the static routes; leaves the rest to the server's 404. */
export function createHttpHandler({ phase, readiness, staticRoutes, operators }: HttpOptions): HttpHandler {
  const probe = (path: string): HttpReply | undefined => {
    if (path === '/healthz') return jsonReply(200, { status: 'ok' });
    if (path !== '/readyz') return undefined;
    const status = readiness();
    if (status === 'ready') return jsonReply(200, { status });
    return jsonReply(503, {
      status,
      code: status === 'shedding' ? 'LIMIT_REACHED' : 'SHUTTING_DOWN',
      message: unready[status],
    });
  };

  return (request) => {
    const { method, path, headers } = request;
    const probed = probe(path);
    if (probed !== undefined) return readable(method, probed);
    const actions = operators?.actions.get(path);
    const file = staticRoutes.get(path);
    if (actions === undefined && file === undefined) return undefined;
    const refused = operators?.hosts.refuses(headers);
    if (refused !== undefined) return refusalReply('FORBIDDEN', refused);
    if (actions === undefined) return file && readable(method, file);
    if (phase() === 'closed') return refusalReply('SHUTTING_DOWN', 'the switch lets nobody in');
    return act(actions, request);
  };
}

function readable(method: string, reply: HttpReply): HttpReply {
  return method === 'GET' || method === 'HEAD' ? reply : methodReply(['GET', 'HEAD']);
}

function act(actions: HttpActions, request: HttpRequest): HttpReply {
  const action = Object.hasOwn(actions, request.method) ? actions[request.method] : undefined;
  return action?.(request) ?? methodReply(Object.keys(actions));
}
