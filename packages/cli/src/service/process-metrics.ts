import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { MetricDescription } from '@agentao/switch';
import type { Counter, MeterProvider } from '@opentelemetry/api';

/** The metrics of the process around the switch. */
export const processMetrics: readonly MetricDescription[] = [
  {
    name: 'agentao.config.reloads',
    kind: 'counter',
    unit: '{reload}',
    description: 'Times the configuration was read again.',
    labels: ['outcome'],
  },
  {
    name: 'agentao.strangers.cut',
    kind: 'counter',
    unit: '{connection}',
    description: 'Connections cut because their address has too many that are no sockets yet.',
    labels: [],
  },
  {
    name: 'nodejs.eventloop.delay.p99',
    kind: 'gauge',
    unit: 's',
    description: 'Delay of the event loop since the last scrape, 99th percentile.',
    labels: [],
  },
  {
    name: 'nodejs.eventloop.delay.max',
    kind: 'gauge',
    unit: 's',
    description: 'Delay of the event loop since the last scrape, the longest.',
    labels: [],
  },
  {
    name: 'nodejs.eventloop.utilization',
    kind: 'gauge',
    unit: '1',
    description: 'Share of the time that the event loop was busy since the last scrape.',
    labels: [],
  },
  { name: 'process.memory.usage', kind: 'gauge', unit: 'By', description: 'Resident memory.', labels: [] },
  {
    name: 'v8js.memory.heap.used',
    kind: 'gauge',
    unit: 'By',
    description: 'Memory that JavaScript objects take.',
    labels: [],
  },
  { name: 'process.cpu.time', kind: 'counter', unit: 's', description: 'Time on a core.', labels: ['state'] },
  { name: 'process.uptime', kind: 'gauge', unit: 's', description: 'Since the process started.', labels: [] },
];

/** What the process measures. */
export interface ProcessMeters {
  readonly reloads: Counter;
  readonly strangersCut: Counter;
  /** Stops the measuring of the event loop. */
  close(): void;
}

/** Measures the process at `provider`. */
export function measureProcess(provider: MeterProvider): ProcessMeters {
  const meter = provider.getMeter('@agentao/cli');
  const described = new Map(processMetrics.map((metric) => [metric.name, metric]));
  const optionsOf = (name: string): { readonly unit: string; readonly description: string } => {
    const { unit = '', description = '' } = described.get(name) ?? {};
    return { unit, description };
  };
  const gauge = (name: string, read: () => number): void => {
    meter.createObservableGauge(name, optionsOf(name)).addCallback((result) => result.observe(read()));
  };
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  let utilization = performance.eventLoopUtilization();

  gauge('nodejs.eventloop.delay.p99', () => seconds(delay, delay.percentile(99)));
  gauge('nodejs.eventloop.delay.max', () => {
    const longest = seconds(delay, delay.max);
    delay.reset();
    return longest;
  });
  gauge('nodejs.eventloop.utilization', () => {
    const last = utilization;
    utilization = performance.eventLoopUtilization();
    return performance.eventLoopUtilization(utilization, last).utilization;
  });
  gauge('process.memory.usage', () => process.memoryUsage.rss());
  gauge('v8js.memory.heap.used', () => process.memoryUsage().heapUsed);
  gauge('process.uptime', () => process.uptime());
  meter.createObservableCounter('process.cpu.time', optionsOf('process.cpu.time')).addCallback((result) => {
    const { user, system } = process.cpuUsage();
    result.observe(user / 1_000_000, { state: 'user' });
    result.observe(system / 1_000_000, { state: 'system' });
  });
  const reloads = meter.createCounter('agentao.config.reloads', optionsOf('agentao.config.reloads'));
  // A counter that first appears with its first incident has no increase to alert on.
  for (const outcome of ['taken_over', 'refused']) reloads.add(0, { outcome });
  const strangersCut = meter.createCounter('agentao.strangers.cut', optionsOf('agentao.strangers.cut'));
  strangersCut.add(0);
  return {
    reloads,
    strangersCut,
    close: () => delay.disable(),
  };
}

/** Without a sample the histogram has no figure. */
function seconds({ count }: { readonly count: number }, nanoseconds: number): number {
  return count === 0 ? 0 : nanoseconds / 1e9;
}
