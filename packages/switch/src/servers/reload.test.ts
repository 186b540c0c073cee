import { describe, expect, it } from 'vitest';
import { createApiKey } from '../connectors/api-key.ts';
import { describeCertificate } from '../connectors/client-certificate.ts';
import type { ConnectorOptions } from '../connectors/connector.ts';
import { createMemoryRecords } from '../testing/memory-records.ts';
import { answerCall, connectCall, freshNumbers, placeCall, type TestCall, watchTicks } from './test-call.ts';
import { createTestCertificate } from './test-certificate.ts';
import { createTestBrowser } from './test-browser.ts';
import { createTestSwitch, type RawPeer, type TestSwitch } from './test-switch.ts';

const key = createApiKey();
const other = createApiKey();

function connector(options: Partial<ConnectorOptions> = {}): ConnectorOptions {
  return { uuid: 'c', numbers: ['*'], keys: [key.stored], ...options };
}

/** A call that is under way when the connectors are replaced. */
async function startCall(): Promise<{
  readonly test: TestSwitch;
  readonly call: TestCall;
  readonly expectUnharmed: () => void;
}> {
  const test = createTestSwitch({ connectors: [connector()] });
  const control = await test.openControl({ key: key.key });
  const call = await answerCall(test, { control });
  await test.clock.advance(200);
  return { test, call, expectUnharmed: watchTicks(test, call) };
}

async function dial(test: TestSwitch): Promise<RawPeer> {
  const { from, to } = freshNumbers();
  await test.openPhone(to);
  const caller = await test.openPhone(from);
  caller.send({ type: 'dial', to });
  await test.clock.advance(100);
  return caller;
}

