import { createVirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { createApiKey, createOperatorToken } from '../connectors/api-key.ts';
import { createSwitch } from '../switch.ts';
import { createTestBrowser, signedIn } from './test-browser.ts';
import { createTestSwitch, host } from './test-switch.ts';

const origin = `http://${host}`;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

describe('signing in', () => {
  it('by a sign-in token gives the session and a cookie that no script reads, for 12 hours', () => {
    const test = createTestSwitch();
    const browser = createTestBrowser(test);
    const reply = browser.signIn(test.sw.createSignIn({ role: 'operator' }));
    expect(reply.status).toBe(201);
    expect(reply.json).toEqual({ role: 'operator', mayDial: true, numbers: ['*'], expiresInMs: 43_200_000 });
    expect(reply.headers['set-cookie']).toMatch(
      /^agentao_80=os_[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43200$/,
    );
  });

  it('names the cookie after the port of the Host header and secures it where the page came by https', () => {
    const test = createTestSwitch();
    const browser = createTestBrowser(test);
    const token = (): string => `Bearer ${test.sw.createSignIn({ role: 'viewer' })}`;
    const cookieOf = (headers: Readonly<Record<string, string>>): string => {
      const reply = browser.fetch('POST', '/session', { authorization: token(), ...headers });
      expect(reply.status).toBe(201);
      return reply.headers['set-cookie'] ?? '';
    };
    const local = cookieOf({ host: 'localhost:7350', origin: 'http://localhost:7350' });
    expect(local).toMatch(/^agentao_7350=/);
    expect(local).not.toContain('Secure');
    expect(cookieOf({ host: '[::1]:9', origin: 'https://[::1]:9' })).toMatch(/^agentao_9=.*; Secure$/);
    expect(cookieOf({ host: 'localhost', origin: 'https://localhost' })).toMatch(/^agentao_443=.*; Secure$/);
  });

  it('tells an operator the numbers of all connectors, a viewer none, and that a phone may dial only in dev mode and as operator', () => {
    const operator = createOperatorToken();
    const key = createApiKey().stored;
    const test = createTestSwitch({
      connectors: [
        { uuid: 'a', numbers: ['+15559999', '+1555*'], keys: [key] },
        { uuid: 'b', numbers: ['+4420'], keys: [key] },
      ],
    });
    const numbers = ['+15559999', '+1555*', '+4420'];
    expect(signedIn(test, 'viewer').fetch('GET', '/session').json).toMatchObject({ mayDial: false, numbers: [] });
    expect(signedIn(test).fetch('GET', '/session').json).toMatchObject({ mayDial: true, numbers });
    const plain = createTestSwitch({ operators: { tokenSha256: operator.sha256, hosts: [host] } });
    expect(signedIn(plain).fetch('GET', '/session').json).toMatchObject({ role: 'operator', mayDial: false });
  });

  it('works once per token', () => {
    const test = createTestSwitch();
    const token = test.sw.createSignIn({ role: 'operator' });
    expect(createTestBrowser(test).signIn(token).status).toBe(201);
    const again = createTestBrowser(test).signIn(token);
    expect(again).toMatchObject({ status: 401, json: { code: 'INVALID_TOKEN' } });
    expect(again.headers).not.toHaveProperty('set-cookie');
  });

  it.each([
    ['an unknown token', `si_${'A'.repeat(43)}`, 'INVALID_TOKEN'],
    ['something too long', 'x'.repeat(2_000), 'UNAUTHENTICATED'],
  ])('with %s is refused with 401', (_, token, code) => {
    const test = createTestSwitch();
    expect(createTestBrowser(test).signIn(token)).toMatchObject({ status: 401, json: { code } });
  });

  it('with the operator token, an API key or a cookie’s secret is refused: none of them is a sign-in token', () => {
    const test = createTestSwitch();
    const [, secret = ''] = signedIn(test).cookie.split('=');
    for (const token of [test.operatorToken, test.key.key, secret]) {
      expect(createTestBrowser(test).signIn(token)).toMatchObject({ status: 401, json: { code: 'INVALID_TOKEN' } });
    }
  });

  it('without a token is refused, also by Basic and by a token in the URL', () => {
    const test = createTestSwitch();
    const browser = createTestBrowser(test);
    const token = test.sw.createSignIn({ role: 'operator' });
    const refused = { status: 401, json: { code: 'UNAUTHENTICATED' } };
    expect(browser.fetch('POST', '/session')).toMatchObject(refused);
    expect(browser.fetch('POST', '/session', { authorization: `Basic ${token}` })).toMatchObject(refused);
    expect(browser.fetch('POST', `/session?sign-in=${token}`)).toMatchObject(refused);
    expect(browser.signIn(token).status).toBe(201);
  });

  it.each([
    ['10 minutes', undefined, 10 * minuteMs],
    ['the time asked for', 5_000, 5_000],
  ])('is possible for %s', async (_, expiresInMs, lifetimeMs) => {
    const test = createTestSwitch();
    const options = { role: 'viewer', ...(expiresInMs === undefined ? {} : { expiresInMs }) } as const;
    const [inTime, late] = [test.sw.createSignIn(options), test.sw.createSignIn(options)];
    await test.clock.advance(lifetimeMs - 1);
    expect(createTestBrowser(test).signIn(inTime).status).toBe(201);
    await test.clock.advance(1);
    expect(createTestBrowser(test).signIn(late)).toMatchObject({ status: 401, json: { code: 'INVALID_TOKEN' } });
  });

  it('is refused to pages of other sites and under unknown host names, and leaves the token unused', () => {
    const test = createTestSwitch();
    const browser = createTestBrowser(test);
    const token = test.sw.createSignIn({ role: 'operator' });
    const authorization = `Bearer ${token}`;
    for (const headers of [
      { origin: 'http://evil.example' },
      { origin: 'null' },
      { host: 'evil.example', origin: 'http://evil.example' },
      { host: 'evil.example', origin: '' },
    ]) {
      const reply = browser.fetch('POST', '/session', { authorization, ...headers });
      expect(reply).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
    }
    expect(browser.signIn(token).status).toBe(201);
  });

  it('cannot be prepared for an unknown role, for no time, or on a switch without operators', () => {
    const { sw } = createTestSwitch();
    expect(() => sw.createSignIn({ role: 'root' as 'operator' })).toThrow(TypeError);
    for (const expiresInMs of [0, -1, Number.NaN]) {
      expect(() => sw.createSignIn({ role: 'viewer', expiresInMs })).toThrow(TypeError);
    }
    const clock = createVirtualClock({ settle: () => Promise.resolve() });
    expect(() => createSwitch({ clock, connectors: [] }).createSignIn({ role: 'viewer' })).toThrow(TypeError);
  });

  it('makes the oldest unused token worthless once there are 65', () => {
    const test = createTestSwitch();
    const tokens = Array.from({ length: 65 }, () => test.sw.createSignIn({ role: 'viewer' }));
    const [oldest = '', next = ''] = tokens;
    expect(createTestBrowser(test).signIn(oldest).status).toBe(401);
    expect(createTestBrowser(test).signIn(next).status).toBe(201);
    expect(createTestBrowser(test).signIn(tokens.at(-1) ?? '').status).toBe(201);
  });
});

describe('a session', () => {
  it('is shown to its browser with the time it has left, without an Origin', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test, 'viewer');
    await test.clock.advance(hourMs);
    expect(browser.fetch('GET', '/session')).toMatchObject({
      status: 200,
      json: { role: 'viewer', expiresInMs: 11 * hourMs },
    });
  });

  it('is nobody’s without its cookie', () => {
    const test = createTestSwitch();
    const { cookie } = signedIn(test);
    const [name = '', secret = ''] = cookie.split('=');
    const stranger = createTestBrowser(test);
    for (const shown of ['', `${name}=`, `${name}=${secret}x`, `agentao_7350=${secret}`, secret]) {
      stranger.cookie = shown;
      expect(stranger.fetch('GET', '/session')).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
    }
    stranger.cookie = `${name}=os_${'A'.repeat(43)}; ${cookie}`;
    expect(stranger.fetch('GET', '/session').status).toBe(200);
  });

  it('is not opened by the operator token', () => {
    const test = createTestSwitch();
    const authorization = `Bearer ${test.operatorToken}`;
    expect(createTestBrowser(test).fetch('GET', '/session', { authorization }).status).toBe(401);
  });

  it('ends after 12 hours', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    await test.clock.advance(12 * hourMs - 1);
    expect(browser.fetch('GET', '/session').status).toBe(200);
    await test.clock.advance(1);
    expect(browser.fetch('GET', '/session').status).toBe(401);
    expect(browser.fetch('POST', '/session/ticket').status).toBe(401);
  });

  it('ends by signing out, which clears the cookie and touches no other session', () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const other = signedIn(test);
    const { cookie } = browser;
    const reply = browser.fetch('DELETE', '/session');
    expect(reply).toMatchObject({ status: 204, json: undefined });
    expect(reply.headers['set-cookie']).toBe('agentao_80=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0');
    expect(browser.cookie).toBe('');
    browser.cookie = cookie;
    expect(browser.fetch('GET', '/session').status).toBe(401);
    expect(browser.fetch('DELETE', '/session').status).toBe(401);
    expect(other.fetch('GET', '/session').status).toBe(200);
  });

  it('is the oldest that goes once there are 257', () => {
    const test = createTestSwitch();
    const browsers = Array.from({ length: 257 }, () => signedIn(test, 'viewer'));
    expect(browsers[0]?.fetch('GET', '/session').status).toBe(401);
    expect(browsers[1]?.fetch('GET', '/session').status).toBe(200);
    expect(browsers.at(-1)?.fetch('GET', '/session').status).toBe(200);
  });

  it('goes with the one that has taken its place in the same browser, and not before', () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const { cookie: first } = browser;
    browser.signIn(test.sw.createSignIn({ role: 'viewer' }));
    const { cookie: second } = browser;
    expect(second).not.toBe(first);
    browser.cookie = first;
    expect(browser.fetch('GET', '/session').json).toMatchObject({ role: 'operator' });
    browser.cookie = second;
    browser.fetch('DELETE', '/session');
    browser.cookie = first;
    expect(browser.fetch('GET', '/session').status).toBe(401);
  });
});

