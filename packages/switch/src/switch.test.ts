import { createVirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import type { TimelineEntry } from './calls/call.ts';
import type { LegHost, LegProvider } from './legs/leg.ts';
import type { OfferRouter } from './offers/offer-router.ts';
import type { Logger } from './servers/logger.ts';
import { answerCall, connectCall } from './servers/test-call.ts';
import { createTestBrowser } from './servers/test-browser.ts';
import { createTestSwitch } from './servers/test-switch.ts';
import { createSwitch } from './switch.ts';

/** Keeps every line as text. */
function createLogBook(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (fields: object, message: string): void => {
    lines.push(`${JSON.stringify(fields)} ${message}`);
  };
  return { logger: { debug: write, info: write, warn: write, error: write }, lines };
}

describe('a switch', () => {
  it('takes nothing before it is started', () => {
    const sw = createSwitch({ clock: createVirtualClock({ settle: () => Promise.resolve() }), connectors: [] });
    const request = {
      path: '/control',
      headers: new Map<string, string>(),
      subprotocols: ['agentao.control.v1'],
      remoteAddress: '127.0.0.1',
    };
    expect(sw.onUpgrade(request)).toMatchObject({ accept: false, status: 503, code: 'SHUTTING_DOWN' });
    sw.start();
    expect(sw.onUpgrade(request)).toMatchObject({ accept: false, status: 401 });
  });

  it('refuses a connector or a token hash that cannot be right', () => {
    const clock = createVirtualClock({ settle: () => Promise.resolve() });
    expect(() => createSwitch({ clock, connectors: [{ uuid: '', numbers: ['*'], keys: [] }] })).toThrow(TypeError);
    expect(() => createSwitch({ clock, connectors: [], operators: { tokenSha256: 'secret' } })).toThrow(TypeError);
  });

  it('starts its leg providers once and closes them once', async () => {
    const done: string[] = [];
    const provider: LegProvider = {
      name: 'recorded',
      start: () => done.push('start'),
      ring: () => undefined,
      close: () => {
        done.push('close');
        return Promise.reject(new Error('stuck'));
      },
    };
    const { logger, lines } = createLogBook();
    const test = createTestSwitch({ legs: [provider], logger });
    test.sw.start();
    await Promise.all([test.sw.close(), test.sw.close()]);
    expect(done).toEqual(['start', 'close']);
    expect(lines.filter((line) => line.includes('did not close'))).toHaveLength(1);
  });

  it('asks the next leg provider when one throws, and refuses a caller it cannot serve', async () => {
    let host: LegHost | undefined;
    const broken: LegProvider = {
      name: 'broken',
      start: (to) => {
        host = to;
      },
      ring: () => {
        throw new Error('no line');
      },
      close: () => Promise.resolve(),
    };
    const test = createTestSwitch({ legs: [broken] });
    await connectCall(test);
    const caller = {
      number: '+1',
      sampleRateHz: 11_025,
      outputDelayMs: 0,
      start() {},
      answer() {},
      hangUp() {},
      play() {},
      sendDtmf() {},
    };
    expect(host?.incoming({ caller, calleeNumber: '+2' })).toMatchObject({ accepted: false, code: 'INTERNAL' });
    expect(test.sw.calls).toHaveLength(1);
  });
});

describe('a call for which the router throws', () => {
  it('is refused and leaves nothing behind, neither in the switch nor on a monitor', async () => {
    const offers: OfferRouter = {
      join: () => ({ setReady() {}, leave() {} }),
      route: () => {
        throw new Error('no way');
      },
      withdraw() {},
    };
    const test = createTestSwitch({ offers });
    const monitor = await test.open('monitor', test.operatorToken);
    const caller = await test.openPhone('+1');
    caller.send({ type: 'dial', to: '+2' });
    expect(await caller.next('error')).toMatchObject({ code: 'INTERNAL' });
    expect(test.sw.calls).toEqual([]);
    expect(monitor.messages.at(-1)).toMatchObject({ type: 'ended', reason: 'failed', by: 'switch' });
  });
});

describe('the timeline', () => {
  it('tells a call from its arrival over its offer to its end, to every listener until it unsubscribes', async () => {
    const test = createTestSwitch();
    const kinds: string[] = [];
    const others: TimelineEntry[] = [];
    const listener = (entry: TimelineEntry): void => {
      kinds.push(entry.kind);
    };
    test.sw.onTimeline(() => {
      throw new Error('a listener at fault');
    });
    const unsubscribe = test.sw.onTimeline((entry) => others.push(entry));
    test.sw.onTimeline(listener);
    const { media, callId } = await answerCall(test);
    const heard = others.length;
    expect(others.every((entry) => entry.callId === callId)).toBe(true);
    unsubscribe();
    media.send({ type: 'disconnect', id: 2 });
    await media.end();
    expect(others).toHaveLength(heard);
    const order = ['arrived', 'offered', 'attached', 'command', 'ended'].map((kind) => kinds.indexOf(kind));
    expect(order).not.toContain(-1);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(kinds.at(-1)).toBe('ended');
  });
});

describe('the log', () => {
  it('holds no key, token, digit or full number, whatever happens', async () => {
    const { logger, lines } = createLogBook();
    const test = createTestSwitch({ logger });
    const { media, caller, callee, token } = await connectCall(test);
    caller.send({ type: 'dtmf', digit: '7', durationMs: 120 });
    media.send({ type: 'dtmf', id: 5, digits: '4711*' });
    media.sendText('{"type":"context","id":6,"context":"a secret of the agent"}');
    await test.clock.advance(100);
    const numbers = [test.numberOf(caller), test.numberOf(callee)];
    caller.sendText('{"type":"dtmf","digit":"secret"}');
    media.socket.close(4411);
    await caller.end();
    await test.open('control', `${test.key.key}x`).catch(() => undefined);
    const signInToken = test.sw.createSignIn({ role: 'operator' });
    const browser = createTestBrowser(test);
    browser.signIn(signInToken);
    const [, sessionSecret = ''] = browser.cookie.split('=');
    const ticket = browser.ticket();
    const monitor = await browser.open('monitor', ticket);
    await browser.open('monitor', ticket).catch(() => undefined);
    monitor.sendText('{"type":"watch","callIds":"a secret of the page"}');
    const guestToken = (browser.fetch('POST', '/sign-in?role=viewer').json as { token: string }).token;
    browser.fetch('DELETE', '/session');
    test.sw.revokeKey(test.key.stored.keyId);
    await test.sw.close();

    const log = lines.join('\n');
    expect(lines.length).toBeGreaterThan(15);
    expect(log).toContain('call arrived');
    expect(log).toContain(test.key.stored.keyId);
    for (const line of ['operator signed in', 'monitor connected', 'operator session over'])
      expect(log).toContain(line);
    const resumeToken = media.messages.find((message) => message.type === 'attached')?.resumeToken ?? '';
    const [, , keySecret = ''] = test.key.key.split('_');
    const agents = [keySecret, token, resumeToken, ...numbers, '4711', 'secret', '"digit"'];
    const people = [test.operatorToken, signInToken, sessionSecret, ticket, guestToken];
    for (const secret of [...agents, ...people]) {
      expect(secret).not.toBe('');
      expect(log).not.toContain(secret);
    }
  });
});