describe('replacing the connectors under a running call', () => {
  it('with the same ones disturbs nobody: no tick is lost, control and media stay open, the next call comes', async () => {
    const { test, call, expectUnharmed } = await startCall();
    expect(test.sw.setConnectors([connector()])).toEqual({ added: [], removed: [] });
    await test.clock.advance(500);
    expectUnharmed();
    expect(call.control.closed).toBeUndefined();
    await placeCall(test, { control: call.control });
  });

  it('with another key takes 4401 to the clients with the old one, call included; the new one is let in', async () => {
    const { test, call } = await startCall();
    test.sw.setConnectors([connector({ keys: [other.stored] })]);
    expect(await call.control.end()).toMatchObject({ code: 4401 });
    expect(await call.media.end()).toMatchObject({ code: 4401 });
    await expect(test.open('control', key.key)).rejects.toMatchObject({ status: 401 });
    await test.openControl({ key: other.key });
  });

  it('with a key more lets it in, and disturbs nobody', async () => {
    const { test, call, expectUnharmed } = await startCall();
    await expect(test.open('control', other.key)).rejects.toMatchObject({ status: 401 });
    test.sw.setConnectors([connector({ keys: [key.stored, other.stored] })]);
    await test.openControl({ key: other.key });
    await test.clock.advance(500);
    expectUnharmed();
    expect(call.control.closed).toBeUndefined();
  });

  it('without its connector takes no new call; the running one goes on, and may still resume', async () => {
    const { test, call, expectUnharmed } = await startCall();
    expect(test.sw.setConnectors([])).toEqual({ added: [], removed: ['c'] });
    expect(await call.control.end()).toMatchObject({ code: 4403, reason: 'the connector is no longer there' });
    await test.clock.advance(500);
    expectUnharmed();
    expect((await (await dial(test)).next('error')).code).toBe('CALLEE_UNREACHABLE');
    const { resumeToken = '' } = call.media.messages.find((message) => message.type === 'attached') ?? {};
    call.media.connection.cut();
    await test.clock.advance(100);
    const again = await test.open('media', resumeToken);
    again.send({ type: 'resume', received: {}, lastEventSeq: 0, generation: 0 });
    expect(await again.next('resumed')).toMatchObject({ state: 'ANSWERED' });
  });

  it('with lower limits holds new calls to them, and leaves those that run', async () => {
    const { test, call, expectUnharmed } = await startCall();
    test.sw.setConnectors([connector({ limits: { maxCalls: 1, maxCallMs: 400 } })]);
    expect((await (await dial(test)).next('error')).code).toBe('LIMIT_REACHED');
    await test.clock.advance(1_000);
    expectUnharmed();
    expect(call.media.closed, 'the longest call is that of its arrival').toBeUndefined();
  });

  it('with other numbers sends new calls elsewhere', async () => {
    const test = createTestSwitch({ connectors: [connector({ numbers: ['+1'] })] });
    test.sw.setConnectors([
      connector({ numbers: ['+2'] }),
      connector({ uuid: 'd', numbers: ['+1'], keys: [other.stored] }),
    ]);
    const second = await test.openControl({ key: other.key });
    await test.openPhone('+1');
    const caller = await test.openPhone('+3');
    caller.send({ type: 'dial', to: '+1' });
    expect(await second.next('offer')).toMatchObject({ calleeNumber: '+1' });
  });

  it('shows the new numbers to operators who sign in', () => {
    const test = createTestSwitch({ connectors: [connector({ numbers: ['+1'] })] });
    test.sw.setConnectors([connector({ numbers: ['+2'] })]);
    const browser = createTestBrowser(test);
    expect(browser.signIn(test.sw.createSignIn({ role: 'operator' })).json).toMatchObject({ numbers: ['+2'] });
  });

  it('with a fault throws, and changes nothing', async () => {
    const { test, call, expectUnharmed } = await startCall();
    expect(() => test.sw.setConnectors([connector({ numbers: ['x'] })])).toThrow(/numbers/);
    await test.clock.advance(500);
    expectUnharmed();
    await placeCall(test, { control: call.control });
  });

  it('that refuses a certificate closes what it has open with 4401, in a call too', async () => {
    const certificate = createTestCertificate('agent-1');
    const listed = connector({ keys: [], certificates: [{ commonName: 'agent-1' }] });
    const test = createTestSwitch({ connectors: [listed] });
    const control = await test.openControl({ key: '', certificate });
    const { token, caller } = await placeCall(test, { control });
    const media = await test.open('media', token, { certificate });
    media.send({ type: 'attach', sampleRateHz: 24_000 });
    await media.next('attached');
    const { publicKeySha256 } = describeCertificate(certificate);
    test.sw.setConnectors([{ ...listed, revokedCertificates: [publicKeySha256] }]);
    expect(await control.end()).toMatchObject({ code: 4401 });
    expect(await media.end()).toMatchObject({ code: 4401 });
    expect(caller.closed).toBeUndefined();
    await expect(test.open('control', '', { certificate })).rejects.toMatchObject({ status: 401 });
  });

  it('sends a client away to come back that has not said hello, so that none has a seat by what was listed before', async () => {
    const test = createTestSwitch({ connectors: [connector()] });
    const fresh = await test.open('control', key.key);
    test.sw.setConnectors([connector({ uuid: 'd' })]);
    expect(await fresh.end()).toMatchObject({ code: 1001 });
  });

  it('cancels the offers of a client that is no longer good, and asks the next', async () => {
    const test = createTestSwitch({ connectors: [connector({ keys: [key.stored, other.stored] })] });
    const first = await test.openControl({ key: key.key });
    const { callId } = await placeCall(test, { control: first });
    const second = await test.openControl({ key: other.key });
    test.sw.setConnectors([connector({ keys: [other.stored] })]);
    expect(await second.next('offer')).toMatchObject({ callId });
  });

  it('any number of times, in any order, leaves the call as it is', async () => {
    const { test, expectUnharmed } = await startCall();
    for (let round = 0; round < 50; round++) {
      const more = connector({ uuid: `d${round}`, numbers: [`+99${round}`], keys: [other.stored] });
      test.sw.setConnectors(round % 2 === 0 ? [connector(), more] : [more, connector({ limits: { maxCalls: round } })]);
      await test.clock.advance(40);
    }
    expectUnharmed();
  });
});

