import { type Clock, sleep } from '@agentao/clock';
import { createSwitch, type Switch } from '@agentao/switch';
import { type FolderRecords, openRecords, RecordsError } from '@agentao/switch/records';
import type { HttpReply } from '@agentao/transport';
import { connectorOptions, present } from './connector-options.ts';
import type { ServiceLogger } from './create-logger.ts';
import type { LoadedConfig } from './load-config.ts';
import { createMetricsPage } from './metrics-page.ts';
import { measureProcess } from './process-metrics.ts';
import { readPromptFiles } from './prompt-files.ts';
import { type ConfigFault, type RecordsConfig, type ServiceConfig, showPath } from './service-config.ts';
import { listenForAgents, listenForOperations } from './service-listeners.ts';
import { createStrangerWatch } from './stranger-watch.ts';
import { readTlsFiles, type TlsFiles } from './tls-files.ts';

/** A switch that runs as the file says. */
export interface Service {
  readonly switch: Switch;
  /** Where agents connect: `ws://` or `wss://`. */
  readonly url: string;
  /** Where probes, metrics and people come, where that is another listener. */
  readonly operationsUrl: string | undefined;
  /** Reads the file again, and takes over what can be taken over without dropping a call. False, and nothing changes, if it has faults. */
  reload(): Promise<boolean>;
  /** Takes no new calls, waits for the running ones up to `drainMs`, and ends the rest; resolves with how many were ended. */
  drain(): Promise<number>;
  /** Ends everything now. Idempotent. */
  close(): Promise<void>;
}

/** What a service is given. */
export interface ServiceOptions {
  readonly clock: Clock;
  readonly logger: ServiceLogger;
  readonly config: ServiceConfig;
  /** Reads the configuration as it is now. */
  readonly load: () => Promise<LoadedConfig>;
  /** Files for browsers, where there are operators. */
  readonly page: ReadonlyMap<string, HttpReply> | undefined;
}