describe('what a cookie alone may not do', () => {
  it.each([
    ['POST', '/session/ticket'],
    ['POST', '/sign-in?role=viewer'],
    ['DELETE', '/session'],
  ])('%s %s without an Origin, from another port, or from another site', (method, path) => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    for (const other of ['', 'null', `${origin}:8080`, 'http://localhost', 'http://evil.example']) {
      expect(browser.fetch(method, path, { origin: other })).toMatchObject({
        status: 403,
        json: { code: 'FORBIDDEN' },
      });
    }
    expect(browser.fetch('GET', '/session', { origin: 'http://evil.example' }).status).toBe(403);
    expect(browser.fetch('GET', '/session').status).toBe(200);
    expect([201, 204]).toContain(browser.fetch(method, path).status);
  });
});

describe('letting others in', () => {
  it.each(['viewer', 'operator'])('as %s is for an operator’s session', (role) => {
    const test = createTestSwitch();
    const reply = signedIn(test).fetch('POST', `/sign-in?role=${role}`);
    expect(reply).toMatchObject({ status: 201, json: { role, expiresInMs: 600_000 } });
    const guest = createTestBrowser(test);
    expect(guest.signIn((reply.json as { token: string }).token).json).toMatchObject({ role });
  });

  it('is for a program with the operator token, which needs no Origin', () => {
    const test = createTestSwitch();
    const program = createTestBrowser(test);
    const headers = { authorization: `Bearer ${test.operatorToken}`, origin: '' };
    expect(program.fetch('POST', '/sign-in?role=operator', headers).status).toBe(201);
    const wrong = { ...headers, authorization: `Bearer ${createOperatorToken().token}` };
    expect(program.fetch('POST', '/sign-in?role=operator', wrong)).toMatchObject({
      status: 401,
      json: { code: 'UNAUTHENTICATED' },
    });
  });

  it('is refused to a viewer with 403, and to a stranger with 401', () => {
    const test = createTestSwitch();
    const refused = signedIn(test, 'viewer').fetch('POST', '/sign-in?role=viewer');
    expect(refused).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
    expect(createTestBrowser(test).fetch('POST', '/sign-in?role=viewer').status).toBe(401);
  });

  it.each(['/sign-in', '/sign-in?role=', '/sign-in?role=root', '/sign-in?Role=viewer'])(
    'by %s names no role: 400',
    (path) => {
      const test = createTestSwitch();
      expect(signedIn(test).fetch('POST', path)).toMatchObject({ status: 400, json: { code: 'BAD_ARGUMENT' } });
    },
  );
});

