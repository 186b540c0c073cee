import { subprotocols, ticketSubprotocolPrefix } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createOperatorToken } from '../connectors/api-key.ts';
import { createTestBrowser, signedIn } from './test-browser.ts';
import { freshNumbers, runSecondCall } from './test-call.ts';
import { createTestSwitch, host, type OpenOptions, type TestSwitch } from './test-switch.ts';

const origin = `http://${host}`;
const people = ['phone', 'monitor'] as const;

/** The status and code with which an upgrade is refused; fails if it is not. */
async function refusal(
  test: TestSwitch,
  path: 'phone' | 'monitor' | 'control' | 'media',
  options: OpenOptions & { readonly token?: string } = {},
): Promise<unknown> {
  const { token = '', ...how } = options;
  const error = await test.open(path, token, how).catch((cause: unknown) => cause);
  const { status, body = '{}' } = error as { readonly status?: number; readonly body?: string };
  return { status, code: (JSON.parse(body) as { readonly code?: string }).code };
}

function withTicket(...tickets: readonly string[]): OpenOptions {
  return { subprotocols: tickets.map((ticket) => `${ticketSubprotocolPrefix}${ticket}`) };
}

const invalidToken = { status: 401, code: 'INVALID_TOKEN' };
const unauthenticated = { status: 401, code: 'UNAUTHENTICATED' };
const forbidden = { status: 403, code: 'FORBIDDEN' };

describe('a ticket', () => {
  it('comes with a session’s cookie and says how long it is good', () => {
    const test = createTestSwitch();
    const reply = signedIn(test, 'viewer').fetch('POST', '/session/ticket');
    expect(reply).toMatchObject({
      status: 201,
      json: { ticket: expect.stringMatching(/^ti_[\w-]{43}$/), expiresInMs: 10_000 },
    });
    expect(createTestBrowser(test).fetch('POST', '/session/ticket').status).toBe(401);
  });

  it.each(people)('opens one %s, and the subprotocol that is spoken is never the ticket', async (path) => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const ticket = browser.ticket();
    const peer = await browser.open(path, ticket);
    expect(peer.socket.subprotocol).toBe(subprotocols[path]);
    await expect(browser.open(path, ticket)).rejects.toMatchObject({ status: 401 });
    expect(peer.closed).toBeUndefined();
  });

  it.each(people)('that is unknown, or none at all, opens no %s', async (path) => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const secret = signedIn(test).cookie.split('=')[1] ?? '';
    for (const wrong of ['', 'x', `ti_${'A'.repeat(43)}`, test.operatorToken, secret]) {
      expect(await refusal(test, path, withTicket(wrong))).toEqual(invalidToken);
    }
    expect(await refusal(test, path)).toEqual(unauthenticated);
    const cookie = signedIn(test).cookie;
    expect(await refusal(test, path, { headers: { cookie, origin } })).toEqual(unauthenticated);
    expect(await refusal(test, path, { token: createOperatorToken().token })).toEqual(unauthenticated);
    await expectNoTickLost();
  });

  it('is good for 10 s', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const [inTime, late] = [browser.ticket(), browser.ticket()];
    await test.clock.advance(9_999);
    await browser.open('monitor', inTime);
    await test.clock.advance(1);
    expect(await refusal(test, 'monitor', withTicket(late))).toEqual(invalidToken);
  });

  it.each<readonly [string, 'phone' | 'monitor' | 'control' | 'media', unknown, OpenOptions]>([
    ['a page of another site', 'phone', forbidden, { headers: { origin: 'http://evil.example' } }],
    ['a request for another path', 'control', unauthenticated, {}],
    [
      'a request beside a wrong operator token',
      'phone',
      unauthenticated,
      { headers: { authorization: 'Bearer op_x' } },
    ],
  ])('is used up by %s', async (_, path, answer, how) => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const ticket = browser.ticket();
    expect(await refusal(test, path, { ...how, ...withTicket(ticket) })).toEqual(answer);
    expect(await refusal(test, 'monitor', withTicket(ticket))).toEqual(invalidToken);
  });

  it('is used up by a request for a path or a subprotocol that is not there', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    for (const [path, subprotocol, status] of [
      ['/nowhere', subprotocols.monitor, 404],
      ['/monitor', 'agentao.monitor.v9', 400],
    ] as const) {
      const ticket = browser.ticket();
      const opening = test.network.connect({
        url: `ws://${host}${path}`,
        subprotocols: [subprotocol, `${ticketSubprotocolPrefix}${ticket}`],
        maxMessageBytes: 1_000,
        openTimeoutMs: 1_000,
      });
      await expect(opening).rejects.toMatchObject({ status });
      expect(await refusal(test, 'monitor', withTicket(ticket))).toEqual(invalidToken);
    }
  });

  it('is used up by a request that is one too many', async () => {
    const test = createTestSwitch({ limits: { socketsPerAddress: 1 } });
    const browser = signedIn(test);
    const monitor = await browser.open('monitor');
    const ticket = browser.ticket();
    expect(await refusal(test, 'monitor', withTicket(ticket))).toEqual({ status: 429, code: 'RATE_LIMITED' });
    monitor.socket.close();
    await monitor.end();
    expect(await refusal(test, 'monitor', withTicket(ticket))).toEqual(invalidToken);
    await browser.open('monitor');
  });

  it('beside another one is refused, and both are used up', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const [first, second] = [browser.ticket(), browser.ticket()];
    expect(await refusal(test, 'monitor', withTicket(first, second))).toEqual(invalidToken);
    for (const ticket of [first, second]) {
      expect(await refusal(test, 'monitor', withTicket(ticket))).toEqual(invalidToken);
    }
  });

  it('is worthless once its session has 16 newer ones; those of other sessions are not', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const foreign = signedIn(test).ticket();
    const tickets = Array.from({ length: 17 }, () => browser.ticket());
    expect(await refusal(test, 'monitor', withTicket(tickets[0] ?? ''))).toEqual(invalidToken);
    await browser.open('monitor', tickets[1]);
    await browser.open('monitor', tickets[16]);
    await browser.open('monitor', foreign);
  });

  it('is worthless once its session has ended', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const ticket = browser.ticket();
    browser.fetch('DELETE', '/session');
    expect(await refusal(test, 'monitor', withTicket(ticket))).toEqual(invalidToken);
  });
});

