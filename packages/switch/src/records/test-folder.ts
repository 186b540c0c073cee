import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { RecordChange } from './call-store.ts';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed after the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'agentao-records-'));
  made.push(folder);
  return folder;
}

/** The arrival of a call, with what differs. */
export function arrival(
  callId: string,
  options: Partial<Extract<RecordChange, { type: 'arrived' }>> = {},
): RecordChange {
  const parties = {
    connectorUuid: 'support',
    direction: 'MT',
    callerNumber: '+15550001',
    calleeNumber: '+15559999',
  } as const;
  return { type: 'arrived', callId, ...parties, startedAtMs: 1_767_225_600_000, ...options };
}

/** The end of a call, by the caller who hangs up. */
export function ending(callId: string, atMs: number): RecordChange {
  return { type: 'ended', callId, atMs, reason: 'hangup', by: 'caller' };
}
