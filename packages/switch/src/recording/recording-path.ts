import type { RecordingHeader } from './recorder.ts';

/** The folder of the recordings within that of the records. */
export const recordingsFolder = 'recordings';

/** Folder of a recording, from the folder of the records: by day in UTC and call id, which says nothing of a number. Throws `RangeError` for an id that is no file name. */
export function recordingPath({ startedAtMs, callId }: Pick<RecordingHeader, 'startedAtMs' | 'callId'>): string {
  if (!/^[\w-]{1,128}$/.test(callId)) throw new RangeError('a call id that is no file name');
  return `${recordingsFolder}/${new Date(startedAtMs).toISOString().slice(0, 10)}/${callId}`;
}
