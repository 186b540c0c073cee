import { limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createApiKey } from '../connectors/api-key.ts';
import { createTestSwitch } from './test-switch.ts';

describe('who may open a control connection', () => {
  const stranger = createApiKey();

  it.each([
    ['no key', ''],
    ['an unknown key', stranger.key],
    ['something that is no key', 'hello'],
  ])('%s is refused with 401 UNAUTHENTICATED', async (_, token) => {
    const test = createTestSwitch();
    await expect(test.open('control', token)).rejects.toMatchObject({ code: 'REFUSED', status: 401 });
  });

  it('a wrong secret and an unknown key id get the very same answer', async () => {
    const test = createTestSwitch();
    const bodies: unknown[] = [];
    for (const token of [`${test.key.key}0`, stranger.key]) {
      await test.open('control', token).catch((error: { body?: string }) => bodies.push(error.body));
    }
    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toBe(bodies[1]);
    expect(JSON.parse(String(bodies[0]))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('a revoked key is refused, and the sessions it has open are closed with 4401', async () => {
    const test = createTestSwitch();
    const other = createApiKey();
    const own = createTestSwitch({
      connectors: [{ uuid: 'c', numbers: ['*'], keys: [test.key.stored, other.stored] }],
    });
    const revoked = await own.openControl({ key: test.key.key });
    const kept = await own.openControl({ key: other.key });
    expect(own.sw.revokeKey(test.key.stored.keyId)).toBe(true);
    expect(await revoked.end()).toMatchObject({ code: 4401 });
    await expect(own.open('control', test.key.key)).rejects.toMatchObject({ status: 401 });
    expect(kept.closed).toBeUndefined();
    expect(own.sw.revokeKey(test.key.stored.keyId)).toBe(false);
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
    const control = await test.open('control', test.key.key);
    control.send({ type: 'hello', client: 'raw', connectorUuid: 'another' });
    expect(await control.next('error')).toMatchObject({ code: 'FORBIDDEN' });
    expect(await control.end()).toMatchObject({ code: 4403 });
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