describe('the paths of operators', () => {
  it.each([
    ['/session', 'PUT', 'GET, POST, DELETE'],
    ['/session', 'HEAD', 'GET, POST, DELETE'],
    ['/session', 'OPTIONS', 'GET, POST, DELETE'],
    ['/session', 'constructor', 'GET, POST, DELETE'],
    ['/session/ticket', 'GET', 'POST'],
    ['/sign-in', 'GET', 'POST'],
    ['/healthz', 'POST', 'GET, HEAD'],
    ['/', 'DELETE', 'GET, HEAD'],
  ])('%s answers %s with 405 and what it allows', (path, method, allow) => {
    const page = { status: 200, body: 'page' };
    const test = createTestSwitch({ staticRoutes: new Map([['/', page]]) });
    const reply = test.network.request(`http://${host}${path}`, { method });
    expect(reply).toMatchObject({ status: 405, headers: { allow } });
  });

  it('are kept by no cache, whatever they answer', () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    const replies = [
      browser.fetch('GET', '/session'),
      browser.fetch('POST', '/session'),
      browser.fetch('POST', '/session/ticket'),
      browser.fetch('POST', '/session/ticket', { origin: '' }),
      browser.fetch('GET', '/session', { host: 'evil.example' }),
      browser.fetch('POST', '/sign-in?role=viewer'),
      browser.fetch('POST', '/sign-in'),
      browser.fetch('PUT', '/session'),
      browser.fetch('DELETE', '/session'),
      browser.fetch('GET', '/session'),
      browser.signIn(test.sw.createSignIn({ role: 'viewer' })),
    ];
    expect(replies.map(({ status }) => status)).toEqual([200, 401, 201, 403, 403, 201, 400, 405, 204, 401, 201]);
    for (const { headers } of replies) expect(headers['cache-control']).toBe('no-store');
  });

  it('take nobody in before the switch has started', () => {
    const clock = createVirtualClock({ settle: () => Promise.resolve() });
    const sw = createSwitch({ clock, connectors: [], operators: { tokenSha256: createOperatorToken().sha256 } });
    const headers = new Map([
      ['host', 'localhost'],
      ['authorization', `Bearer ${sw.createSignIn({ role: 'viewer' })}`],
    ]);
    const signIn = { method: 'POST', path: '/session', query: '', headers };
    expect(sw.onRequest(signIn)).toMatchObject({ status: 503 });
    sw.start();
    expect(sw.onRequest(signIn)).toMatchObject({ status: 201 });
  });

  it('forget everybody when the switch is closed, and not while it drains', async () => {
    const test = createTestSwitch();
    const browser = signedIn(test);
    await test.sw.drain({ timeoutMs: 0 });
    expect(browser.fetch('GET', '/session').status).toBe(200);
    const token = test.sw.createSignIn({ role: 'viewer' });
    await test.sw.close();
    expect(browser.fetch('GET', '/session')).toMatchObject({ status: 503, json: { code: 'SHUTTING_DOWN' } });
    expect(browser.signIn(token).status).toBe(503);
    expect(test.clock.pendingTimers).toBe(0);
  });

  it('are not there on a switch without operators, which serves its files under any name', () => {
    const clock = createVirtualClock({ settle: () => Promise.resolve() });
    const page = { status: 200, body: 'page' };
    const sw = createSwitch({ clock, connectors: [], staticRoutes: new Map([['/', page]]) });
    sw.start();
    const ask = (method: string, path: string): unknown => {
      return sw.onRequest({ method, path, query: '', headers: new Map([['host', 'any.example']]) });
    };
    expect([ask('GET', '/session'), ask('POST', '/session/ticket'), ask('POST', '/sign-in')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(ask('GET', '/')).toBe(page);
  });
});

describe('files', () => {
  it('are served under allowed host names only, to pages of the switch only; the probes always answer', () => {
    const page = { status: 200, body: '{}' };
    const test = createTestSwitch({ staticRoutes: new Map([['/page', page]]) });
    const browser = createTestBrowser(test);
    const status = (path: string, headers: Readonly<Record<string, string>>): number =>
      browser.fetch('GET', path, headers).status;
    expect(status('/page', {})).toBe(200);
    expect(status('/page', { host: 'localhost:7350', origin: 'http://localhost:7350' })).toBe(200);
    for (const headers of [{ host: 'evil.example' }, { origin: 'http://evil.example' }]) {
      expect(status('/page', headers)).toBe(403);
      expect(status('/healthz', headers)).toBe(200);
      expect(status('/readyz', headers)).toBe(200);
      expect(test.network.request(`http://${host}/nothing`, { headers })?.status).toBe(404);
    }
  });
});