describe('draining', () => {
  it('ends none of 50 calls before the deadline, takes none, and ends the rest at it', async () => {
    const test = createTestSwitch();
    const control = await test.openControl();
    const calls: TestCall[] = [];
    for (let call = 0; call < 50; call++) calls.push(await connectCall(test, { control }));
    await test.clock.advance(200);
    const watched = calls.map((call) => watchTicks(test, call));
    const drained = test.sw.drain({ timeoutMs: 3_000 });
    expect(test.sw.readiness).toBe('draining');
    await test.clock.advance(500);
    const { from } = freshNumbers();
    await expect(test.openPhone(from)).rejects.toMatchObject({ status: 503 });
    await expect(test.openControl()).rejects.toMatchObject({ status: 503 });
    calls[0]?.callee.send({ type: 'hangup' });
    calls[0]?.caller.send({ type: 'dial', to: '+21' });
    await test.clock.advance(1_000);
    expect(test.sw.calls).toHaveLength(49);
    for (const unharmed of watched.slice(1)) unharmed();
    const offers = control.messages.filter(({ type }) => type === 'offer');
    expect(offers, 'none is offered').toHaveLength(50);
    await test.clock.advance(1_499);
    expect(test.sw.calls, 'until the last moment').toHaveLength(49);
    for (const unharmed of watched.slice(1)) unharmed();
    // The prompt that tells people so.
    await test.clock.advance(1_300);
    expect(test.sw.calls).toEqual([]);
    await test.clock.runUntil(drained, { maxMs: 1_000 });
    await test.clock.advance(0);
    const ends = calls.slice(1).map(({ media }) => media.messages.findLast(({ type }) => type === 'event'));
    for (const end of ends)
      expect(end).toMatchObject({ event: { type: 'call.terminated', reason: 'shutdown', by: 'switch' } });
  });

  it('is over as soon as its last call is', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    const drained = test.sw.drain({ timeoutMs: 60_000 });
    call.caller.send({ type: 'hangup' });
    const startMs = test.clock.now();
    await test.clock.runUntil(drained, { maxMs: 1_000 });
    expect(test.clock.now() - startMs).toBeLessThan(100);
  });

  it('lets an agent come back to its call', async () => {
    const test = createTestSwitch();
    const { media } = await answerCall(test);
    void test.sw.drain({ timeoutMs: 60_000 });
    const { resumeToken = '' } = media.messages.find((message) => message.type === 'attached') ?? {};
    media.connection.cut();
    await test.clock.advance(100);
    const again = await test.open('media', resumeToken);
    again.send({ type: 'resume', received: {}, lastEventSeq: 0, generation: 0 });
    await again.next('resumed');
  });
});

describe('recording, when the connectors are replaced', () => {
  it('is taken over for new calls, and running ones go on as they began', async () => {
    const records = createMemoryRecords();
    const test = createTestSwitch({ connectors: [connector()], records });
    const control = await test.openControl({ key: key.key });
    const before = await answerCall(test, { control });
    test.sw.setConnectors([connector({ recording: 'on', consentTone: 'off' })]);
    const after = await answerCall(test, { control });
    await test.clock.advance(500);
    expect([...records.recordings.keys()]).toEqual([after.callId]);
    expect(records.recordings.get(after.callId)?.header.consentClip).toBeUndefined();
    test.sw.setConnectors([connector()]);
    await test.clock.advance(500);
    expect(records.recordings.get(after.callId)?.ticks).toBeGreaterThan(45);
    expect(records.recordings.has(before.callId)).toBe(false);
  });

  it('is refused where nothing records, and nothing is changed; the same at the start', () => {
    const { store } = createMemoryRecords();
    const wanting = [connector({ recording: 'on', numbers: ['+1'] })];
    for (const records of [undefined, { store }]) {
      const of = records === undefined ? {} : { records };
      const { sw } = createTestSwitch({ connectors: [connector()], ...of });
      expect(() => sw.setConnectors(wanting)).toThrow(/^connector c: recording is on, and /);
      expect(sw.connectors).toMatchObject([{ numbers: ['*'], recording: 'off' }]);
      expect(() => createTestSwitch({ connectors: wanting, ...of })).toThrow(/^connector c: recording is on, and /);
    }
  });
});
