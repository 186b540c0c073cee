import type { closeCodes } from '@agentao/protocol';
import { opcodes } from '../raw-peer.ts';
import {
  audio,
  command,
  controlFaults,
  firstControlFaults,
  firstMediaFaults,
  type FaultRow,
  mediaFaults,
  monitorFaults,
  phoneFaults,
  firstPhoneFaults,
} from '../fault.ts';
import { succeeds } from '../bench.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';

function nested(levels: number): string {
  return `{"type":"ping","id":1,"x":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
}

function long(bytes: number): string {
  const empty = '{"type":"ping","id":1,"x":""}';
  return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`);
}

/** What any socket makes of these, once it is past its first message. */
const everywhere: readonly FaultRow[] = [
  ['G-03', 'a field that nobody knows', 'stays open', { type: 'ping', id: 1, later: { x: [1] } }],
  ['G-03', 'a message of a type that nobody knows', 'stays open', { type: 'later' }],
  ['G-04', 'text that is not JSON', 'closes BAD_MESSAGE', '{"type":"ping"'],
  ['G-04', 'a byte order mark before the JSON', 'closes BAD_MESSAGE', '\u{feff}{"type":"ping","id":1}'],
  ['G-04', 'an array', 'closes BAD_MESSAGE', '[{"type":"ping","id":1}]'],
  ['G-04', 'a message without `type`', 'closes BAD_MESSAGE', '{"id":1}'],
  ['G-04', 'a `type` that is not text', 'closes BAD_MESSAGE', '{"type":7}'],
  ['G-04', 'a field that is missing', 'closes BAD_MESSAGE', { type: 'ping' }],
  ['G-04', 'a number with a fraction', 'closes BAD_MESSAGE', { type: 'ping', id: 1.5 }],
  ['G-04', 'a number out of its bounds', 'closes BAD_MESSAGE', { type: 'ping', id: 4_294_967_296 }],
  ['G-04', 'a whole number written as `7.0e0`', 'stays open', '{"type":"ping","id":7.0e0}'],
  ['G-05', 'a message as large as allowed', 'stays open', long(131_072)],
  ['G-05', 'a message one byte larger', 'closes TOO_LARGE', long(131_073)],
  ['G-05', 'nesting as deep as allowed', 'stays open', nested(32)],
  ['G-05', 'nesting one level deeper', 'closes BAD_MESSAGE', nested(33)],
  ['G-06', 'a key named `__proto__`', 'stays open', '{"type":"ping","id":1,"__proto__":{"type":"later"}}'],
  ['G-12', 'a `pong` that answers nothing', 'stays open', { type: 'pong', id: 7 }],
];

function on(socket: string, rows: readonly FaultRow[]): readonly FaultRow[] {
  return rows.map(([clauses, what, ...rest]) => [clauses, `${what}, on ${socket}`, ...rest] as FaultRow);
}

