import type { Clock } from '@agentao/clock';
import { paths } from '@agentao/protocol';
import type { Switch } from '@agentao/switch';
import type { HttpRequest, UpgradeHandler } from '@agentao/transport';
import { listenWs, type WsListenOptions, type WsServer } from '@agentao/transport/ws';
import type { ServiceLogger } from './create-logger.ts';
import type { MetricsPage } from './metrics-page.ts';
import type { ServiceConfig } from './service-config.ts';

const handshakeTimeoutMs = 5_000;

/** What the listeners serve. */
export interface Served {
  readonly clock: Clock;
  readonly logger: ServiceLogger;
  readonly sw: Switch;
  readonly metrics: MetricsPage | undefined;
  /** A connection was cut because its address has too many that are no sockets yet. */
  readonly onStrangerCut: () => void;
}

type RequestHandler = NonNullable<WsListenOptions['onRequest']>;

const probes: ReadonlySet<string> = new Set(['/healthz', '/readyz']);
const agentPaths: ReadonlySet<string> = new Set([paths.control, paths.media]);

/** Opens the listener for agents, and for everybody else unless they have one of their own. Rejects with `ListenError`. */
export function listenForAgents(
  { listen, operations }: ServiceConfig,
  { tls, ...served }: Served & { readonly tls: WsListenOptions['tls'] | undefined },
): Promise<WsServer> {
  const { onUpgrade, onRequest } = served.sw;
  const apart = operations !== undefined;
  return listenWs({
    ...common(served),
    host: listen.host,
    port: listen.port,
    ...(tls === undefined ? {} : { tls }),
    onUpgrade: apart ? only((path) => agentPaths.has(path), onUpgrade) : onUpgrade,
    onRequest: apart ? (request) => (probes.has(request.path) ? onRequest(request) : undefined) : withMetrics(served),
  });
}

/** Opens the listener for probes, metrics and people. Rejects with `ListenError`. */
export function listenForOperations(
  { host, port }: NonNullable<ServiceConfig['operations']>,
  served: Served,
): Promise<WsServer> {
  const onUpgrade = only((path) => !agentPaths.has(path), served.sw.onUpgrade);
  return listenWs({ ...common(served), host, port, onUpgrade, onRequest: withMetrics(served) });
}

function common({
  clock,
  logger,
  onStrangerCut,
}: Served): Pick<WsListenOptions, 'clock' | 'handshakeTimeoutMs' | 'onError' | 'onStrangerCut'> {
  const onError = (error: unknown): void => logger.debug({ err: error }, 'a connection could not be taken');
  return { clock, handshakeTimeoutMs, onError, onStrangerCut };
}

function only(serves: (path: string) => boolean, onUpgrade: UpgradeHandler): UpgradeHandler {
  return (request) =>
    serves(request.path)
      ? onUpgrade(request)
      : { accept: false, status: 404, code: 'NOT_FOUND', message: 'there is no socket at this path on this port' };
}

function withMetrics({ sw, metrics }: Served): RequestHandler {
  return (request: HttpRequest) => {
    if (request.path !== '/metrics' || metrics === undefined) return sw.onRequest(request);
    if (request.method === 'GET' || request.method === 'HEAD') return metrics.read();
    return { status: 405, headers: { allow: 'GET, HEAD' }, body: '' };
  };
}
