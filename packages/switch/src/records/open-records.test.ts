import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSystemClock, createVirtualClock, sleep } from '@agentao/clock';
import { describe, expect, it, vi } from 'vitest';
import { busTickSamples } from '../media/bus.ts';
import { matrices } from '../media/matrix.ts';
import type { RecordingHeader, RecordingState } from '../recording/recorder.ts';
import { ringTicks } from '../recording/tick-ring.ts';
import type { Logger } from '../servers/logger.ts';
import { openCallArchive } from './call-archive.ts';
import { openRecords, type RecordsOptions } from './open-records.ts';
import { checkRecordsFolder } from './records-folder.ts';
import { arrival, ending, testFolder } from './test-folder.ts';

// Threads take their time on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const clock = createSystemClock(globalThis);

function createLog() {
  const lines: { readonly level: string; readonly fields: object; readonly message: string }[] = [];
  const write = (level: string) => (fields: object, message: string) => void lines.push({ level, fields, message });
  const logger: Logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return { lines, logger };
}

const open = (folder: string, options: Partial<RecordsOptions> = {}) => openRecords({ folder, clock, ...options });

async function eventually(condition: () => boolean, failure: string): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 10) {
    if (waitedMs > 20_000) throw new Error(failure);
    await sleep(clock, 10);
  }
}

function listed(folder: string): readonly string[] {
  using archive = openCallArchive({ folder });
  return archive
    .list()
    .map(({ callId }) => callId)
    .toSorted();
}

