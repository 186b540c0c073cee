export type { RecorderStats } from './recording/worker-recorder.ts';
export type { WavContent } from './recording/recording-wav.ts';
export {
  type CallArchive,
  type CallFilter,
  type CallSummary,
  openCallArchive,
  type RecordedState,
  type StoredCall,
} from './records/call-archive.ts';
export type { RecordsStats } from './records/call-store.ts';
export { type FolderRecords, openRecords, type RecordsOptions } from './records/open-records.ts';
export { RecordsError, type RecordsErrorCode } from './records/records-error.ts';
export { checkRecordsFolder } from './records/records-folder.ts';
export type { Retention, RetentionLimits, Swept } from './records/retention.ts';
export type { StoreStats } from './records/worker-store.ts';
