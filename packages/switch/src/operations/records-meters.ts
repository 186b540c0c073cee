import type { BatchObservableResult, ObservableCounter, ObservableGauge } from '@opentelemetry/api';
import type { RecordsStats } from '../records/call-store.ts';

/** The instruments of recordings and call records. */
export interface RecordsInstruments {
  readonly recordings: ObservableCounter;
  readonly recordingsActive: ObservableGauge;
  readonly recordingsWritten: ObservableCounter;
  readonly recordingsDropped: ObservableCounter;
  readonly recordsChanges: ObservableCounter;
  readonly recordsWaiting: ObservableGauge;
  readonly recordsFailures: ObservableCounter;
  readonly recordsDeleted: ObservableCounter;
}

/** Tells what records have done so far. */
export function readRecords(
  { store, recorder }: RecordsStats,
  { result, instruments }: { readonly result: BatchObservableResult; readonly instruments: RecordsInstruments },
): void {
  result.observe(instruments.recordings, recorder.completed, { outcome: 'complete' });
  for (const [outcome, count] of Object.entries(recorder.stopped)) {
    result.observe(instruments.recordings, count, { outcome });
  }
  result.observe(instruments.recordingsActive, recorder.active);
  result.observe(instruments.recordingsWritten, recorder.bytes);
  result.observe(instruments.recordingsDropped, recorder.droppedTicks);
  for (const outcome of ['written', 'dropped', 'rejected'] as const) {
    result.observe(instruments.recordsChanges, store[outcome], { outcome });
  }
  result.observe(instruments.recordsWaiting, store.waiting);
  result.observe(instruments.recordsFailures, store.failures);
  result.observe(instruments.recordsDeleted, store.deletedCalls);
}
