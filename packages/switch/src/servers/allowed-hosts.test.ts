import { describe, expect, it } from 'vitest';
import { createAllowedHosts, isSecurePage, portOf } from './allowed-hosts.ts';
import { readSessionCookies, writeSessionCookie } from './session-cookie.ts';

const hosts = createAllowedHosts(['Switch.Example', '10.0.0.7']);

function headersOf(host?: string, origin?: string, cookie?: string): ReadonlyMap<string, string> {
  const pairs = Object.entries({ host, origin, cookie }).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  return new Map(pairs);
}

describe('the host name of a request', () => {
  it.each([
    'localhost',
    'localhost:7350',
    'LOCALHOST:80',
    '127.0.0.1:1',
    '[::1]',
    '[::1]:7350',
    'switch.example',
    'SWITCH.example:443',
    '10.0.0.7:7350',
  ])('%s is allowed', (host) => {
    expect(hosts.refuses(headersOf(host))).toBeUndefined();
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    'evil-localhost',
    'localhost.',
    'localhost:7350@evil.example',
    'evil.example#localhost',
    'localhost/evil.example',
    'localhost:port',
    'localhost:',
    ' localhost',
    '127.0.0.2',
    '127.1',
    '0.0.0.0',
    '2130706433',
    '::1',
    '[::2]',
    '[::1',
    'switch.example.evil.example',
    'localhost, evil.example',
    '',
  ])('"%s" is refused', (host) => {
    expect(hosts.refuses(headersOf(host))).toBeDefined();
  });

  it('that is missing is refused', () => {
    expect(hosts.refuses(headersOf())).toBeDefined();
  });

  it('of a switch that was told no others is a loopback one', () => {
    const loopback = createAllowedHosts();
    expect(loopback.refuses(headersOf('localhost:1'))).toBeUndefined();
    expect(loopback.refuses(headersOf('switch.example'))).toBeDefined();
  });

  it.each(['', 'a b', 'switch.example:7350', 'http://switch.example', '*', '*.example', '::1'])(
    '"%s" cannot be told to a switch',
    (host) => {
      expect(() => createAllowedHosts([host])).toThrow(TypeError);
    },
  );
});

describe('the origin of a request', () => {
  it.each([
    ['localhost:7350', 'http://localhost:7350'],
    ['localhost', 'http://localhost'],
    ['localhost:80', 'http://localhost'],
    ['switch.example', 'https://switch.example'],
    ['switch.example:443', 'https://switch.example'],
    ['switch.example', 'https://switch.example:443'],
    ['[::1]:7350', 'http://[::1]:7350'],
    ['Switch.Example:8', 'HTTP://SWITCH.example:8'],
  ])('at %s is its own: %s', (host, origin) => {
    expect(hosts.refusesOrigin(headersOf(host, origin))).toBeUndefined();
  });

  it.each([
    ['localhost:7350', 'http://localhost:7351'],
    ['localhost:7350', 'http://localhost'],
    ['localhost:7350', 'http://127.0.0.1:7350'],
    ['localhost:7350', 'https://localhost'],
    ['switch.example', 'http://switch.example:443'],
    ['switch.example:80', 'https://switch.example'],
    ['localhost:7350', 'http://evil.example:7350'],
    ['evil.example:7350', 'http://evil.example:7350'],
    ['localhost:7350', 'null'],
    ['localhost:7350', ''],
    ['localhost:7350', 'ws://localhost:7350'],
    ['localhost:7350', 'file://localhost:7350'],
    ['localhost:7350', 'http://localhost:7350/'],
    ['localhost:7350', 'http://localhost:7350 http://evil.example'],
    ['localhost:7350', 'http://localhost:7350, http://evil.example'],
    ['localhost:7350', 'http://evil@localhost:7350'],
    ['', 'http://localhost'],
  ])('at "%s" is not its own: "%s"', (host, origin) => {
    expect(hosts.refusesOrigin(headersOf(host, origin))).toBeDefined();
    expect(hosts.refuses(headersOf(host, origin))).toBeDefined();
  });

  it('that is missing is no page and is not refused', () => {
    expect(hosts.refusesOrigin(headersOf('localhost'))).toBeUndefined();
  });
});

describe('the cookie', () => {
  it('is named after the port by which the browser comes', () => {
    expect(portOf(headersOf('localhost:7350'))).toBe('7350');
    expect(portOf(headersOf('switch.example', 'https://switch.example'))).toBe('443');
    expect(portOf(headersOf('switch.example', 'http://switch.example'))).toBe('80');
    expect(portOf(headersOf('switch.example'))).toBeUndefined();
  });

  it('is secure where the page came by https', () => {
    expect(isSecurePage(headersOf('a', 'https://a'))).toBe(true);
    expect(writeSessionCookie(headersOf('a', 'https://a'), 's', 5_000)).toBe(
      'agentao_443=s; HttpOnly; SameSite=Strict; Path=/; Max-Age=5; Secure',
    );
    expect(writeSessionCookie(headersOf('a:81', 'http://a:81'), 's', 5_999)).toBe(
      'agentao_81=s; HttpOnly; SameSite=Strict; Path=/; Max-Age=5',
    );
  });

  it('is found among others, under the name of this port only', () => {
    const cookie = 'a=1; agentao_7351=other; agentao_7350=own; agentao_73500=x; xagentao_7350=y;agentao_80=z';
    expect(readSessionCookies(headersOf('localhost:7350', undefined, cookie))).toEqual(['own']);
    expect(readSessionCookies(headersOf('localhost:9', undefined, cookie))).toEqual([]);
    expect(readSessionCookies(headersOf('localhost:7350'))).toEqual([]);
  });

  it('of a browser at a default port is found whichever scheme it came by', () => {
    const cookie = 'agentao_80=plain; agentao_443=secure; agentao_=none';
    expect(readSessionCookies(headersOf('switch.example', undefined, cookie))).toEqual(['plain', 'secure']);
    expect(readSessionCookies(headersOf('switch.example', 'https://switch.example', cookie))).toEqual(['secure']);
  });
});
