import { Untried } from '../../check.ts';
import { subprotocols, ticketSubprotocolPrefix } from '@agentao/protocol';
import type { SwitchBench } from '../bench.ts';
import { type Browser, ownOrigin, signIn, signInToken } from '../browser.ts';
import type { HttpAnswer, HttpQuestion } from '../http-request.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';

type Headers = Readonly<Record<string, string>>;

function shown({ status, code }: HttpAnswer): string {
  return `${status}${code === undefined ? '' : ` ${code}`}`;
}

/** Headers of an upgrade on a browser's socket. */
function socket(kind: 'phone' | 'monitor', tickets: readonly string[], more: Headers = {}): Headers {
  const offered = [subprotocols[kind], ...tickets.map((ticket) => ticketSubprotocolPrefix + ticket)];
  return { 'Sec-WebSocket-Protocol': offered.join(', '), ...more };
}

/** What an upgrade gets. */
async function upgraded(bench: SwitchBench, kind: 'phone' | 'monitor', headers: Headers): Promise<string> {
  const answer = await bench.upgrade(`/${kind}`, headers);
  return answer.status === 101 ? `opens ${answer.headers['sec-websocket-protocol']}` : shown(answer);
}

/** What a question gets, as status and code. */
function asks(
  clauses: string,
  what: string,
  expected: string,
  question: (bench: SwitchBench) => Promise<readonly [string, HttpQuestion]>,
): SwitchCheck {
  return check(clauses, `${what}: ${expected}`, async (bench) => {
    must(bench.operatorToken !== '', 'an operator token', '');
    same(shown(await bench.ask(...(await question(bench)))), expected, 'answer');
  });
}

const opensMonitor = `opens ${subprotocols.monitor}`;

