import type { MonitorState } from '../../monitor/monitor.ts';

/** A call that a person has chosen from the table. */
export interface ChosenCall {
  readonly callId: string;
  /** Whether it was live when it was chosen. */
  readonly wasLive: boolean;
}

/**
 * Which call to watch. What a person has chosen stays until it goes, or ends; without that the newest live call, and
 * after its end still that one, until there is a newer one.
 */
export function callToWatch(
  { calls, selectedId }: Pick<MonitorState, 'calls' | 'selectedId'>,
  chosen: ChosenCall | undefined,
): string | undefined {
  const choice = calls.find(({ callId }) => callId === chosen?.callId);
  if (choice !== undefined && (choice.ending === undefined || !chosen?.wasLive)) return choice.callId;
  const newest = calls.findLast(({ ending }) => ending === undefined);
  if (newest !== undefined) return newest.callId;
  return calls.some(({ callId }) => callId === selectedId) ? selectedId : undefined;
}
