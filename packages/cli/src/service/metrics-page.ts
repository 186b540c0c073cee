import { type MetricDescription, switchMetrics } from '@agentao/switch';
import type { HttpReply } from '@agentao/transport';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, type ViewOptions } from '@opentelemetry/sdk-metrics';
import { processMetrics } from './process-metrics.ts';

/** Metrics in this process, and the page on which Prometheus reads them. */
export interface MetricsPage {
  readonly provider: MeterProvider;
  /** The page as it is now. */
  read(): Promise<HttpReply>;
  close(): Promise<void>;
}

const unitNames: ReadonlyMap<string, string> = new Map([
  ['s', 'seconds'],
  ['By', 'bytes'],
]);

/** All metrics that the page has. */
export const allMetrics: readonly MetricDescription[] = [...Object.values(switchMetrics), ...processMetrics];

/** Series of one metric at most; what goes beyond falls into one that says `otel_metric_overflow`. */
const maxSeries = 2_000;

/** The name of a metric on the page, as Prometheus wants it: the unit in the name, `_total` behind a counter. */
export function prometheusName({ name, unit, kind }: MetricDescription): string {
  const unitName = unitNames.get(unit);
  return `${name.replaceAll('.', '_')}${unitName === undefined ? '' : `_${unitName}`}${kind === 'counter' ? '_total' : ''}`;
}

/** Creates it with no figures. */
export function createMetricsPage(): MetricsPage {
  // The exporter leaves units out of names.
  const views = allMetrics.flatMap(({ name, unit }): ViewOptions[] => {
    const unitName = unitNames.get(unit);
    return unitName === undefined
      ? []
      : [{ instrumentName: name, name: `${name}.${unitName}`, aggregationCardinalityLimit: maxSeries }];
  });
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader], views });
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  return {
    provider,
    read: async () => {
      const { resourceMetrics } = await reader.collect();
      return {
        status: 200,
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
        body: serializer.serialize(resourceMetrics),
      };
    },
    close: () => provider.shutdown(),
  };
}
