import type { HttpHandler, HttpReply } from '@agentao/transport';

/** What the HTTP side is given. */
export interface HttpOptions {
  /** Whether new calls and connections are taken. */
  readonly ready: () => boolean;
  /** Files to serve, by path. */
  readonly staticRoutes: ReadonlyMap<string, HttpReply>;
}

/** Answers `GET /healthz`, `GET /readyz` and the static routes; leaves the rest to the server's 404. */
export function createHttpHandler({ ready, staticRoutes }: HttpOptions): HttpHandler {
  return ({ method, path }) => {
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    if (path === '/healthz') return json(200, { status: 'ok' });
    if (path !== '/readyz') return staticRoutes.get(path);
    if (ready()) return json(200, { status: 'ready' });
    return json(503, { code: 'SHUTTING_DOWN', message: 'the switch takes no new calls' });
  };
}

function json(status: number, body: object): HttpReply {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { status, headers, body: JSON.stringify(body) };
}
