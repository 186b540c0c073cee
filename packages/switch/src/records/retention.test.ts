import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { RecordChange } from './call-store.ts';
import { openRecordDatabase } from './record-database.ts';
import { checkRetention } from './open-records.ts';
import { type Retention, sweepRecords } from './retention.ts';
import { arrival, ending, testFolder } from './test-folder.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 5, 30, 12);

interface Kept {
  readonly callId: string;
  readonly connectorUuid?: string;
  readonly daysAgo: number;
  /** Left out: not recorded. */
  readonly bytes?: number;
  readonly live?: boolean;
  /** It is over, but its recording is not yet told to be. */
  readonly writing?: boolean;
}

function setUp(calls: readonly Kept[]) {
  const folder = testFolder();
  const records = openRecordDatabase(folder);
  const pathOf = ({ callId, daysAgo }: Kept): string =>
    `recordings/${new Date(nowMs - daysAgo * dayMs).toISOString().slice(0, 10)}/${callId}`;
  for (const call of calls) {
    const { callId, connectorUuid = 'support', daysAgo, bytes, live = false, writing = false } = call;
    const changes: RecordChange[] = [arrival(callId, { connectorUuid, startedAtMs: nowMs - daysAgo * dayMs })];
    changes.push({ type: 'timeline', callId, seq: 0, atMs: 1, kind: 'arrived', fields: '{}' });
    if (bytes !== undefined) {
      const path = pathOf(call);
      mkdirSync(join(folder, path), { recursive: true });
      writeFileSync(join(folder, path, 'caller.wav'), 'x');
      const state =
        live || writing ? ({ state: 'recording', path } as const) : ({ state: 'complete', path, bytes } as const);
      changes.push({ type: 'recording', callId, recording: state });
    }
    if (!live) changes.push(ending(callId, 60_000));
    expect(records.write(changes)).toEqual([]);
  }
  const left = (): string[] =>
    records.database
      .prepare('SELECT call_id FROM calls ORDER BY call_id')
      .all()
      .map((row) => String(row['call_id']));
  return {
    records,
    folder,
    left,
    sweep: (retention: Retention, removeFolder?: (folder: string) => void) =>
      sweepRecords(records.database, { folder, retention, nowMs, ...(removeFolder && { removeFolder }) }),
    hasFiles: (callId: string) => {
      const call = calls.find((candidate) => candidate.callId === callId) as Kept;
      return existsSync(join(folder, pathOf(call)));
    },
    hasDay: (callId: string) =>
      existsSync(join(folder, dirname(pathOf(calls.find((candidate) => candidate.callId === callId) as Kept)))),
  };
}

it('deletes calls that ended too long ago, rows and recordings together, and the folder of the day with the last', () => {
  const { records, left, sweep, hasFiles, hasDay } = setUp([
    { callId: 'old', daysAgo: 31, bytes: 10 },
    { callId: 'unrecorded', daysAgo: 40 },
    { callId: 'new', daysAgo: 29, bytes: 10 },
  ]);
  expect(sweep({ maxAgeMs: 30 * dayMs })).toEqual({ calls: 2, bytes: 10, more: false });
  expect(left()).toEqual(['new']);
  expect([hasFiles('old'), hasDay('old'), hasFiles('new')]).toEqual([false, false, true]);
  expect(records.database.prepare('SELECT DISTINCT call_id FROM timeline').all()).toEqual([{ call_id: 'new' }]);
  records.close();
});

it('never touches a live call, nor one whose recording is still being written, however old or large', () => {
  const { records, left, sweep, hasFiles } = setUp([
    { callId: 'live', daysAgo: 400, bytes: 1e12, live: true },
    { callId: 'writing', daysAgo: 400, bytes: 1e12, writing: true },
    { callId: 'over', daysAgo: 400, bytes: 1e12 },
  ]);
  sweep({ maxAgeMs: 1, maxBytes: 1 });
  expect(left()).toEqual(['live', 'writing']);
  expect([hasFiles('live'), hasFiles('writing')]).toEqual([true, true]);
  records.close();
});

it('deletes the oldest until the rest fits, and nothing more', () => {
  const { records, left, sweep } = setUp(
    [5, 4, 3, 2, 1].map((daysAgo) => ({ callId: `call_${daysAgo}`, daysAgo, bytes: 10_000_000 })),
  );
  expect(sweep({ maxBytes: 31_000_000 })).toMatchObject({ calls: 2, bytes: 20_000_000 });
  expect(left()).toEqual(['call_1', 'call_2', 'call_3']);
  expect(sweep({ maxBytes: 31_000_000 })).toMatchObject({ calls: 0 });
  records.close();
});

it('counts what the database takes, too', () => {
  const { records, left, sweep } = setUp(
    [2, 1].map((daysAgo) => ({ callId: `call_${daysAgo}`, daysAgo, bytes: 1_000 })),
  );
  expect(sweep({ maxBytes: 1_000_000 })).toMatchObject({ calls: 0 });
  expect(sweep({ maxBytes: 2_001 })).toMatchObject({ calls: 2 });
  expect(left()).toEqual([]);
  records.close();
});

it('holds each connector to its own limits', () => {
  const { records, left, sweep } = setUp([
    { callId: 'a_40', connectorUuid: 'a', daysAgo: 40, bytes: 1 },
    { callId: 'a_8', connectorUuid: 'a', daysAgo: 8, bytes: 1 },
    { callId: 'b_40', connectorUuid: 'b', daysAgo: 40, bytes: 1 },
    { callId: 'c_40', connectorUuid: 'c', daysAgo: 40, bytes: 600 },
    { callId: 'c_1', connectorUuid: 'c', daysAgo: 1, bytes: 600 },
  ]);
  sweep({
    maxAgeMs: 30 * dayMs,
    connectors: {
      a: { maxAgeMs: 7 * dayMs },
      b: { maxAgeMs: 365 * dayMs },
      c: { maxBytes: 1_000, maxAgeMs: 99 * dayMs },
    },
  });
  expect(left()).toEqual(['b_40', 'c_1']);
  records.close();
});

it('keeps the row of a call whose files it cannot delete, says why, and goes on with the others', () => {
  const { records, left, sweep } = setUp([
    { callId: 'stuck', daysAgo: 40, bytes: 1 },
    { callId: 'old', daysAgo: 39, bytes: 1 },
  ]);
  const removeFolder = (folder: string): void => {
    if (folder.endsWith('stuck')) throw new Error('EBUSY: in use');
  };
  expect(sweep({ maxAgeMs: 30 * dayMs }, removeFolder)).toEqual({
    calls: 1,
    bytes: 1,
    more: false,
    problem: 'EBUSY: in use',
  });
  expect(left()).toEqual(['stuck']);
  records.close();
});

it('deletes a bounded number at a time and says that there is more', () => {
  const { records, left, sweep } = setUp(Array.from({ length: 210 }, (_, i) => ({ callId: `call_${i}`, daysAgo: 40 })));
  expect(sweep({ maxAgeMs: dayMs })).toMatchObject({ calls: 200, more: true });
  expect(sweep({ maxAgeMs: dayMs })).toMatchObject({ calls: 10, more: false });
  expect(left()).toEqual([]);
  records.close();
});

it('names a limit that is at fault', () => {
  expect(() => checkRetention({ maxAgeMs: 0 })).toThrow('records.retention.maxAgeMs must be above 0');
  expect(() => checkRetention({ connectors: { a: { maxBytes: Number.NaN } } })).toThrow(
    'records.retention.connectors.a.maxBytes',
  );
  expect(() => checkRetention({ maxAge: 5 } as Retention)).toThrow('there is no limit maxAge');
});
