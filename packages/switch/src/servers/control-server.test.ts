import { limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createApiKey } from '../connectors/api-key.ts';
import { runSecondCall } from './test-call.ts';
import { createTestSwitch, type TestSwitch } from './test-switch.ts';

/** Fails unless the key is refused as one that nobody has, and a call beside it loses no tick; returns the refusal's text. */
async function expectRefused(test: TestSwitch, key: string): Promise<string> {
  const expectNoTickLost = await runSecondCall(test);
  const error = await test.open('control', key).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'REFUSED', status: 401 });
  const { body } = error as { readonly body: string };
  expect(JSON.parse(body)).toMatchObject({ code: 'UNAUTHENTICATED' });
  await expectNoTickLost();
  return body;
}

describe('who may open a control connection', () => {
  const stranger = createApiKey();

  it.each([
    ['no key', ''],
    ['an unknown key', stranger.key],
    ['something that is no key', 'hello'],
  ])('%s is refused with 401 UNAUTHENTICATED', async (_, token) => {
    await expectRefused(createTestSwitch(), token);
  });

  it('a wrong secret and an unknown key id get the very same answer', async () => {
    const test = createTestSwitch();
    expect(await expectRefused(test, `${test.key.key}0`)).toBe(await expectRefused(test, stranger.key));
  });

  it('a revoked key is refused, and the sessions it has open are closed with 4401', async () => {
    const [leaked, good] = [createApiKey(), createApiKey()];
    const test = createTestSwitch({
      connectors: [{ uuid: 'c', numbers: ['*'], keys: [leaked.stored, good.stored] }],
    });
    const kept = await test.openControl({ key: good.key });
    const expectNoTickLost = await runSecondCall(test, { control: kept });
    const revoked = await test.openControl({ key: leaked.key });
    expect(test.sw.revokeKey(leaked.stored.keyId)).toBe(true);
    expect(await revoked.end()).toMatchObject({ code: 4401 });
    await expect(test.open('control', leaked.key)).rejects.toMatchObject({ status: 401 });
    await expectNoTickLost();
    expect(kept.closed).toBeUndefined();
    expect(test.sw.revokeKey(leaked.stored.keyId)).toBe(false);
  });

  it('a key has a bounded number of sessions, and gets its place back', async () => {
    const test = createTestSwitch({ limits: { sessionsPerKey: 2 } });
    const first = await test.openControl();
    await test.openControl();
    await expect(test.openControl()).rejects.toMatchObject({ status: 429 });
    first.socket.close(1000);
    await first.end();
    await expect(test.openControl()).resolves.toBeDefined();
  });

  it('an address has a bounded number of sockets of all kinds', async () => {
    const test = createTestSwitch({ limits: { socketsPerAddress: 2 } });
    const phone = await test.openPhone('+1');
    await test.openControl();
    await expect(test.openControl()).rejects.toMatchObject({ status: 429 });
    phone.socket.terminate();
    await phone.end();
    await expect(test.openControl()).resolves.toBeDefined();
  });
});

describe('hello', () => {
  it('is answered with the session, the connector and the heartbeat', async () => {
    const test = createTestSwitch();
    const control = await test.open('control', test.key.key);
    control.send({ type: 'hello', client: 'raw' });
    expect(await control.next('welcome')).toMatchObject({
      sessionId: expect.stringMatching(/./),
      connectorUuid: test.connectorUuid,
      heartbeatMs: limits.heartbeatMs,
    });
  });

  it('that does not come within 5 s closes with 4408', async () => {
    const test = createTestSwitch();
    const control = await test.open('control', test.key.key);
    await test.clock.advance(4_999);
    expect(control.closed).toBeUndefined();
    expect(await control.end()).toMatchObject({ code: 4408 });
  });

  it('for a connector that the key does not fit is told FORBIDDEN and closed with 4403', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const control = await test.open('control', test.key.key);
    control.send({ type: 'hello', client: 'raw', connectorUuid: 'another' });
    expect(await control.next('error')).toMatchObject({ code: 'FORBIDDEN' });
    expect(await control.end()).toMatchObject({ code: 4403 });
    await expectNoTickLost();
  });

  it('must name the connector where the key fits several', async () => {
    const key = createApiKey();
    const connectors = ['1', '2'].map((uuid) => ({ uuid, numbers: [uuid], keys: [key.stored] }));
    const test = createTestSwitch({ connectors });
    const silent = await test.open('control', key.key);
    silent.send({ type: 'hello', client: 'raw' });
    expect(await silent.end()).toMatchObject({ code: 4403 });
    const named = await test.open('control', key.key);
    named.send({ type: 'hello', client: 'raw', connectorUuid: '2' });
    expect(await named.next('welcome')).toMatchObject({ connectorUuid: '2' });
  });
});

describe('heartbeat', () => {
  it('comes from the switch at its interval, whatever the client sends', async () => {
    const test = createTestSwitch();
    const control = await test.openControl();
    await test.clock.advance(3 * limits.heartbeatMs);
    expect(control.messages.filter(({ type }) => type === 'ping')).toHaveLength(3);
    expect(control.closed).toBeUndefined();
  });

  it('a ping is answered with its id, before hello too', async () => {
    const test = createTestSwitch();
    const control = await test.open('control', test.key.key);
    control.send({ type: 'ping', id: 7 });
    expect(await control.next('pong')).toEqual({ type: 'pong', id: 7 });
  });

  it('a client of which nothing is heard for two intervals is closed with 4504', async () => {
    const test = createTestSwitch();
    const control = await test.openControl();
    control.connection.stall('toServer');
    await test.clock.advance(2 * limits.heartbeatMs - 1);
    expect(control.closed).toBeUndefined();
    expect(await control.end()).toMatchObject({ code: 4504 });
  });
});

describe('shutdown and timers', () => {
  it('close ends sessions with 1001 and leaves no timer and no socket', async () => {
    const test = createTestSwitch();
    const control = await test.openControl();
    const fresh = await test.open('control', test.key.key);
    await test.sw.close();
    expect(await control.end()).toMatchObject({ code: 1001 });
    expect(await fresh.end()).toMatchObject({ code: 1001 });
    await test.clock.advance(0);
    expect(test.network.connections()).toHaveLength(0);
    expect(test.clock.pendingTimers).toBe(0);
    await expect(test.openControl()).rejects.toMatchObject({ status: 503 });
  });

  it('a switch that drains takes no control connection', async () => {
    const test = createTestSwitch();
    await test.sw.drain({ timeoutMs: 1_000 });
    await expect(test.openControl()).rejects.toMatchObject({ status: 503 });
  });
});
