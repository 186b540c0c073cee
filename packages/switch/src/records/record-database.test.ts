import { mkdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EndReason } from '@agentao/protocol';
import { busTickSamples } from '../media/bus.ts';
import { createCallFiles } from '../recording/call-files.ts';
import { openCallArchive } from './call-archive.ts';
import type { RecordChange } from './call-store.ts';
import { openRecordDatabase } from './record-database.ts';
import { migrations } from './schema.ts';
import { arrival, ending, testFolder } from './test-folder.ts';

const entry = (callId: string, seq: number, atMs: number): RecordChange => ({
  type: 'timeline',
  callId,
  seq,
  atMs,
  kind: 'state',
  fields: '{"stage":"answered"}',
});
const path = 'recordings/2026-01-01/call_1';

describe('the database of the records', () => {
  it('keeps a whole call, and gives it back as one object', () => {
    const folder = testFolder();
    const records = openRecordDatabase(folder);
    const rejected = records.write([
      arrival('call_1'),
      { type: 'agent_joined', callId: 'call_1', epoch: 1, clientId: 'client-1', atMs: 40 },
      entry('call_1', 0, 900),
      { type: 'stage', callId: 'call_1', stage: 'answered', atMs: 900 },
      { type: 'stage', callId: 'call_1', stage: 'connected', atMs: 2_000 },
      { type: 'recording', callId: 'call_1', recording: { state: 'recording', path } },
      { type: 'annotation', callId: 'call_1', seq: 0, atMs: 1_500, kind: 'turn', data: '{"text":"hello"}' },
      { type: 'agent_left', callId: 'call_1', epoch: 1, atMs: 3_000, reason: 'hangup' },
      ending('call_1', 3_000),
      { type: 'recording', callId: 'call_1', recording: { state: 'stopped', path, bytes: 77, reason: 'disk_full' } },
    ]);
    records.close();
    expect(rejected).toEqual([]);
    using archive = openCallArchive({ folder });
    expect(archive.get('call_1')).toEqual({
      callId: 'call_1',
      connectorUuid: 'support',
      direction: 'MT',
      callerNumber: '+15550001',
      calleeNumber: '+15559999',
      startedAtMs: 1_767_225_600_000,
      answeredMs: 900,
      connectedMs: 2_000,
      endedMs: 3_000,
      endReason: 'hangup',
      endedBy: 'caller',
      recording: { state: 'stopped', reason: 'disk_full', path, bytes: 77 },
      agents: [{ epoch: 1, clientId: 'client-1', joinedMs: 40, leftMs: 3_000, leftReason: 'hangup' }],
      timeline: [{ atMs: 900, kind: 'state', stage: 'answered' }],
      annotations: [{ atMs: 1_500, kind: 'turn', data: { text: 'hello' } }],
    });
  });

  it('marks the calls of a switch that was killed as interrupted, at their last known moment, and no others', () => {
    const folder = testFolder();
    const killed = openRecordDatabase(folder);
    killed.write([arrival('call_1'), arrival('call_2'), ending('call_2', 5_000), arrival('call_3')]);
    killed.write([
      { type: 'agent_joined', callId: 'call_1', epoch: 1, clientId: 'client-1', atMs: 40 },
      entry('call_1', 0, 900),
      { type: 'recording', callId: 'call_1', recording: { state: 'recording', path } },
    ]);
    killed.close();
    openRecordDatabase(folder).close();
    using archive = openCallArchive({ folder });
    expect(archive.get('call_1')).toMatchObject({
      endedMs: 900,
      endReason: 'interrupted',
      endedBy: 'switch',
      recording: { state: 'interrupted', path },
      agents: [{ leftMs: 900, leftReason: 'interrupted' }],
    });
    expect(archive.get('call_2')).toMatchObject({ endReason: 'hangup', recording: { state: 'off' } });
    expect(archive.get('call_3')).toMatchObject({ endedMs: 0, endReason: 'interrupted' });
  });

  it('takes the end of the recording for the last known moment, where that is later', () => {
    const folder = testFolder();
    const killed = openRecordDatabase(folder);
    killed.write([
      arrival('call_1'),
      { type: 'agent_joined', callId: 'call_1', epoch: 1, clientId: 'client-1', atMs: 40 },
      entry('call_1', 0, 900),
      { type: 'recording', callId: 'call_1', recording: { state: 'recording', path } },
    ]);
    killed.close();
    mkdirSync(join(folder, 'recordings/2026-01-01'), { recursive: true });
    const facts = { callId: 'call_1', connectorUuid: 'support', startedAtMs: 0, startMs: 1_000, startTick: 50 };
    const tracks = Array.from({ length: 3 }, () => new Int16Array(174 * busTickSamples));
    createCallFiles(join(folder, path), { ...facts, consentClip: undefined }).write(50, tracks);
    openRecordDatabase(folder).close();
    using archive = openCallArchive({ folder });
    expect(archive.get('call_1')).toMatchObject({ endedMs: 4_480, agents: [{ leftMs: 4_480 }] });
  });

  it('refuses one that is newer than the code, and leaves it as it is', () => {
    const folder = testFolder();
    openRecordDatabase(folder).close();
    const database = new DatabaseSync(join(folder, 'calls.db'));
    database.exec(`PRAGMA user_version = ${migrations.length + 1}`);
    database.close();
    const refusal = expect.objectContaining({ name: 'RecordsError', code: 'DATABASE_UNUSABLE' }) as Error;
    expect(() => openRecordDatabase(folder)).toThrow(refusal);
    expect(() => openCallArchive({ folder })).toThrow(refusal);
  });

  it('is usable by its reader while it is written', () => {
    const folder = testFolder();
    const records = openRecordDatabase(folder);
    using archive = openCallArchive({ folder });
    records.write([arrival('call_1')]);
    expect(archive.list().map(({ callId, endedMs }) => [callId, endedMs])).toEqual([['call_1', null]]);
    records.close();
  });
});