describe('a viewer', () => {
  it('may watch and may not have a phone, and has used its ticket up by asking for one', async () => {
    const test = createTestSwitch();
    const viewer = signedIn(test, 'viewer');
    await viewer.open('monitor');
    const ticket = viewer.ticket();
    expect(await refusal(test, 'phone', withTicket(ticket))).toEqual(forbidden);
    expect(await refusal(test, 'monitor', withTicket(ticket))).toEqual(invalidToken);
  });
});

describe('a program with the operator token', () => {
  it.each(people)('opens a %s under any host name, and goes before a ticket it shows too', async (path) => {
    const test = createTestSwitch();
    await test.open(path, test.operatorToken, { headers: { host: 'anything.example' } });
    const ticket = signedIn(test, 'viewer').ticket();
    await test.open(path, test.operatorToken, withTicket(ticket));
    expect(await refusal(test, 'monitor', withTicket(ticket))).toEqual(invalidToken);
  });
});

describe('the origin of a page', () => {
  it.each(people)('that opens a %s is the switch itself under an allowed name', async (path) => {
    const test = createTestSwitch();
    for (const [own, page] of [
      [host, origin],
      [`${host}:443`, `https://${host}`],
      ['localhost:7350', 'http://localhost:7350'],
      ['127.0.0.1:1', 'http://127.0.0.1:1'],
      ['[::1]:1', 'https://[::1]:1'],
    ] as const) {
      const peer = await test.open(path, test.operatorToken, { headers: { host: own, origin: page } });
      expect(peer.closed).toBeUndefined();
    }
    for (const [own, page] of [
      [host, 'http://evil.example'],
      [host, `http://${host}:8080`],
      ['evil.example', 'http://evil.example'],
      ['localhost:7350', 'http://127.0.0.1:7350'],
      ['localhost:7350', 'http://localhost:3000'],
      [host, 'null'],
      [host, ''],
    ] as const) {
      const headers = { host: own, origin: page };
      expect(await refusal(test, path, { token: test.operatorToken, headers })).toEqual(forbidden);
    }
  });

  it.each(['control', 'media'] as const)('opens no %s, not even that of the switch', async (path) => {
    const test = createTestSwitch();
    const { cookie } = signedIn(test);
    const headers = { origin, cookie };
    expect(await refusal(test, path, { token: test.key.key, headers })).toEqual(forbidden);
  });
});

describe('the sockets of a session', () => {
  it('close with 4401 when it signs out; a program’s and another session’s stay', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const browser = signedIn(test);
    const own = [await browser.open('monitor'), await browser.open('phone')];
    const others = [await signedIn(test).open('monitor'), await test.open('monitor', test.operatorToken)];
    browser.fetch('DELETE', '/session');
    for (const peer of own) expect(await peer.end()).toMatchObject({ code: 4401 });
    await test.clock.advance(1_000);
    for (const peer of others) expect(peer.closed).toBeUndefined();
    await expectNoTickLost();
  });

  it('close with 4401 when it expires, to the millisecond', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    await test.clock.advance(12 * 3_600_000 - 20);
    const monitor = await browser.open('monitor');
    await test.clock.advance(19);
    expect(monitor.closed).toBeUndefined();
    await test.clock.advance(1);
    expect(monitor.closed).toMatchObject({ code: 4401 });
  });

  it('close with 4401 when it is crowded out, and when its browser has signed in anew and then out', async () => {
    const test = createTestSwitch({ limits: { operatorSessions: 2 } });
    const crowdedOut = await signedIn(test).open('monitor');
    const browser = signedIn(test);
    const monitor = await browser.open('monitor');
    browser.signIn(test.sw.createSignIn({ role: 'viewer' }));
    expect(await crowdedOut.end()).toMatchObject({ code: 4401 });
    await test.clock.advance(1_000);
    expect(monitor.closed).toBeUndefined();
    browser.fetch('DELETE', '/session');
    expect(await monitor.end()).toMatchObject({ code: 4401 });
  });

  it('close with 1001 when the switch stops', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const peers = [await browser.open('monitor'), await browser.open('phone')];
    await test.sw.close();
    for (const peer of peers) expect(await peer.end()).toMatchObject({ code: 1001 });
  });

  it('are held no longer once they are gone', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const monitor = await browser.open('monitor');
    monitor.socket.close();
    await monitor.end();
    await test.clock.advance(10_000);
    browser.fetch('DELETE', '/session');
    expect(monitor.closed).toMatchObject({ code: 1000 });
  });

  it('may dial by an operator’s ticket in dev mode, and signing out ends the call', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const { from, to } = freshNumbers();
    const callee = await test.openPhone(to);
    const caller = await browser.open('phone');
    caller.send({ type: 'register', number: from, sampleRateHz: 24_000 });
    await caller.next('registered');
    caller.send({ type: 'dial', to });
    await callee.next('incoming');
    browser.fetch('DELETE', '/session');
    expect(await caller.end()).toMatchObject({ code: 4401 });
    expect(await callee.next('ended')).toMatchObject({ by: 'caller' });
  });
});