describe('records in a folder', () => {
  it('are written with nobody asking for it, and can be read meanwhile', async () => {
    const folder = join(testFolder(), 'new', 'records');
    await using records = await open(folder);
    records.store.write(arrival('call_1'));
    await eventually(() => listed(folder).length === 1, 'no row');
    // The row can be read before the thread's word of it has arrived.
    await eventually(() => records.stats().store.written === 1, 'no word of the row');
    expect(records.stats().store).toMatchObject({ written: 1, waiting: 0, dropped: 0, rejected: 0, failures: 0 });
  });

  it('belong to one switch at a time', async () => {
    const folder = testFolder();
    const first = await open(folder);
    await expect(open(folder)).rejects.toMatchObject({ name: 'RecordsError', code: 'IN_USE', retryable: true });
    first.store.write(arrival('call_1'));
    await first.close();
    await using second = await open(folder);
    second.store.write(arrival('call_2'));
    await second.flush();
    expect(listed(folder)).toEqual(['call_1', 'call_2']);
  });

  it('need a folder that can be written, a database that is one, and say so with the name of the option', async () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'file'), '');
    for (const bad of [join(folder, 'file'), join(folder, 'file', 'deeper'), '']) {
      await expect(open(bad)).rejects.toMatchObject({
        code: 'FOLDER_UNUSABLE',
        message: expect.stringMatching(/^records\.folder: .*; /) as string,
      });
      expect(() => checkRecordsFolder(bad)).toThrow(/^records\.folder: .*; /);
    }
    mkdirSync(join(folder, 'damaged'));
    writeFileSync(
      join(folder, 'damaged', 'calls.db'),
      'no database at all, but longer than a header of one: '.repeat(9),
    );
    await expect(open(join(folder, 'damaged'))).rejects.toMatchObject({
      code: 'DATABASE_UNUSABLE',
      message: expect.stringContaining('calls.db is no database: move it away') as string,
    });
    mkdirSync(join(folder, 'nested', 'calls.db'), { recursive: true });
    for (const bad of ['damaged', 'nested'])
      expect(() => checkRecordsFolder(join(folder, bad))).toThrow(/^records\.folder: .*; calls\.db is no database/);
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
    expect(() => checkRecordsFolder(join(folder, 'link'))).toThrow(/link is a link that leads nowhere; /);
    await expect(open(folder, { retention: { maxBytes: -1 } })).rejects.toThrow(
      'records.retention.maxBytes must be above 0',
    );
    expect(() => openCallArchive({ folder })).toThrow(expect.objectContaining({ code: 'FOLDER_UNUSABLE' }) as Error);
  });

  it('are closed to everybody but their owner, whatever mode the folder has and the files had', async () => {
    const folder = testFolder();
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'recordings'), { mode: 0o755 });
    writeFileSync(join(folder, 'calls.db'), '', { mode: 0o644 });
    chmodSync(join(folder, 'calls.db'), 0o644);
    await using records = await open(folder);
    records.store.write(arrival('call_1'));
    await records.flush();
    const closed = (place: string): void => {
      const names = readdirSync(place);
      expect(names).toEqual(expect.arrayContaining(['calls.db', 'calls.db-shm', 'calls.db-wal', 'switch.lock']));
      for (const name of names) expect([name, statSync(join(place, name)).mode & 0o077]).toEqual([name, 0]);
    };
    closed(folder);
    await using fresh = await open(join(folder, 'new'));
    fresh.store.write(arrival('call_1'));
    await fresh.flush();
    expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700);
    closed(join(folder, 'new'));
  });

  // Only Linux has a file system on which Node never ends to make a folder.
  it.skipIf(process.platform !== 'linux')('say so where no folder can be made (/proc, on Linux)', () => {
    expect(() => checkRecordsFolder('/proc/agentao')).toThrow(
      /^records\.folder: \/proc\/agentao cannot be used: ENOENT/,
    );
  });

  it('whose folder is gone are told once with the way out, wait, and go on in the one that is made in its place', async () => {
    const parent = testFolder();
    const folder = join(parent, 'records');
    const { lines, logger } = createLog();
    await using records = await open(folder, { logger });
    records.store.write(arrival('call_1'));
    await records.flush();
    renameSync(folder, join(parent, 'gone'));
    for (const callId of ['call_2', 'call_3']) {
      records.store.write(arrival(callId));
      await records.flush();
    }
    expect(records.stats().store).toMatchObject({ written: 1, waiting: 2 });
    expect(records.stats().store.failures).toBeGreaterThan(1);
    expect(lines).toMatchObject([
      { level: 'error', fields: { fix: expect.stringMatching(/is gone .*: put it back, or make it again/) as string } },
    ]);
    expect(existsSync(folder)).toBe(false);
    mkdirSync(folder, { mode: 0o700 });
    await eventually(() => records.stats().store.waiting === 0, 'not written again');
    expect(listed(folder)).toEqual(['call_2', 'call_3']);
    expect(listed(join(parent, 'gone'))).toEqual(['call_1']);
    await expect(open(folder)).rejects.toMatchObject({ code: 'IN_USE' });
  });

  it('whose folder was away and is back go on where they were, and live calls stay live', async () => {
    const parent = testFolder();
    const folder = join(parent, 'records');
    await using records = await open(folder);
    records.store.write(arrival('call_1'));
    await records.flush();
    renameSync(folder, join(parent, 'away'));
    records.store.write({ type: 'stage', callId: 'call_1', stage: 'answered', atMs: 7 });
    await records.flush();
    expect(records.stats().store.waiting).toBe(1);
    renameSync(join(parent, 'away'), folder);
    await eventually(() => records.stats().store.waiting === 0, 'not written again');
    using archive = openCallArchive({ folder });
    expect(archive.get('call_1')).toMatchObject({ answeredMs: 7, endedMs: null });
  });

  it('tell their readers whether a switch has them', async () => {
    const folder = testFolder();
    const records = await open(folder);
    using archive = openCallArchive({ folder });
    expect(archive.hasSwitch()).toBe(true);
    await records.close();
    expect(archive.hasSwitch()).toBe(false);
  });

  it('that are locked by another program wait, are told once with the way out, and are complete afterwards', async () => {
    const folder = testFolder();
    const { lines, logger } = createLog();
    await using records = await open(folder, { logger });
    const other = new DatabaseSync(join(folder, 'calls.db'));
    other.exec('BEGIN IMMEDIATE');
    for (let i = 0; i < 3; i++) {
      records.store.write(arrival(`call_${i}`));
      await records.flush();
    }
    expect(records.stats().store).toMatchObject({ written: 0, waiting: 3 });
    expect(records.stats().store.failures).toBeGreaterThan(1);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        fields: expect.objectContaining({ fix: 'another program holds a lock on calls.db: end it' }) as object,
        message: expect.stringContaining('calls go on') as string,
      },
    ]);
    other.exec('ROLLBACK');
    other.close();
    await eventually(() => listed(folder).length === 3, 'not written');
    await records.flush();
    expect(lines.at(-1)).toMatchObject({ level: 'info', message: 'call records are written again' });
  });

  it('that cannot keep up are bounded: entries of the timeline go first, and all of it is counted', async () => {
    const folder = testFolder();
    await using records = await open(folder);
    const other = new DatabaseSync(join(folder, 'calls.db'));
    other.exec('BEGIN IMMEDIATE');
    records.store.write(arrival('call_1'));
    for (let seq = 0; seq < 25_000; seq++)
      records.store.write({ type: 'timeline', callId: 'call_1', seq, atMs: seq, kind: 'x', fields: '{}' });
    records.store.write(ending('call_1', 25_000));
    expect(records.stats().store).toMatchObject({ dropped: 5_001, waiting: 20_001 });
    for (let seq = 0; seq < 2_000; seq++) {
      records.store.write({
        type: 'annotation',
        callId: 'call_1',
        seq,
        atMs: 1,
        kind: 'x',
        data: JSON.stringify('x'.repeat(16_000)),
      });
    }
    expect(records.stats().store.waiting).toBeLessThan(22_000);
    other.exec('ROLLBACK');
    other.close();
    await records.flush();
    using archive = openCallArchive({ folder });
    expect(archive.get('call_1')).toMatchObject({ endReason: 'hangup' });
  });

  it('are swept by the clock of the switch', async () => {
    const folder = testFolder();
    const virtual = createVirtualClock({
      settle: () => new Promise((resolve) => setImmediate(resolve)),
      wallTimeMs: Date.UTC(2026, 0, 10),
    });
    const dayMs = 86_400_000;
    await using records = await open(folder, { clock: virtual, retention: { maxAgeMs: dayMs }, sweepEveryMs: 60_000 });
    records.store.write(arrival('call_1', { startedAtMs: Date.UTC(2026, 0, 9, 12) }));
    records.store.write(ending('call_1', 1_000));
    await records.flush();
    await records.sweep();
    expect(listed(folder)).toEqual(['call_1']);
    virtual.stepWallTime(dayMs);
    await virtual.advance(60_000);
    await eventually(() => records.stats().store.deletedCalls === 1, 'not swept');
    expect(listed(folder)).toEqual([]);
  });
});