/** How browsers sign in, and what their tickets open. */
export const browserChecks: readonly SwitchCheck[] = [
  asks('H-12', 'a sign-in token for a role that is none', '400 BAD_ARGUMENT', async (bench) => [
    '/sign-in?role=boss',
    { method: 'POST', headers: { Authorization: `Bearer ${bench.operatorToken}` } },
  ]),
  asks('H-15', 'a session without a sign-in token', '401 UNAUTHENTICATED', async () => [
    '/session',
    { method: 'POST' },
  ]),
  asks('H-15', 'a session for an invented sign-in token', '401 INVALID_TOKEN', async () => [
    '/session',
    { method: 'POST', headers: { Authorization: 'Bearer si_x' } },
  ]),
  asks('H-20', 'a question without a cookie', '401 UNAUTHENTICATED', async () => ['/session', {}]),
  asks('H-20', 'a ticket without a cookie', '401 UNAUTHENTICATED', async (bench) => [
    '/session/ticket',
    { method: 'POST', headers: { Origin: ownOrigin(bench) } },
  ]),
  asks('H-13', 'a `Host` that is none of its own', '403 FORBIDDEN', async () => [
    '/session',
    { headers: { Host: 'elsewhere.example' } },
  ]),
  asks('H-14', 'a strange `Origin`', '403 FORBIDDEN', async () => [
    '/session',
    { headers: { Origin: 'https://elsewhere.example' } },
  ]),
  asks('H-12', 'a body is not read', '401 INVALID_TOKEN', async () => [
    '/session',
    { method: 'POST', headers: { Authorization: 'Bearer si_x', 'Content-Length': '4' }, body: 'body' },
  ]),
  check('H-12', 'a method that a path lacks: 405 with `Allow` and NOT_FOUND', async (bench) => {
    must(bench.operatorToken !== '', 'an operator token', '');
    for (const path of ['/session', '/session/ticket', '/sign-in']) {
      const answer = await bench.ask(path, { method: 'PUT' });
      same(shown(answer), '405 NOT_FOUND', `answer of ${path}`);
      must(answer.headers.allow !== undefined, '`Allow`', answer.headers);
    }
  }),
  check('H-12', 'every answer carries `Cache-Control: no-store`', async (bench) => {
    const browser = await signIn(bench);
    const answers = [
      await browser.ask('GET', '/session'),
      await browser.ask('POST', '/session/ticket'),
      await bench.ask('/session'),
      await bench.ask('/session', { method: 'PUT' }),
    ];
    for (const { headers } of answers) must(/\bno-store\b/.test(headers['cache-control'] ?? ''), '`no-store`', headers);
  }),
  check('H-13', '`/healthz` and `/readyz` answer under any name', async (bench) => {
    for (const path of ['/healthz', '/readyz']) {
      const [own, other] = await Promise.all([
        bench.ask(path),
        bench.ask(path, { headers: { Host: 'elsewhere.example' } }),
      ]);
      if (own.status === 404) throw new Untried(`this switch has no ${path}`);
      same(other.status, own.status, `status of ${path}`);
    }
  }),
  check('H-14', 'a cookie without `Origin` changes nothing: 403 FORBIDDEN', async (bench) => {
    const { cookie, ask } = await signIn(bench);
    for (const [method, path] of [
      ['POST', '/session/ticket'],
      ['POST', '/sign-in?role=viewer'],
      ['DELETE', '/session'],
    ] as const) {
      same(
        shown(await bench.ask(path, { method, headers: { Cookie: cookie } })),
        '403 FORBIDDEN',
        `answer of ${method} ${path}`,
      );
    }
    same((await ask('GET', '/session')).status, 200, 'status of the session');
  }),
  check('H-15', 'a sign-in token opens one session', async (bench) => {
    const token = await signInToken(bench);
    const question = { method: 'POST', headers: { Authorization: `Bearer ${token}`, Origin: ownOrigin(bench) } };
    same((await bench.ask('/session', question)).status, 201, 'status');
    same(shown(await bench.ask('/session', question)), '401 INVALID_TOKEN', 'answer');
  }),
  check('H-16', 'the cookie is told to no script, no other site and no other path', async (bench) => {
    const { setCookie } = await signIn(bench);
    const [pair = '', ...attributes] = setCookie.split(/;\s*/);
    const { port, protocol } = bench.site.url;
    const usual = protocol === 'wss:' ? '443' : '80';
    same(pair.split('=', 1)[0], `agentao_${port === '' ? usual : port}`, 'name');
    const wanted = ['httponly', 'samesite=strict', 'path=/', ...(protocol === 'wss:' ? ['secure'] : [])];
    const has = attributes.map((attribute) => attribute.toLowerCase());
    for (const attribute of wanted) must(has.includes(attribute), attribute, setCookie);
    if (protocol === 'ws:') must(!has.includes('secure'), 'no `Secure` without TLS', setCookie);
  }),
  check('H-20 H-12', 'a session tells its role, whether it may dial, the numbers and the time left', async (bench) => {
    for (const role of ['operator', 'viewer'] as const) {
      const browser = await signIn(bench, { role });
      const answer = await browser.ask('GET', '/session');
      same(answer.status, 200, 'status');
      const session = JSON.parse(answer.body) as Record<string, unknown>;
      same(session['role'], role, 'role');
      must(
        typeof session['mayDial'] === 'boolean' && typeof session['expiresInMs'] === 'number',
        'its fields',
        answer.body,
      );
      must(Array.isArray(session['numbers']), 'numbers', answer.body);
      if (role === 'viewer') same(session['numbers'], [], 'numbers of a viewer');
    }
  }),
  check('H-20', 'a viewer lets nobody in: 403 FORBIDDEN', async (bench) => {
    const viewer = await signIn(bench, { role: 'viewer' });
    same(shown(await viewer.ask('POST', '/sign-in?role=viewer')), '403 FORBIDDEN', 'answer');
  }),
  check('H-15', 'an operator lets others in with its cookie', async (bench) => {
    const operator = await signIn(bench);
    const answer = await operator.ask('POST', '/sign-in?role=viewer');
    same(answer.status, 201, 'status');
    const { role, token, expiresInMs } = JSON.parse(answer.body) as Record<string, unknown>;
    must(
      role === 'viewer' && typeof token === 'string' && typeof expiresInMs === 'number',
      'a token for a viewer',
      answer.body,
    );
  }),
  check('H-18', '`DELETE` ends the session, its tickets and its sockets', async (bench) => {
    const browser = await signIn(bench);
    const [opened, unused] = [await browser.ticket(), await browser.ticket()];
    const monitor = await bench.open('monitor', '', [ticketSubprotocolPrefix + opened]);
    await monitor.message('snapshot');
    same((await browser.ask('DELETE', '/session')).status, 204, 'status');
    await monitor.closes('UNAUTHENTICATED');
    same(shown(await browser.ask('GET', '/session')), '401 UNAUTHENTICATED', 'answer');
    same(await upgraded(bench, 'monitor', socket('monitor', [unused])), '401 INVALID_TOKEN', 'answer');
  }),
  check('H-18', 'with a session ends the one that its browser had before', async (bench) => {
    const first = await signIn(bench);
    const second = await signIn(bench, { cookie: first.cookie });
    same((await first.ask('GET', '/session')).status, 200, 'status of the first while the second lives');
    same((await second.ask('DELETE', '/session')).status, 204, 'status');
    for (const { ask } of [first, second]) same(shown(await ask('GET', '/session')), '401 UNAUTHENTICATED', 'answer');
  }),
  check('H-05 H-17', 'a ticket opens one socket, and is never the selected subprotocol', async (bench) => {
    const ticket = await (await signIn(bench)).ticket();
    same(await upgraded(bench, 'monitor', socket('monitor', [ticket])), opensMonitor, 'answer');
    same(await upgraded(bench, 'monitor', socket('monitor', [ticket])), '401 INVALID_TOKEN', 'answer');
  }),
  check('H-17', 'a ticket is good for no more than its 10 s', async (bench) => {
    const ticket = await (await signIn(bench)).ticket();
    await bench.sleep(10_300);
    same(await upgraded(bench, 'monitor', socket('monitor', [ticket])), '401 INVALID_TOKEN', 'answer');
  }),
  check('H-05', 'an invented ticket: 401 INVALID_TOKEN', async (bench) => {
    must(bench.operatorToken !== '', 'an operator token', '');
    same(await upgraded(bench, 'phone', socket('phone', ['ti_x'])), '401 INVALID_TOKEN', 'answer');
  }),
  check('H-05', 'neither token nor ticket: 401 UNAUTHENTICATED', async (bench) => {
    must(bench.operatorToken !== '', 'an operator token', '');
    for (const kind of ['phone', 'monitor'] as const) {
      same(await upgraded(bench, kind, socket(kind, [])), '401 UNAUTHENTICATED', `answer on ${kind}`);
    }
  }),
  check('H-05', "a viewer's ticket opens a monitor, and on phone gets 403 FORBIDDEN", async (bench) => {
    const viewer = await signIn(bench, { role: 'viewer' });
    same(await upgraded(bench, 'phone', socket('phone', [await viewer.ticket()])), '403 FORBIDDEN', 'answer');
    same(await upgraded(bench, 'monitor', socket('monitor', [await viewer.ticket()])), opensMonitor, 'answer');
  }),
  check('H-05', 'a request uses its ticket up, whatever the answer', async (bench) => {
    const ticket = await (await signIn(bench, { role: 'viewer' })).ticket();
    same(await upgraded(bench, 'phone', socket('phone', [ticket])), '403 FORBIDDEN', 'answer');
    same(await upgraded(bench, 'monitor', socket('monitor', [ticket])), '401 INVALID_TOKEN', 'answer');
  }),
  check('H-05', 'several tickets are all used up and refused: 401 INVALID_TOKEN', async (bench) => {
    const browser = await signIn(bench);
    const tickets = [await browser.ticket(), await browser.ticket()];
    same(await upgraded(bench, 'monitor', socket('monitor', tickets)), '401 INVALID_TOKEN', 'answer');
    for (const ticket of tickets) {
      same(await upgraded(bench, 'monitor', socket('monitor', [ticket])), '401 INVALID_TOKEN', 'answer');
    }
  }),
  check('H-05', 'a bearer token goes before a ticket; another `Authorization` counts for nothing', async (bench) => {
    const browser = await signIn(bench);
    const wrong = { Authorization: 'Bearer op_x' };
    same(
      await upgraded(bench, 'monitor', socket('monitor', [await browser.ticket()], wrong)),
      '401 UNAUTHENTICATED',
      'answer',
    );
    const basic = { Authorization: 'Basic eA==' };
    same(await upgraded(bench, 'monitor', socket('monitor', [await browser.ticket()], basic)), opensMonitor, 'answer');
  }),
  check('H-19', 'of more than 16 unused tickets of a session the oldest goes', async (bench) => {
    const browser = await signIn(bench);
    const tickets = await ticketsOf(browser, 17);
    same(
      await upgraded(bench, 'monitor', socket('monitor', tickets.slice(0, 1))),
      '401 INVALID_TOKEN',
      'answer to the oldest',
    );
    same(await upgraded(bench, 'monitor', socket('monitor', tickets.slice(1, 2))), opensMonitor, 'answer to the next');
  }),
  check('H-06', 'on phone and monitor every origin but its own: 403 FORBIDDEN', async (bench) => {
    const browser = await signIn(bench);
    const own = new URL(browser.origin);
    const strange = ['https://elsewhere.example', 'null', `${own.protocol}//${own.hostname}:1`, `ftp://${own.host}`];
    for (const kind of ['phone', 'monitor'] as const) {
      for (const Origin of strange) {
        same(
          await upgraded(bench, kind, socket(kind, [await browser.ticket()], { Origin })),
          '403 FORBIDDEN',
          `answer to ${Origin}`,
        );
      }
      same(
        await upgraded(bench, kind, socket(kind, [await browser.ticket()], { Origin: browser.origin })),
        `opens ${subprotocols[kind]}`,
        'answer to its own',
      );
    }
  }),
];

async function ticketsOf(browser: Browser, count: number): Promise<readonly string[]> {
  const tickets: string[] = [];
  while (tickets.length < count) tickets.push(await browser.ticket());
  return tickets;
}
