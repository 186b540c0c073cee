import { createVirtualClock } from '@agentao/clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from '../calls/call.ts';
import { resolveConnector } from '../connectors/connector.ts';
import type { Logger } from '../servers/logger.ts';
import { createMemoryRecords } from '../testing/memory-records.ts';
import { checkRecording, createCallRecords } from './call-records.ts';
import type { RecordChange, SwitchRecords } from './call-store.ts';
import { openRecordDatabase } from './record-database.ts';
import { testFolder } from './test-folder.ts';
import { createTimelineChanges, keptEntries } from './timeline-changes.ts';

function setUp(options: { readonly records?: SwitchRecords; readonly recording?: 'on' | 'off' } = {}) {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const memory = createMemoryRecords();
  const connector = resolveConnector({ uuid: 'support', numbers: ['*'], recording: options.recording ?? 'off' });
  const logged: string[] = [];
  const log = (_: object, message: string): void => void logged.push(message);
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const records = createCallRecords(options.records ?? memory, { clock, logger });
  const record = records.open({
    callId: 'call_1',
    connector,
    direction: 'MT',
    callerNumber: '+15550001',
    calleeNumber: '+15559999',
  });
  return {
    clock,
    logged,
    records,
    record,
    changes: memory.changes,
    tell: (kind: string, fields: object = {}) =>
      records.timeline({ callId: 'call_1', atMs: Math.round(clock.now()), kind, ...fields }),
    annotations: () => memory.changes.filter(({ type }) => type === 'annotation'),
  };
}

/** A life of a call, as its timeline tells it. */
const life: readonly (readonly [kind: string, fields: object])[] = [
  ['arrived', { from: '+15550001', to: '+15559999' }],
  ['attached', { clientId: 'client-1' }],
  ['state', { stage: 'waiting', ringing: false, state: 'PENDING', mode: null }],
  ['state', { stage: 'answered', ringing: false, state: 'ANSWERED', mode: null }],
  ['event', { event: 'call.dtmf', party: 'caller', digit: '7' }],
  ['event', { event: 'call.terminated', reason: 'media_lost', by: 'switch' }],
  ['attached', { clientId: 'client-2' }],
  ['state', { stage: 'connected', ringing: false, state: 'CONNECTED', mode: 'barge' }],
  ['state', { stage: 'connected', ringing: false, state: 'CONNECTED', mode: 'spy' }],
  ['event', { event: 'call.terminated', reason: 'hangup', by: 'caller' }],
  ['ended', { reason: 'hangup', by: 'caller' }],
];

describe('the record of a call', () => {
  it('follows from its timeline: stages, the agents one after another, the end', () => {
    const { tell, changes } = setUp();
    for (const [kind, fields] of life) tell(kind, fields);
    const callId = 'call_1';
    expect(changes.filter(({ type }) => type !== 'timeline')).toEqual([
      expect.objectContaining({
        type: 'arrived',
        connectorUuid: 'support',
        callerNumber: '+15550001',
        calleeNumber: '+15559999',
      }),
      { type: 'agent_joined', callId, atMs: 0, epoch: 1, clientId: 'client-1' },
      { type: 'stage', callId, atMs: 0, stage: 'answered' },
      { type: 'agent_left', callId, atMs: 0, epoch: 1, reason: 'media_lost' },
      { type: 'agent_joined', callId, atMs: 0, epoch: 2, clientId: 'client-2' },
      { type: 'stage', callId, atMs: 0, stage: 'connected' },
      { type: 'agent_left', callId, atMs: 0, epoch: 2, reason: 'hangup' },
      { type: 'ended', callId, atMs: 0, reason: 'hangup', by: 'caller' },
    ]);
  });

  it('is what the schema allows', () => {
    const { tell, changes } = setUp();
    for (const [kind, fields] of life) tell(kind, fields);
    const database = openRecordDatabase(testFolder());
    expect(database.write(changes)).toEqual([]);
    database.close();
  });

  it('keeps no digit and no number in its timeline, whatever an entry says', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('digit', 'digits', 'from', 'to'),
        fc.stringMatching(/^[0-9*#]{4,8}$/),
        (field, secret) => {
          const entry: TimelineEntry = { callId: 'call_1', atMs: 1, kind: 'event', [field]: `x${secret}x` };
          expect(JSON.stringify(createTimelineChanges('call_1').of(entry))).not.toContain(`x${secret}x`);
        },
      ),
    );
  });

  it('ends once, as it ended first', () => {
    const { tell, changes } = setUp();
    tell('ended', { reason: 'hangup', by: 'caller' });
    tell('ended', { reason: 'failed', by: 'switch' });
    expect(changes.filter(({ type }) => type === 'ended')).toEqual([
      { type: 'ended', callId: 'call_1', atMs: 0, reason: 'hangup', by: 'caller' },
    ]);
  });

  it('bounds the entries of a call, and still tells how it ends', () => {
    const { tell, changes } = setUp();
    for (let i = 0; i < keptEntries + 10; i++) tell('command', { command: 'clear' });
    tell('ended', { reason: 'hangup', by: 'caller' });
    expect(changes.filter(({ type }) => type === 'timeline')).toHaveLength(keptEntries);
    expect(changes.at(-1)?.type).toBe('ended');
  });

  it('does not let a store that throws reach the call', () => {
    const store = {
      write: () => {
        throw new Error('no store');
      },
    };
    const { tell, record, logged } = setUp({ records: { store } });
    tell('attached', { clientId: 'client-1' });
    record.annotated({ atMs: 1, kind: 'turn', data: {} });
    expect(new Set(logged)).toEqual(new Set(['the store of call records threw']));
  });
});

