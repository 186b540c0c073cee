import type {
  Attributes,
  BatchObservableCallback,
  Meter,
  MeterProvider,
  Observable,
  ObservableCallback,
} from '@opentelemetry/api';

/** A meter that remembers everything, without an SDK. */
export interface TestMeter {
  readonly provider: MeterProvider;
  /** Names of all instruments that were made. */
  readonly names: readonly string[];
  /** Every name with the labels it was ever given. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
  /** The sum of a counter, the number of records of a histogram, or what a gauge says now, of the series with exactly these labels. */
  read(name: string, labels?: Attributes): number;
  /** Whether the series with exactly these labels is there. */
  has(name: string, labels?: Attributes): boolean;
  /** What a histogram was given. */
  records(name: string): readonly number[];
  /** Callbacks that are registered now. */
  readonly callbacks: number;
}

/** Creates it. */
export function createTestMeter(): TestMeter {
  const names: string[] = [];
  const sums = new Map<string, number>();
  const recorded = new Map<string, number[]>();
  const labels = new Map<string, Set<string>>();
  const single = new Map<object, { readonly name: string; readonly callbacks: Set<ObservableCallback> }>();
  const batches = new Set<BatchObservableCallback>();

  const series = (name: string, attributes: Attributes = {}): string =>
    `${name} ${JSON.stringify(Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1)))}`;
  const see = (name: string, attributes: Attributes = {}): void => {
    const known = labels.get(name) ?? new Set();
    for (const label of Object.keys(attributes)) known.add(label);
    labels.set(name, known);
  };
  const add =
    (name: string) =>
    (value: number, attributes?: Attributes): void => {
      see(name, attributes);
      sums.set(series(name, attributes), (sums.get(series(name, attributes)) ?? 0) + value);
    };
  const observable = (name: string): Observable => {
    names.push(name);
    const callbacks = new Set<ObservableCallback>();
    const made: Observable = {
      addCallback: (callback) => void callbacks.add(callback),
      removeCallback: (callback) => void callbacks.delete(callback),
    };
    single.set(made, { name, callbacks });
    return made;
  };
  const observe = (): ReadonlyMap<string, number> => {
    const seen = new Map<string, number>();
    const keep = (name: string, value: number, attributes?: Attributes): void => {
      see(name, attributes);
      seen.set(series(name, attributes), value);
    };
    for (const { name, callbacks } of single.values()) {
      for (const callback of callbacks)
        void callback({ observe: (value, attributes) => keep(name, value, attributes) });
    }
    for (const callback of batches) {
      void callback({ observe: (of, value, attributes) => keep(single.get(of)?.name ?? '', value, attributes) });
    }
    return seen;
  };
  const named = <T>(name: string, instrument: T): T => {
    names.push(name);
    return instrument;
  };
  const meter: Meter = {
    createCounter: (name) => named(name, { add: add(name) }),
    createUpDownCounter: (name) => named(name, { add: add(name) }),
    createGauge: (name) => named(name, { record: add(name) }),
    createHistogram: (name) =>
      named(name, {
        record: (value: number, attributes?: Attributes) => {
          add(name)(1, attributes);
          recorded.set(name, [...(recorded.get(name) ?? []), value]);
        },
      }),
    createObservableCounter: observable,
    createObservableGauge: observable,
    createObservableUpDownCounter: observable,
    addBatchObservableCallback: (callback) => void batches.add(callback),
    removeBatchObservableCallback: (callback) => void batches.delete(callback),
  };

  return {
    provider: { getMeter: () => meter },
    names,
    labels,
    read: (name, attributes) => {
      const key = series(name, attributes);
      return observe().get(key) ?? sums.get(key) ?? 0;
    },
    has: (name, attributes) => observe().has(series(name, attributes)) || sums.has(series(name, attributes)),
    records: (name) => recorded.get(name) ?? [],
    get callbacks() {
      return batches.size + [...single.values()].reduce((sum, { callbacks }) => sum + callbacks.size, 0);
    },
  };
}
