import type { Clock, Wheel } from '@agentao/clock';
import { type Attributes, type BatchObservableResult, type MeterProvider, metrics } from '@opentelemetry/api';
import type { Call } from '../calls/call.ts';
import type { OfferRouter } from '../offers/offer-router.ts';
import type { RecordsStats } from '../records/call-store.ts';
import type { Logger } from '../servers/logger.ts';
import { type CallMeters, createCallMeters } from './call-meters.ts';
import { createClientMeters } from './client-meters.ts';
import { createInstruments } from './instruments.ts';
import { createPacingWatch, type PacingWatch, type SheddingOptions } from './pacing-watch.ts';
import { readRecords } from './records-meters.ts';
import { createSocketMeters, type SocketMeters } from './socket-meters.ts';
import { createZeroSeries } from './zero-series.ts';

/** Why a call was refused on arrival, as metrics and logs have it. */
export type CallRefusalReason = 'draining' | 'no_connector' | 'limit' | 'rate' | 'shedding' | 'failed';

/** What is measured. */
export interface OperationsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: the global one, which measures nothing unless a program has registered another. */
  readonly meterProvider: MeterProvider | undefined;
  readonly shedding: SheddingOptions | undefined;
  readonly wheel: Pick<Wheel, 'stats' | 'size' | 'tickMs'>;
  readonly router: OfferRouter;
  readonly calls: () => Iterable<Call>;
  /** What records have done, where there are some. */
  readonly records: (() => RecordsStats) | undefined;
}

/** What a switch tells those who run it. */
export interface Operations {
  readonly router: OfferRouter;
  readonly calls: CallMeters;
  readonly sockets: SocketMeters;
  readonly pacing: PacingWatch;
  /** A call was refused; `connector` where it is known. */
  refused(reason: CallRefusalReason, connector?: string): void;
  /** These are the connectors from now on. */
  keep(uuids: ReadonlySet<string>): void;
  /** Stops measuring. Idempotent. */
  close(): void;
}

/** Makes the instruments and looks at everything they are read from. */
export function createOperations(options: OperationsOptions): Operations {
  const { clock, logger, wheel, meterProvider = metrics.getMeterProvider() } = options;
  const meter = meterProvider.getMeter('@agentao/switch');
  const instruments = createInstruments(meter);
  const { observed } = instruments;
  const clients = createClientMeters(options.router, instruments.offers);
  const sockets = createSocketMeters(instruments.connectionsRefused);
  const calls = createCallMeters(clock, instruments);
  const zeros = createZeroSeries(instruments);
  let connectors: ReadonlySet<string> = new Set();
  const pacing = createPacingWatch({
    clock,
    wheel,
    shedding: options.shedding,
    onLateness: (worstMs) => instruments.tickLateness.record(worstMs / 1_000),
    onShedding: (shedding, share) => {
      const fields = { missedShare: Math.round(share * 1_000) / 1_000 };
      if (shedding) logger.warn(fields, 'new calls are refused: too many ticks are late');
      else logger.info(fields, 'new calls are taken again');
    },
  });

  const read = (result: BatchObservableResult): void => {
    const active = new Map<string, number>([...connectors].map((uuid) => [uuid, 0]));
    for (const { connectorUuid } of options.calls()) active.set(connectorUuid, (active.get(connectorUuid) ?? 0) + 1);
    for (const [connector, count] of active) result.observe(observed.callsActive, count, { connector });
    clients.read((connector, { connected, ready }) => {
      result.observe(observed.agentsConnected, connected, { connector });
      result.observe(observed.agentsReady, ready, { connector });
    });
    sockets.read((path, open) => result.observe(observed.connectionsOpen, open, { path }));
    const { ticks, lateTicks, skippedTicks } = wheel.stats();
    result.observe(observed.ticks, ticks);
    result.observe(observed.ticksLate, lateTicks);
    result.observe(observed.ticksSkipped, skippedTicks);
    result.observe(observed.shedding, pacing.shedding ? 1 : 0);
    if (options.records !== undefined) readRecords(options.records(), { result, instruments: observed });
  };
  const all = Object.values(observed);
  meter.addBatchObservableCallback(read, all);

  return {
    router: clients.router,
    calls,
    sockets,
    pacing,
    refused: (reason, connector) => {
      const labels: Attributes = { reason, ...(connector === undefined ? {} : { connector }) };
      instruments.callsRefused.add(1, labels);
    },
    keep: (uuids) => {
      connectors = uuids;
      clients.keep(uuids);
      zeros.keep(uuids);
    },
    close: () => {
      meter.removeBatchObservableCallback(read, all);
      pacing.close();
    },
  };
}