describe('the schema makes the wrong row impossible', () => {
  const wrong: readonly (readonly [string, RecordChange])[] = [
    ['a call twice', arrival('call_1')],
    ['a call without a connector', arrival('call_2', { connectorUuid: '' })],
    ['another direction', arrival('call_2', { direction: 'UP' as 'MT' })],
    ['a time that is none', arrival('call_2', { startedAtMs: 1.5 })],
    ['an entry of a call that is not there', entry('call_9', 0, 1)],
    ['an entry twice', entry('call_1', 0, 5)],
    ['a moment before the arrival', entry('call_1', 1, -1)],
    ['fields that are no object', { ...entry('call_1', 1, 5), fields: '[]' } as RecordChange],
    ['a digit', { ...entry('call_1', 1, 5), fields: '{"digit":"7"}' } as RecordChange],
    ['digits', { ...entry('call_1', 1, 5), fields: '{"digits":"1234"}' } as RecordChange],
    ['data that is no JSON', { type: 'annotation', callId: 'call_1', seq: 0, atMs: 1, kind: 'x', data: 'undefined' }],
    ['an annotation without a kind', { type: 'annotation', callId: 'call_1', seq: 0, atMs: 1, kind: '', data: '1' }],
    ['an agent twice', { type: 'agent_joined', callId: 'call_1', epoch: 1, clientId: 'x', atMs: 1 }],
    [
      'an agent that leaves before it came',
      { type: 'agent_left', callId: 'call_1', epoch: 1, atMs: 3, reason: 'left' },
    ],
    ['an unknown reason', { type: 'ended', callId: 'call_1', atMs: 9, reason: 'bored' as EndReason, by: 'caller' }],
    ['a second end', ending('call_0', 10)],
    ['a recording elsewhere', { type: 'recording', callId: 'call_1', recording: { state: 'recording', path: '/etc' } }],
    [
      'a recording that leads out of the folder',
      { type: 'recording', callId: 'call_1', recording: { state: 'recording', path: 'recordings/2026-01-01/../../x' } },
    ],
  ];

  it.each(wrong)('%s', (_, change) => {
    const records = openRecordDatabase(testFolder());
    const good = [
      arrival('call_0'),
      ending('call_0', 4),
      arrival('call_1'),
      entry('call_1', 0, 5),
      { type: 'agent_joined', callId: 'call_1', epoch: 1, clientId: 'client-1', atMs: 5 } as const,
    ];
    expect(records.write(good)).toEqual([]);
    const before = dump(records.database);
    expect(records.write([change])).toMatchObject([{ change }]);
    expect(dump(records.database)).toEqual(before);
    records.close();
  });

  it('and one wrong change takes no other of its batch with it', () => {
    const records = openRecordDatabase(testFolder());
    expect(records.write([arrival('call_1'), entry('call_9', 0, 1), ending('call_1', 4)])).toHaveLength(1);
    expect(records.database.prepare('SELECT end_reason FROM calls').all()).toEqual([{ end_reason: 'hangup' }]);
    records.close();
  });

  it('knows every reason and every party of the protocol', () => {
    const reasons: Readonly<Record<EndReason, true>> = {
      hangup: true,
      disconnected: true,
      left: true,
      declined: true,
      unanswered: true,
      rejected: true,
      timeout: true,
      taken_over: true,
      media_lost: true,
      shutdown: true,
      failed: true,
    };
    const records = openRecordDatabase(testFolder());
    const changes = Object.keys(reasons).flatMap((reason): RecordChange[] => [
      arrival(`call_${reason}`),
      { type: 'ended', callId: `call_${reason}`, atMs: 1, reason: reason as EndReason, by: 'callee' },
    ]);
    expect(records.write(changes)).toEqual([]);
    records.close();
  });
});

function dump(database: DatabaseSync): unknown {
  return ['calls', 'agents', 'timeline', 'annotations'].map((table) =>
    database.prepare(`SELECT * FROM ${table}`).all(),
  );
}
