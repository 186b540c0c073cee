import { describe, expect, it } from 'vitest';
import { answerCall, connectCall, placeCall } from '../servers/test-call.ts';
import { createMemoryRecords } from '../testing/memory-records.ts';
import { createTestSwitch, type RawPeer, type TestSwitch } from '../servers/test-switch.ts';
import { switchMetrics } from './metric-table.ts';
import { createTestMeter, type TestMeter } from './test-meter.ts';

const connector = 'connector-1';

function createMetered(
  options: Parameters<typeof createTestSwitch>[0] = {},
): TestSwitch & { readonly meter: TestMeter } {
  const meter = createTestMeter();
  return { ...createTestSwitch({ ...options, meterProvider: meter.provider }), meter };
}

async function dial(test: TestSwitch, to: string): Promise<RawPeer> {
  const caller = await test.openPhone(`+19${to.slice(1)}`);
  caller.send({ type: 'dial', to });
  await test.clock.advance(0);
  return caller;
}

describe('the metrics of a switch', () => {
  it('are the rows of the table, each once', () => {
    const { meter } = createMetered();
    const rows = Object.values(switchMetrics).map(({ name }) => name);
    expect(meter.names.toSorted()).toEqual(rows.toSorted());
  });

  it('follow a call from its offer to its end', async () => {
    const test = createMetered();
    const { meter, clock } = test;
    const control = await test.openControl();
    expect(meter.read('agentao.agents.connected', { connector })).toBe(1);
    expect(meter.read('agentao.agents.ready', { connector })).toBe(1);
    await placeCall(test, { control });
    await clock.advance(300);
    expect(meter.read('agentao.calls.active', { connector })).toBe(1);
    control.socket.terminate();
    await clock.advance(0);
    expect(meter.read('agentao.offers', { connector, outcome: 'expired' })).toBe(1);
    expect(meter.read('agentao.agents.connected', { connector })).toBe(0);
    expect(meter.read('agentao.agents.ready', { connector })).toBe(0);

    const call = await connectCall(test);
    await clock.advance(2_000);
    expect(meter.read('agentao.offers', { connector, outcome: 'accepted' })).toBe(1);
    expect(meter.read('agentao.call.accept.duration', { connector })).toBe(1);
    expect(meter.read('agentao.call.ring.duration', { connector, outcome: 'answered' })).toBe(1);
    expect(meter.read('agentao.connections.open', { path: '/media' })).toBe(1);
    expect(meter.read('agentao.ticks')).toBeGreaterThan(100);
    expect(meter.read('agentao.ticks.late')).toBe(0);
    call.caller.send({ type: 'hangup' });
    await clock.advance(100);
    expect(meter.read('agentao.calls', { connector, reason: 'hangup', by: 'caller' })).toBe(1);
    expect(meter.records('agentao.call.duration').at(-1)).toBeCloseTo(2, 1);
    expect(meter.read('agentao.connections.open', { path: '/media' })).toBe(0);
  });

  it('count what was refused, by a closed set of reasons', async () => {
    const uuid = connector;
    const test = createMetered({
      connectors: [{ uuid, numbers: ['+2*'], limits: { maxCalls: 2, callsPerSecond: 1 } }],
    });
    const { meter, clock, sw } = test;
    const refused = (reason: string, of?: string): number =>
      meter.read('agentao.calls.refused', { reason, ...(of === undefined ? {} : { connector: of }) });
    for (const number of ['+21', '+22', '+23', '+24']) await test.openPhone(number);
    const first = await dial(test, '+21');
    await dial(test, '+22');
    await clock.advance(1_000);
    await dial(test, '+23');
    await dial(test, '+24');
    await dial(test, '+3');
    expect(refused('rate', uuid)).toBe(1);
    expect(refused('limit', uuid)).toBe(1);
    expect(refused('no_connector')).toBe(1);
    expect(first.messages.some(({ type }) => type === 'dialing')).toBe(true);
    await test.open('control', 'ak_wrong_key').catch(() => undefined);
    sw.onUpgrade({ path: '/x?secret', headers: new Map(), subprotocols: [], remoteAddress: 'a' });
    expect(meter.read('agentao.connections.refused', { path: '/control', code: 'UNAUTHENTICATED' })).toBe(1);
    expect(meter.read('agentao.connections.refused', { path: 'other', code: 'NOT_FOUND' })).toBe(1);
  });

  it('are there for a connector before anything has happened at it, for an alert to see the first time', () => {
    const { meter, sw } = createMetered({ connectors: [{ uuid: connector, numbers: ['+2*'] }] });
    sw.setConnectors([
      { uuid: connector, numbers: ['+2*'] },
      { uuid: 'added', numbers: ['+3*'] },
    ]);
    for (const uuid of [connector, 'added']) {
      for (const name of ['calls.active', 'agents.connected', 'agents.ready', 'agent.losses', 'agent.takeovers']) {
        expect(meter.has(`agentao.${name}`, { connector: uuid }), `${name} of ${uuid}`).toBe(true);
      }
      expect(meter.has('agentao.offers', { connector: uuid, outcome: 'expired' })).toBe(true);
      expect(meter.has('agentao.calls.refused', { connector: uuid, reason: 'limit' })).toBe(true);
    }
    expect(meter.has('agentao.calls.refused', { reason: 'no_connector' })).toBe(true);
    expect(meter.read('agentao.agents.ready', { connector: 'added' })).toBe(0);
    sw.setConnectors([{ uuid: connector, numbers: ['+2*'] }]);
    expect(meter.has('agentao.agents.ready', { connector: 'added' }), 'nobody is to serve it').toBe(false);
  });

  it('begin at 0 for so many connectors only that no metric has too many series', () => {
    const uuids = Array.from({ length: 300 }, (_, index) => `c${index}`);
    const { meter } = createMetered({ connectors: uuids.map((uuid, index) => ({ uuid, numbers: [`+2${index}`] })) });
    const some = ['c0', 'c249', 'c250', 'c299'];
    const there = (name: string): readonly string[] => some.filter((uuid) => meter.has(name, { connector: uuid }));
    expect(there('agentao.agent.losses')).toEqual(['c0', 'c249']);
    expect(there('agentao.agents.ready')).toEqual(some);
  });

  it('tell agents that come back from agents that are lost', async () => {
    const test = createMetered();
    const { meter, clock } = test;
    const { media, control } = await answerCall(test);
    const { resumeToken = '' } = media.messages.find((message) => message.type === 'attached') ?? {};
    media.connection.cut();
    await clock.advance(100);
    const again = await test.open('media', resumeToken);
    again.send({ type: 'resume', received: {}, lastEventSeq: 0, generation: 0 });
    await again.next('resumed');
    expect(meter.read('agentao.agent.resumes', { connector })).toBe(1);
    again.connection.cut();
    control.connection.cut();
    await clock.advance(20_000);
    expect(meter.read('agentao.agent.losses', { connector })).toBe(1);
  });

  it('tell what records and recordings have come to, where there are some', async () => {
    const stats = {
      store: { written: 1, waiting: 2, dropped: 3, rejected: 4, failures: 5, deletedCalls: 6 },
      recorder: {
        active: 7,
        completed: 8,
        stopped: { disk_full: 9, unwritable: 10, failed: 11 },
        bytes: 12,
        droppedTicks: 13,
      },
    };
    const { meter } = createMetered({ records: { ...createMemoryRecords(), stats: () => stats } });
    const read = (name: string, outcome?: string): number =>
      meter.read(`agentao.${name}`, outcome === undefined ? {} : { outcome });
    expect(['written', 'dropped', 'rejected'].map((outcome) => read('records.changes', outcome))).toEqual([1, 3, 4]);
    expect([read('records.waiting'), read('records.failures'), read('records.deleted')]).toEqual([2, 5, 6]);
    const outcomes = ['complete', 'disk_full', 'unwritable', 'failed'];
    expect(outcomes.map((outcome) => read('recordings', outcome))).toEqual([8, 9, 10, 11]);
    expect(['active', 'written', 'dropped'].map((name) => read(`recordings.${name}`))).toEqual([7, 12, 13]);
  });

  it('have no labels but those of the table, and stop with the switch', async () => {
    const test = createMetered();
    const { meter, sw } = test;
    await connectCall(test);
    await dial(test, '+3');
    expect(meter.callbacks).toBe(1);
    meter.read('agentao.calls.active');
    for (const { name, labels } of Object.values(switchMetrics)) {
      expect(labels, name).toEqual(expect.arrayContaining([...(meter.labels.get(name) ?? [])]));
    }
    await sw.close();
    expect(meter.callbacks).toBe(0);
  });
});