describe('annotations', () => {
  it('are taken while the call lives and for five seconds after its end, and then no more', async () => {
    const { clock, tell, records, annotations } = setUp();
    expect(records.annotate('call_1', { kind: 'turn', data: 1 })).toBeUndefined();
    await clock.advance(1_000);
    tell('ended', { reason: 'hangup', by: 'caller' });
    await clock.advance(4_999);
    expect(records.annotate('call_1', { kind: 'summary', data: { text: 'late' } })).toBeUndefined();
    await clock.advance(1);
    expect(records.annotate('call_1', { kind: 'summary', data: 2 })).toMatch(/over for too long/);
    expect(records.annotate('call_2', { kind: 'summary', data: 2 })).toMatch(/unknown/);
    expect(annotations()).toEqual([
      { type: 'annotation', callId: 'call_1', atMs: 0, seq: 0, kind: 'turn', data: '1' },
      { type: 'annotation', callId: 'call_1', atMs: 5_999, seq: 1, kind: 'summary', data: '{"text":"late"}' },
    ] satisfies RecordChange[]);
  });

  it('count against one bound, before and after the end', () => {
    const { tell, record, records, annotations } = setUp();
    const data = 'x'.repeat(16_000);
    for (let i = 0; i < 10; i++) record.annotated({ atMs: 1, kind: 'turn', data });
    tell('ended', { reason: 'hangup', by: 'caller' });
    const refusals = Array.from({ length: 10 }, () => records.annotate('call_1', { kind: 'turn', data }));
    expect(refusals.filter((refusal) => refusal === undefined)).toHaveLength(6);
    expect(refusals.at(-1)).toMatch(/exceed 262144 bytes/);
    expect(annotations()).toHaveLength(16);
    expect(records.annotate('call_1', { kind: 'turn', data: 'x'.repeat(20_000) })).toMatch(/data exceeds/);
  });
});

describe('what a connector wants', () => {
  it('is named where the switch cannot give it', () => {
    const { store } = createMemoryRecords();
    const connectors = [{ uuid: 'support', numbers: ['*'], recording: 'on' as const }];
    expect(() => checkRecording(connectors, { store })).toThrow(
      'connector support: recording is on, and records has no recorder',
    );
    expect(() => checkRecording(connectors, undefined)).toThrow(
      'connector support: recording is on, and the switch has no records',
    );
    expect(() => checkRecording(connectors, createMemoryRecords())).not.toThrow();
    expect(() => resolveConnector({ uuid: 'a', numbers: ['*'], recording: 'yes' as 'on' })).toThrow(
      'connector a: recording must be off or on',
    );
  });

  it('decides whether a call is recorded', () => {
    expect(setUp().record.tap).toBeUndefined();
    expect(setUp({ recording: 'on' }).record.tap).toBeDefined();
  });
});