/** The configuration names files that cannot be used; each line begins with the key. */
export class ServiceFilesError extends Error {
  override readonly name = 'ServiceFilesError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const dayMs = 86_400_000;

/** How long peers may take to answer a goodbye. */
const goodbyeMs = 1_000;

/** Starts it. Rejects with {@link ServiceFilesError} or `ListenError`; nothing is left running then. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { clock, logger, page } = options;
  let { config } = options;
  await using cleanup = new AsyncDisposableStack();
  const files = readTls(config, clock);
  if (!files.ok) throw new ServiceFilesError(problemsOf(files));
  for (const note of files.notes) logger.warn({}, note);
  const clips = readPromptFiles(config.prompts);
  if (!clips.ok) throw new ServiceFilesError(problemsOf(clips));

  const metrics = config.metrics ? createMetricsPage() : undefined;
  if (metrics !== undefined) cleanup.defer(() => metrics.close());
  const meters = metrics && measureProcess(metrics.provider);
  if (meters !== undefined) cleanup.defer(() => meters.close());
  const { recordingNotice: consentClip, ...prompts } = clips.clips;
  const kept = config.records && { ...config.records, ...(consentClip === undefined ? {} : { consentClip }) };
  const records = kept && (await openRecordsOf(kept, { clock, logger }));
  if (records !== undefined) cleanup.use(records);
  const sw = createSwitch({
    clock,
    logger,
    connectors: connectorOptions(config.connectors),
    limits: present(config.limits),
    prompts,
    ...(records === undefined ? {} : { records }),
    ...(config.shedding ? { shedding: {} } : {}),
    ...(config.operators === undefined ? {} : { operators: config.operators }),
    ...(page === undefined ? {} : { staticRoutes: page }),
    ...(metrics === undefined ? {} : { meterProvider: metrics.provider }),
  });
  cleanup.defer(() => sw.close());
  const onStrangerCut = createStrangerWatch({ clock, logger, counter: meters?.strangersCut });
  const served = { clock, logger, sw, metrics, onStrangerCut };
  const operations = config.operations && (await listenForOperations(config.operations, served));
  if (operations !== undefined) cleanup.defer(() => operations.close());
  const server = await listenForAgents(config, { ...served, tls: files.tls });
  cleanup.defer(() => server.close());
  // First of all on the way out: what was said to everybody is to arrive before the listeners cut what is open.
  cleanup.defer(async () => {
    await sw.close();
    const untilMs = clock.now() + goodbyeMs;
    while (server.socketCount + (operations?.socketCount ?? 0) > 0 && clock.now() < untilMs) await sleep(clock, 10);
  });
  sw.start();
  const owned = cleanup.move();

  const takeOver = (next: ServiceConfig, tls: Extract<ReadTls, { readonly ok: true }>): void => {
    sw.setConnectors(connectorOptions(next.connectors));
    if (tls.tls !== undefined) server.setTls(tls.tls);
    logger.setLevel(next.log.level);
    const left = restartKeys(config, next);
    if (left.length > 0) logger.warn({ keys: left }, 'these keys are taken over by a restart only');
    config = { ...config, connectors: next.connectors, log: next.log, drainMs: next.drainMs };
  };

  const reloadOnce = async (): Promise<boolean> => {
    const loaded = await options.load();
    const tls = loaded.ok ? readTls(loaded.config, clock) : undefined;
    const problems = !loaded.ok ? loaded.problems : tls?.ok === false ? problemsOf(tls) : [];
    for (const problem of problems) logger.error({ problem }, 'the configuration has a fault; nothing was changed');
    if (!loaded.ok || tls?.ok !== true) return false;
    // TLS is neither turned on nor off while it runs, so its files are taken over only where it is.
    const same = JSON.stringify(shapeOfTls(loaded.config)) === JSON.stringify(shapeOfTls(config));
    try {
      takeOver(loaded.config, same ? tls : { ...tls, tls: undefined });
    } catch (error) {
      logger.error({ err: error }, 'the configuration cannot be taken over; nothing was changed');
      return false;
    }
    for (const note of tls.notes) logger.warn({}, note);
    logger.info({ connectors: loaded.config.connectors.length }, 'configuration taken over');
    return true;
  };

  let reloading: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  return {
    switch: sw,
    url: server.url,
    operationsUrl: operations?.url.replace(/^ws/, 'http'),
    reload: () => {
      const result = reloading.then(async () => {
        const good = await reloadOnce().catch((error: unknown) => {
          logger.error({ err: error }, 'the configuration cannot be read; nothing was changed');
          return false;
        });
        meters?.reloads.add(1, { outcome: good ? 'taken_over' : 'refused' });
        return good;
      });
      reloading = result;
      return result;
    },
    drain: async () => {
      let cut = 0;
      const stop = sw.onTimeline(({ kind, reason }) => {
        if (kind === 'ended' && reason === 'shutdown') cut++;
      });
      await sw.drain({ timeoutMs: config.drainMs });
      stop();
      logger.info({ cut }, 'drained');
      return cut;
    },
    close: () => (closing ??= owned.disposeAsync()),
  };
}

/** Rejects with {@link ServiceFilesError}, whose line begins with the key. */
async function openRecordsOf(
  { folder, consentClip, retention: { maxAgeDays, maxBytes } }: RecordsConfig & { readonly consentClip?: Int16Array },
  { clock, logger }: Pick<ServiceOptions, 'clock' | 'logger'>,
): Promise<FolderRecords> {
  const retention = present({ maxAgeMs: maxAgeDays === undefined ? undefined : maxAgeDays * dayMs, maxBytes });
  try {
    return await openRecords({ folder, clock, logger, retention, ...present({ consentClip }) });
  } catch (error) {
    if (error instanceof RecordsError) throw new ServiceFilesError([error.message]);
    throw error;
  }
}

type ReadTls = TlsFiles | { readonly ok: true; readonly tls: undefined; readonly notes: readonly string[] };

function readTls({ listen }: ServiceConfig, clock: Clock): ReadTls {
  return listen.tls === undefined
    ? { ok: true, tls: undefined, notes: [] }
    : readTlsFiles(listen.tls, clock.wallTime());
}

function problemsOf({ faults }: { readonly faults: readonly ConfigFault[] }): readonly string[] {
  return faults.map(({ path, message }) => `${showPath(path)}: ${message}`);
}

function shapeOfTls({ listen: { tls } }: ServiceConfig): object {
  return { on: tls !== undefined, mutual: tls?.clientAuthority !== undefined };
}

/** Keys that differ and that a running switch does not take over. */
function restartKeys(now: ServiceConfig, next: ServiceConfig): readonly string[] {
  const parts = (config: ServiceConfig): Readonly<Record<string, unknown>> => {
    const { listen, operations, operators, records, prompts, limits, shedding, metrics } = config;
    const { tls: _, ...address } = listen;
    const fixed = { operations, operators, records, prompts, limits, shedding, metrics };
    return { listen: address, 'listen.tls': shapeOfTls(config), ...fixed };
  };
  const before = parts(now);
  return Object.entries(parts(next)).flatMap(([key, value]) =>
    JSON.stringify(value) === JSON.stringify(before[key]) ? [] : [key],
  );
}
