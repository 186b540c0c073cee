import { refusalStatuses } from '@agentao/protocol';
import type { SwitchBench } from '../bench.ts';
import { ownOrigin } from '../browser.ts';
import type { HttpAnswer } from '../http-request.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';

type Headers = Readonly<Record<string, string>>;

const control = 'agentao.control.v1';
const media = 'agentao.media.v1';

/** What a request to upgrade gets: `opens <subprotocol>`, or `<status> <code>` of a refusal as H-02 has it. */
function shown(answer: HttpAnswer): string {
  if (answer.status === 101) return `opens ${answer.headers['sec-websocket-protocol'] ?? 'without a subprotocol'}`;
  const type = answer.headers['content-type'] ?? 'without a type';
  return /^application\/json\b/.test(type) ? `${answer.status} ${answer.code}` : `${answer.status} ${type}`;
}

function refusal(code: keyof typeof refusalStatuses): string {
  return `${refusalStatuses[code]} ${code}`;
}

type Ask = readonly [path: string, headers: (bench: SwitchBench) => Headers | Promise<Headers>];

function upgrade(clauses: string, what: string, expected: string, [path, headers]: Ask): SwitchCheck {
  return check(clauses, `${what}: ${expected}`, async (bench) => {
    const answer = await bench.upgrade(path, await headers(bench));
    same(shown(answer), expected, 'answer');
  });
}

function key(protocol: string | undefined, more: Headers = {}): (bench: SwitchBench) => Headers {
  return ({ site }) => ({
    ...(protocol === undefined ? {} : { 'Sec-WebSocket-Protocol': protocol }),
    Authorization: `Bearer ${site.apiKey}`,
    ...more,
  });
}

function bearer(protocol: string, credential: (bench: SwitchBench) => string): (bench: SwitchBench) => Headers {
  return (bench) => ({ 'Sec-WebSocket-Protocol': protocol, Authorization: `Bearer ${credential(bench)}` });
}

/** The same secret with its last characters turned round: as long, and wrong. */
function wrongSecret({ site: { apiKey } }: SwitchBench): string {
  const end = apiKey.slice(-8);
  const turned = [...end].toReversed().join('');
  return `${apiKey.slice(0, -8)}${turned === end ? `${end.slice(1)}x` : turned}`;
}

function unknownKey({ site: { apiKey } }: SwitchBench): string {
  const [prefix, keyId = '', ...secret] = apiKey.split('_');
  return [prefix, `${[...keyId].toReversed().join('')}0`, ...secret].join('_');
}

/** Who gets in, and how others are refused. */
export const upgradeChecks: readonly SwitchCheck[] = [
  upgrade('H-01', 'its own subprotocol', `opens ${control}`, ['/control', key(control)]),
  upgrade('H-01', 'a later version first, then this one', `opens ${control}`, [
    '/control',
    key(`agentao.control.v9, ${control}`),
  ]),
  upgrade('H-01', 'a version that nobody speaks', refusal('SUBPROTOCOL_UNSUPPORTED'), [
    '/control',
    key('agentao.control.v9'),
  ]),
  upgrade('H-01', 'the subprotocol of another socket', refusal('SUBPROTOCOL_UNSUPPORTED'), ['/control', key(media)]),
  upgrade('H-01', 'no subprotocol', refusal('SUBPROTOCOL_UNSUPPORTED'), ['/control', key(undefined)]),
  upgrade('H-02', 'a path where nothing is', refusal('NOT_FOUND'), ['/nowhere', key(control)]),
  upgrade('H-02', 'a wrong path goes before a wrong subprotocol', refusal('NOT_FOUND'), [
    '/nowhere',
    key('agentao.control.v9'),
  ]),
  upgrade('H-02', 'a wrong subprotocol goes before a strange origin', refusal('SUBPROTOCOL_UNSUPPORTED'), [
    '/control',
    key('x', { Origin: 'https://elsewhere.example' }),
  ]),
  upgrade('H-02 H-06', 'a strange origin goes before a missing credential', refusal('FORBIDDEN'), [
    '/control',
    () => ({ 'Sec-WebSocket-Protocol': control, Origin: 'https://elsewhere.example' }),
  ]),
  upgrade('H-02', 'no credential', refusal('UNAUTHENTICATED'), [
    '/control',
    () => ({ 'Sec-WebSocket-Protocol': control }),
  ]),
  upgrade('H-03', 'a credential that is no key', refusal('UNAUTHENTICATED'), [
    '/control',
    bearer(control, () => 'hello'),
  ]),
  upgrade('H-03', 'a wrong secret', refusal('UNAUTHENTICATED'), ['/control', bearer(control, wrongSecret)]),
  upgrade('H-03', 'a key id that nobody has', refusal('UNAUTHENTICATED'), ['/control', bearer(control, unknownKey)]),
  upgrade('H-06', 'an origin on control, even the own one', refusal('FORBIDDEN'), [
    '/control',
    (bench) => key(control, { Origin: ownOrigin(bench) })(bench),
  ]),
  upgrade('H-06', 'an origin on media', refusal('FORBIDDEN'), [
    '/media',
    (bench) => key(media, { Origin: ownOrigin(bench) })(bench),
  ]),
  upgrade('H-02', 'no media token', refusal('UNAUTHENTICATED'), [
    '/media',
    () => ({ 'Sec-WebSocket-Protocol': media }),
  ]),
  upgrade('H-02', 'an invented media token', refusal('INVALID_TOKEN'), ['/media', bearer(media, () => 'mt_x')]),
  upgrade('H-02', 'the API key as a media token', refusal('INVALID_TOKEN'), ['/media', key(media)]),
  check('H-02', 'a request that asks for no upgrade: 404', async (bench) => {
    for (const path of ['/control', '/media', '/phone', '/monitor']) {
      same((await bench.ask(path)).status, 404, `status of ${path}`);
    }
  }),
  check('H-03', 'unknown key ids and wrong secrets are refused in the same words', async (bench) => {
    const [wrong, unknown] = await Promise.all(
      [wrongSecret, unknownKey].map((make) => bench.upgrade('/control', bearer(control, make)(bench))),
    );
    same(wrong?.body, unknown?.body, 'body');
  }),
  check('H-02', 'a refusal says its code and a text for people', async (bench) => {
    const { body } = await bench.upgrade('/control', { 'Sec-WebSocket-Protocol': control });
    const { code, message } = JSON.parse(body) as Record<string, unknown>;
    must(code === 'UNAUTHENTICATED' && typeof message === 'string', '`code` and `message`', body);
  }),
];