const header: RecordingHeader = {
  callId: 'call_1',
  connectorUuid: 'support',
  startedAtMs: Date.UTC(2026, 0, 1),
  startMs: 0,
  startTick: 0,
  consentClip: undefined,
};
const spoken = {
  caller: new Int16Array(busTickSamples).fill(1),
  callee: new Int16Array(busTickSamples).fill(2),
  agent: new Int16Array(busTickSamples).fill(3),
};

describe('the recorder', () => {
  it('writes in its own thread what is said, and finishes with the call', async () => {
    const folder = testFolder();
    await using records = await open(folder);
    const states: RecordingState[] = [];
    const sink = records.recorder?.begin(header, (state) => states.push(state));
    sink?.mark({ type: 'matrix', tick: 0, matrix: matrices.barge });
    for (let tick = 0; tick < 50; tick++) sink?.write(tick, spoken);
    await eventually(() => states.length === 1, 'not begun');
    records.store.write(arrival('call_1'));
    records.store.write({ type: 'recording', callId: 'call_1', recording: states[0] as RecordingState });
    await records.flush();
    using archive = openCallArchive({ folder });
    const bytes = (): number => [...archive.wav('call_1')].reduce((sum, piece) => sum + piece.length, 0);
    await eventually(() => bytes() === 44 + 50 * 960, 'nothing written');
    sink?.end(50);
    await eventually(() => states.length === 2, 'not finished');
    expect(states[1]).toMatchObject({ state: 'complete' });
    expect(records.stats().recorder).toMatchObject({ active: 0, completed: 1, droppedTicks: 0 });
  });

  it('drops, counts and flags what its thread is too far behind to take, and keeps every later tick where it belongs', async () => {
    const folder = testFolder();
    await using records = await open(folder);
    const states: RecordingState[] = [];
    const sink = records.recorder?.begin(header, (state) => states.push(state));
    const { length } = Array.from({ length: ringTicks + 30 });
    for (let tick = 0; tick < length; tick++) sink?.write(tick, spoken);
    expect(records.stats().recorder.droppedTicks).toBe(30);
    await eventually(() => states.length > 0, 'not begun');
    let tick = length;
    await eventually(() => {
      sink?.write(tick++, spoken);
      return records.stats().recorder.droppedTicks === tick - 1 - ringTicks;
    }, 'it never took anything again');
    sink?.end(tick);
    await eventually(() => states.length === 2, 'not finished');
    records.store.write(arrival('call_1'));
    records.store.write({ type: 'recording', callId: 'call_1', recording: states[1] as RecordingState });
    await records.flush();
    using archive = openCallArchive({ folder });
    const wav = Buffer.concat([...archive.wav('call_1', 'parties')].map((piece) => Uint8Array.from(piece)));
    const at = (index: number): number => wav.readInt16LE(44 + index * busTickSamples * 6);
    expect([at(ringTicks - 1), at(ringTicks), at(tick - 2), at(tick - 1)]).toEqual([1, 0, 0, 1]);
  });

  it('stops one recording whose folder is gone, with one line, and records the next', async () => {
    const parent = testFolder();
    const folder = join(parent, 'records');
    const { lines, logger } = createLog();
    await using records = await open(folder, { logger });
    const states: RecordingState[] = [];
    renameSync(folder, join(parent, 'elsewhere'));
    const lost = records.recorder?.begin(header, (state) => states.push(state));
    for (let tick = 0; tick < 200; tick++) lost?.write(tick, spoken);
    await eventually(() => states.length === 1, 'not told');
    lost?.write(200, spoken);
    lost?.end(201);
    expect(states).toMatchObject([{ state: 'stopped', reason: 'unwritable' }]);
    records.recorder?.begin({ ...header, callId: 'call_3' }, (state) => states.push(state));
    await eventually(() => states.length === 2, 'not told');
    const fix = 'the folder of the records is gone: put it back, or make it again';
    expect(lines).toMatchObject([{ level: 'error', fields: { callId: 'call_1', code: 'ENOENT', fix } }]);
    mkdirSync(folder);
    const next = records.recorder?.begin({ ...header, callId: 'call_2' }, (state) => states.push(state));
    next?.end(0);
    await eventually(() => states.length === 4, 'not recorded');
    expect(lines.slice(1)).toMatchObject([{ level: 'info', message: 'recordings are complete again' }]);
    expect(states[3]).toMatchObject({ state: 'complete' });
    expect(existsSync(join(folder, 'recordings', '2026-01-01', 'call_2', 'caller.wav'))).toBe(true);
    expect(records.stats().recorder).toMatchObject({
      stopped: { disk_full: 0, unwritable: 2, failed: 0 },
      completed: 1,
    });
  });
});
