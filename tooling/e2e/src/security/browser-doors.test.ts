import { paths, subprotocols, ticketSubprotocolPrefix } from '@agentao/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AttackedSwitch, openAttackedSwitch } from './attacked-switch.ts';
import { openRawLine, upgradeText } from './raw-line.ts';

// A browser sends the cookie of the person before it whatever page asks. What tells their own page from others is Origin and Host, as the bytes have them.

let attacked: AttackedSwitch;
let port: number;
let cookie: string;

beforeAll(async () => {
  attacked = await openAttackedSwitch();
  port = attacked.port;
  const origin = `http://127.0.0.1:${port}`;
  const authorization = `Bearer ${attacked.callSwitch.createSignIn({ role: 'operator' })}`;
  const response = await fetch(`${origin}/session`, { method: 'POST', headers: { origin, authorization } });
  cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
});

afterAll(() => attacked[Symbol.asyncDispose]());

/** Sends lines of text, with `PORT` for the port of the switch; resolves with the answer. */
async function say(lines: readonly string[]): Promise<string> {
  const line = await openRawLine(port);
  line.write(`${lines.join('\r\n').replaceAll('PORT', String(port))}\r\nConnection: close\r\n\r\n`);
  await line.hungUp();
  return line.received;
}

/** A ticket of the person's own page. */
async function ticket(): Promise<string> {
  const answer = await say([
    'POST /session/ticket HTTP/1.1',
    'Host: 127.0.0.1:PORT',
    'Origin: http://127.0.0.1:PORT',
    `Cookie: ${cookie}`,
  ]);
  return /"ticket":"([^"]+)"/.exec(answer)?.[1] ?? '';
}

const strange: readonly (readonly [what: string, lines: readonly string[]])[] = [
  ['of another site', ['Host: 127.0.0.1:PORT', 'Origin: https://evil.example']],
  ['of a name that has been bound to this machine', ['Host: evil.example:PORT', 'Origin: http://evil.example:PORT']],
  ['of such a name without a port', ['Host: evil.example', 'Origin: http://evil.example']],
  ['that is null', ['Host: 127.0.0.1:PORT', 'Origin: null']],
  ['that is empty', ['Host: 127.0.0.1:PORT', 'Origin: ']],
  ['of another port', ['Host: 127.0.0.1:PORT', 'Origin: http://127.0.0.1:1']],
  ['of the default port', ['Host: 127.0.0.1:PORT', 'Origin: http://127.0.0.1']],
  ['with a port in front of which zeros stand', ['Host: 127.0.0.1:PORT', 'Origin: http://127.0.0.1:0PORT']],
  ['with a port behind which something stands', ['Host: 127.0.0.1:PORT', 'Origin: http://127.0.0.1:PORT.evil.example']],
  ['of another name of this machine', ['Host: 127.0.0.1:PORT', 'Origin: http://localhost:PORT']],
  ['with a dot behind the name', ['Host: localhost:PORT', 'Origin: http://localhost.:PORT']],
  ['with a dot behind both names', ['Host: localhost.:PORT', 'Origin: http://localhost.:PORT']],
  [
    'of a name that begins like an allowed one',
    ['Host: localhost.evil.example:PORT', 'Origin: http://localhost.evil.example:PORT'],
  ],
  ['of a name that ends like an allowed one', ['Host: evil-localhost:PORT', 'Origin: http://evil-localhost:PORT']],
  ['of a subdomain', ['Host: evil.localhost:PORT', 'Origin: http://evil.localhost:PORT']],
  ['with a user', ['Host: 127.0.0.1:PORT', 'Origin: http://evil@127.0.0.1:PORT']],
  ['with a path', ['Host: 127.0.0.1:PORT', 'Origin: http://127.0.0.1:PORT/']],
  ['with a query', ['Host: 127.0.0.1:PORT', 'Origin: http://127.0.0.1:PORT?x']],
  ['of a page that is a file', ['Host: 127.0.0.1:PORT', 'Origin: file://']],
  ['of an extension', ['Host: 127.0.0.1:PORT', 'Origin: chrome-extension://127.0.0.1:PORT']],
  ['of another scheme', ['Host: 127.0.0.1:PORT', 'Origin: ws://127.0.0.1:PORT']],
  ['of this machine in another notation', ['Host: 2130706433:PORT', 'Origin: http://2130706433:PORT']],
  ['of this machine in hex', ['Host: 0x7f.1:PORT', 'Origin: http://0x7f.1:PORT']],
  ['of a short loopback address', ['Host: 127.1:PORT', 'Origin: http://127.1:PORT']],
  ['of all addresses', ['Host: 0.0.0.0:PORT', 'Origin: http://0.0.0.0:PORT']],
  ['of a long IPv6 loopback', ['Host: [0:0:0:0:0:0:0:1]:PORT', 'Origin: http://[0:0:0:0:0:0:0:1]:PORT']],
  ['of a mapped IPv6 loopback', ['Host: [::ffff:127.0.0.1]:PORT', 'Origin: http://[::ffff:127.0.0.1]:PORT']],
  ['with a zone', ['Host: [::1%25lo]:PORT', 'Origin: http://[::1%25lo]:PORT']],
  [
    'twice, the good one first',
    ['Host: 127.0.0.1:PORT', 'Origin: http://127.0.0.1:PORT', 'Origin: https://evil.example'],
  ],
  [
    'twice, the good one last',
    ['Host: 127.0.0.1:PORT', 'Origin: https://evil.example', 'Origin: http://127.0.0.1:PORT'],
  ],
  ['two in one', ['Host: 127.0.0.1:PORT', 'Origin: http://127.0.0.1:PORT https://evil.example']],
  [
    'with a Host beside it that a proxy is said to have seen',
    [
      'Host: evil.example:PORT',
      'X-Forwarded-Host: 127.0.0.1:PORT',
      'Forwarded: host=127.0.0.1:PORT',
      'Origin: http://127.0.0.1:PORT',
    ],
  ],
  [
    'with two Hosts, the strange one first',
    ['Host: evil.example:PORT', 'Host: 127.0.0.1:PORT', 'Origin: http://evil.example:PORT'],
  ],
  ['with a Host that holds two', ['Host: 127.0.0.1:PORT, evil.example', 'Origin: http://127.0.0.1:PORT']],
  ['with a Host that has a user', ['Host: 127.0.0.1:PORT@evil.example', 'Origin: http://evil.example']],
];

