import type { Counter, Histogram, Meter, MetricOptions, ObservableCounter, ObservableGauge } from '@opentelemetry/api';
import type { CallInstruments } from './call-meters.ts';
import { type MetricDescription, switchMetrics } from './metric-table.ts';
import type { RecordsInstruments } from './records-meters.ts';

/** The instruments of a switch, one for each row of the table of metrics. */
export interface Instruments extends CallInstruments {
  readonly callsRefused: Counter;
  readonly offers: Counter;
  readonly connectionsRefused: Counter;
  readonly tickLateness: Histogram;
  /** Those that are read when somebody asks. */
  readonly observed: {
    readonly callsActive: ObservableGauge;
    readonly agentsConnected: ObservableGauge;
    readonly agentsReady: ObservableGauge;
    readonly connectionsOpen: ObservableGauge;
    readonly ticks: ObservableCounter;
    readonly ticksLate: ObservableCounter;
    readonly ticksSkipped: ObservableCounter;
    readonly shedding: ObservableGauge;
  } & RecordsInstruments;
}

/** Makes them at `meter`. */
export function createInstruments(meter: Meter): Instruments {
  const counter = (metric: MetricDescription): Counter => meter.createCounter(metric.name, optionsOf(metric));
  const histogram = (metric: MetricDescription): Histogram => meter.createHistogram(metric.name, optionsOf(metric));
  const gauge = (metric: MetricDescription): ObservableGauge =>
    meter.createObservableGauge(metric.name, optionsOf(metric));
  const total = (metric: MetricDescription): ObservableCounter =>
    meter.createObservableCounter(metric.name, optionsOf(metric));
  const table = switchMetrics;
  return {
    calls: counter(table.calls),
    callsRefused: counter(table.callsRefused),
    callDuration: histogram(table.callDuration),
    callAccept: histogram(table.callAccept),
    callRing: histogram(table.callRing),
    offers: counter(table.offers),
    agentResumes: counter(table.agentResumes),
    agentTakeovers: counter(table.agentTakeovers),
    agentLosses: counter(table.agentLosses),
    audioDropped: counter(table.audioDropped),
    connectionsRefused: counter(table.connectionsRefused),
    tickLateness: histogram(table.tickLateness),
    observed: {
      callsActive: gauge(table.callsActive),
      agentsConnected: gauge(table.agentsConnected),
      agentsReady: gauge(table.agentsReady),
      connectionsOpen: gauge(table.connectionsOpen),
      ticks: total(table.ticks),
      ticksLate: total(table.ticksLate),
      ticksSkipped: total(table.ticksSkipped),
      shedding: gauge(table.shedding),
      recordings: total(table.recordings),
      recordingsActive: gauge(table.recordingsActive),
      recordingsWritten: total(table.recordingsWritten),
      recordingsDropped: total(table.recordingsDropped),
      recordsChanges: total(table.recordsChanges),
      recordsWaiting: gauge(table.recordsWaiting),
      recordsFailures: total(table.recordsFailures),
      recordsDeleted: total(table.recordsDeleted),
    },
  };
}

function optionsOf({ unit, description, buckets }: MetricDescription): MetricOptions {
  return {
    unit,
    description,
    ...(buckets === undefined ? {} : { advice: { explicitBucketBoundaries: [...buckets] } }),
  };
}