/** What holds for the messages of all sockets. */
export const messageChecks: readonly SwitchCheck[] = [
  ...controlFaults(on('control', everywhere)),
  ...mediaFaults(on('media', everywhere)),
  ...phoneFaults(on('phone', everywhere)),
  ...monitorFaults(on('monitor', everywhere)),
  ...controlFaults([
    ['G-02', 'a binary message on control', 'closes BAD_MESSAGE', audio(0, 160)],
    ['G-03', 'a message of the other side', 'stays open', { type: 'offer.cancelled', offerId: 7 }],
    ['G-04', 'a field of the wrong type', 'closes BAD_MESSAGE', { type: 'ready', ready: 1 }],
    ['G-04', '`null` for a field', 'closes BAD_MESSAGE', { type: 'decline', offerId: null }],
    ['G-04', 'an id longer than allowed', 'closes BAD_MESSAGE', { type: 'decline', offerId: 'x'.repeat(129) }],
    ['G-07 C-01', 'a second `hello`', 'closes OUT_OF_ORDER', { type: 'hello', client: 'again' }],
  ]),
  ...firstControlFaults([
    ['G-04', 'a number below its bounds', 'closes BAD_MESSAGE', { type: 'hello', client: 'x', maxCalls: 0 }],
    [
      'G-04',
      '`null` for a field that may be left out',
      'closes BAD_MESSAGE',
      { type: 'hello', client: 'x', maxCalls: null },
    ],
    ['G-12', 'a `ping` before the first message', 'stays open', { type: 'ping', id: 1 }],
    ['C-01', '`ready` before `hello`', 'closes OUT_OF_ORDER', { type: 'ready', ready: true }],
    ['C-01', '`decline` before `hello`', 'closes OUT_OF_ORDER', { type: 'decline', offerId: 'x' }],
    ['C-01', 'an unknown message before `hello`', 'stays open', { type: 'later' }],
  ]),
  ...monitorFaults([['G-02', 'a binary message on monitor', 'closes BAD_MESSAGE', audio(0, 160)]]),
  ...firstPhoneFaults([['G-12', 'a `ping` before `register`', 'stays open', { type: 'ping', id: 1 }]]),
  ...mediaFaults([
    ['G-05', 'audio larger than a message may be', 'closes TOO_LARGE', audio(0, 65_533)],
    ['G-03 M-09', 'an `event` from a client', 'stays open', { type: 'event', seq: 1, event: { type: 'x' } }],
    ['M-01', 'a second `attach`', 'closes OUT_OF_ORDER', { type: 'attach', sampleRateHz: 8_000 }],
    [
      'M-01',
      '`resume` behind `attach`',
      'closes OUT_OF_ORDER',
      { type: 'resume', received: {}, lastEventSeq: 0, generation: 0 },
    ],
  ]),
  ...firstMediaFaults([
    ['G-12', 'a `ping` before `attach`', 'stays open', { type: 'ping', id: 1 }],
    ['M-01', 'a command before `attach`', 'closes OUT_OF_ORDER', command('answer')],
    ['M-01', 'an unknown command before `attach`', 'closes OUT_OF_ORDER', command('later')],
    ['M-01', 'a mark before `attach`', 'closes OUT_OF_ORDER', { type: 'mark', position: 0 }],
    [
      'M-01',
      '`resume` with a media token',
      'closes OUT_OF_ORDER',
      { type: 'resume', received: {}, lastEventSeq: 0, generation: 0 },
    ],
    ['M-01 A-01', 'audio before `attach`', 'closes OUT_OF_ORDER', audio(0, 160)],
    ['M-01', 'bytes that are no audio, before `attach`', 'closes OUT_OF_ORDER', Uint8Array.of(1)],
    ['G-04', '`attach` at a rate that is none', 'closes BAD_MESSAGE', { type: 'attach', sampleRateHz: 44_100 }],
    [
      'G-04',
      '`attach` with a track that is none',
      'closes BAD_MESSAGE',
      { type: 'attach', sampleRateHz: 8_000, tracks: ['agent'] },
    ],
  ]),

  check('G-01', 'no extension is selected, though one is offered', async (bench) => {
    const answer = await bench.upgrade('/control', {
      'Sec-WebSocket-Protocol': 'agentao.control.v1',
      'Sec-WebSocket-Extensions': 'permessage-deflate',
      Authorization: `Bearer ${bench.site.apiKey}`,
    });
    same(answer.status, 101, 'status');
    same(answer.headers['sec-websocket-extensions'] ?? null, null, 'extensions');
    same(answer.headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=', 'accept');
  }),
  rawCheck('G-01 G-09', 'a frame with a bit of an extension: closes BAD_FRAME', 'BAD_FRAME', { reserved: true }),
  rawCheck('G-01 G-09', 'a frame that is not masked: closes BAD_FRAME', 'BAD_FRAME', { masked: false }),
  check('G-01 G-09', 'text that is not UTF-8: closes BAD_TEXT', async (bench) => {
    const raw = await bench.raw('control', bench.site.apiKey);
    raw.write(opcodes.text, Uint8Array.of(0xff));
    same(await raw.closes(bench.site.patienceMs), 'BAD_TEXT', 'close');
  }),
  check('G-01', 'a text in two frames is one message', async (bench) => {
    const raw = await bench.raw('control', bench.site.apiKey);
    raw.write(opcodes.text, '{"type":"pi', { final: false });
    raw.write(opcodes.continuation, 'ng","id":5}');
    for (let waitedMs = 0; raw.texts.length === 0 && waitedMs < 2_000; waitedMs += 20) await bench.sleep(20);
    same(JSON.parse(raw.texts[0] ?? 'null'), { type: 'pong', id: 5 }, 'answer');
  }),
  check('G-01', "a WebSocket's own ping is answered by its pong", async (bench) => {
    const raw = await bench.raw('control', bench.site.apiKey);
    raw.write(opcodes.ping, 'hi');
    for (let waitedMs = 0; raw.pongs.length === 0 && waitedMs < 2_000; waitedMs += 20) await bench.sleep(20);
    same(raw.pongs, ['hi'], 'pong');
  }),
  check('G-08 G-12', 'pings are answered in their order, each with its id', async (bench) => {
    const control = await bench.control();
    const ids = [3, 1, 2, 0, 4_294_967_295];
    for (const id of ids) control.send({ type: 'ping', id });
    await control.until('five pongs', () => (control.all('pong').length >= ids.length ? true : undefined));
    same(
      control.all('pong').map(({ id }) => id),
      ids,
      'ids',
    );
  }),
  check('G-08', 'text and audio are handled in their common order', async (bench) => {
    const { media, attached } = await bench.answered();
    const half = Math.floor(attached.windowSamples / 2);
    let position = 0;
    for (let generation = 1; generation <= 5; generation += 2) {
      media.sendAudio({ samples: half, position, generation: generation - 1 });
      position += half;
      await succeeds(media, media.command('clear', { generation, position }));
      media.sendAudio({ samples: 80, position, generation });
      position += 80;
      media.command('clear', { generation: generation + 1, position });
    }
    await media.settled();
    must(media.close === undefined, 'an open connection', media.describe());
  }),
  check('G-08', 'a message does not wait for the end of one before it that takes time', async (bench) => {
    const { media } = await bench.ringing();
    await media.pong();
    await succeeds(media, media.command('answer'));
  }),
];

function rawCheck(
  clauses: string,
  name: string,
  expected: keyof typeof closeCodes,
  shape: { readonly reserved?: boolean; readonly masked?: boolean },
): SwitchCheck {
  return check(clauses, name, async (bench) => {
    const raw = await bench.raw('control', bench.site.apiKey);
    raw.write(opcodes.text, '{}', shape);
    same(await raw.closes(bench.site.patienceMs), expected, 'close');
  });
}