/** What may stand in a Host or an Origin of the person's own page. */
const own: readonly (readonly [what: string, lines: readonly string[]])[] = [
  ['as it is', ['Host: 127.0.0.1:PORT', 'Origin: http://127.0.0.1:PORT']],
  ['by name', ['Host: localhost:PORT', 'Origin: http://localhost:PORT']],
  ['in capitals', ['Host: LOCALHOST:PORT', 'Origin: HTTP://LocalHost:PORT']],
  ['by IPv6', ['Host: [::1]:PORT', 'Origin: http://[::1]:PORT']],
];

describe.each(['phone', 'monitor'] as const)('a socket on /%s, with a good ticket', (socket) => {
  const upgrade = async (lines: readonly string[]): Promise<string> => {
    const subprotocol = `${subprotocols[socket]}, ${ticketSubprotocolPrefix}${await ticket()}`;
    const line = await openRawLine(port);
    const filled = lines.map((text) => text.replaceAll('PORT', String(port)));
    line.write(upgradeText({ path: paths[socket], subprotocol, lines: filled }));
    const answer = await line.gets(/^HTTP\/1\.1 \d+ [^]*\r\n\r\n/);
    line.tcp.destroy();
    return answer;
  };

  it.each(strange)('is refused to a page whose origin is one %s', async (_, lines) => {
    expect(await upgrade(lines)).toMatch(/^HTTP\/1\.1 (403|400) /);
  });

  it.each(own)('is opened for the page of the switch %s', async (_, lines) => {
    expect(await upgrade(lines)).toMatch(/^HTTP\/1\.1 101 /);
  });
});

describe('a request with a good cookie', () => {
  it.each(strange)('gets no ticket for a page whose origin is one %s', async (_, lines) => {
    const answer = await say(['POST /session/ticket HTTP/1.1', ...lines, `Cookie: ${cookie}`]);
    expect(answer).toMatch(/^HTTP\/1\.1 (403|400) /);
    expect(answer).not.toContain('ticket"');
  });

  it('gets none without an origin, which a form of another site could leave out', async () => {
    const answer = await say(['POST /session/ticket HTTP/1.1', 'Host: 127.0.0.1:PORT', `Cookie: ${cookie}`]);
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('that names another host in its request line is nowhere', async () => {
    for (const target of [
      'http://evil.example/session',
      'http://127.0.0.1:PORT/session',
      '//session',
      '/session#',
      '*',
    ]) {
      const answer = await say([`GET ${target} HTTP/1.1`, 'Host: 127.0.0.1:PORT', `Cookie: ${cookie}`]);
      expect([target, answer.slice(0, 12)]).toEqual([target, expect.stringMatching(/^HTTP\/1\.1 40[04]/)]);
    }
  });

  it('reads nothing by a name that has been bound to this machine, which sends no Origin with what it reads', async () => {
    for (const path of ['/session', '/sign-in']) {
      const answer = await say([`GET ${path} HTTP/1.1`, 'Host: evil.example:PORT', `Cookie: ${cookie}`]);
      expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    }
  });

  it('is answered without leave for other sites to read it', async () => {
    const origins = ['https://evil.example', 'null', 'http://127.0.0.1:PORT'];
    for (const method of ['OPTIONS', 'GET', 'POST']) {
      for (const origin of origins) {
        const answer = await say([
          `${method} /session HTTP/1.1`,
          'Host: 127.0.0.1:PORT',
          `Origin: ${origin}`,
          `Cookie: ${cookie}`,
        ]);
        expect(answer).not.toMatch(/access-control-allow/i);
      }
    }
  });
});

describe('agents’ sockets', () => {
  it.each(['http://127.0.0.1:PORT', 'https://evil.example', 'null', ''])(
    'open for no page, whatever key it has: origin %j',
    async (origin) => {
      const lines = [
        'Host: 127.0.0.1',
        `Authorization: Bearer ${attacked.key.key}`,
        `Origin: ${origin.replace('PORT', String(port))}`,
      ];
      const line = await openRawLine(port);
      line.write(upgradeText({ lines }));
      await line.hungUp();
      expect(line.received).toMatch(/^HTTP\/1\.1 403 /);
    },
  );
});
