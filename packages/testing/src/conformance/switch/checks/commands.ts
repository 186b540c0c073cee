import { limits, tracks } from '@agentao/protocol';
import { isRefused, type SwitchBench, succeeds } from '../bench.ts';
import { command, type FaultRow, mediaFaults } from '../fault.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import type { Peer } from '../peer.ts';

/** A command as a row of the command table has it, with good arguments. */
interface Row {
  readonly type: string;
  readonly fields?: object;
}

const answer: Row = { type: 'answer' };
const connect: Row = { type: 'connect', fields: { ringTimeMs: 5_000, mode: 'barge' } };
const cancel: Row = { type: 'connect.cancel', fields: { connectId: 1 } };
const mode: Row = { type: 'mode', fields: { mode: 'spy' } };
const dtmf: Row = { type: 'dtmf', fields: { digits: '12#' } };
const clear: Row = { type: 'clear', fields: { generation: 1, position: 0 } };
/** Allowed in every state. */
const always: readonly Row[] = [
  { type: 'tracks', fields: { tracks: ['mix', 'callee'] } },
  { type: 'context', fields: { context: { x: [1] } } },
  { type: 'annotate', fields: { kind: 'note', data: { text: 'x' } } },
];

/** A cell of the table: commands that the state refuses without an event, and some that it allows and stays. */
async function hasTable(media: Peer, refused: readonly Row[], allowed: readonly Row[]): Promise<void> {
  const events = media.all('event').length;
  for (const { type, fields } of refused) {
    const id = media.command(type, fields);
    await isRefused(media, id, 'INVALID_STATE');
  }
  for (const { type, fields } of [...allowed, ...always]) await succeeds(media, media.command(type, fields));
  await media.settled();
  same(media.all('event').length, events, 'number of events');
}

/** A repeat of an `id` is answered, and does nothing. */
const repeats: readonly FaultRow[] = [
  ['K-02', 'a command repeated before its response', 'call.answered, ok', command('answer'), command('answer')],
  [
    'K-02',
    'a command repeated after its response',
    'call.answered, ok, ok',
    command('answer'),
    { responseTo: 1 },
    command('answer'),
  ],
  [
    'K-02',
    'another command with the id of one that is done',
    'call.answered, ok, ok',
    command('answer'),
    { responseTo: 1 },
    command('disconnect'),
  ],
  [
    'K-02',
    'a refusal by state, repeated after the state has changed',
    'INVALID_STATE, call.answered, ok, INVALID_STATE',
    command('dtmf', 1, { digits: '1' }),
    command('answer', 2),
    { responseTo: 2 },
    command('dtmf', 1, { digits: '1' }),
  ],
  [
    'K-02 K-04',
    'an id again after BAD_ARGUMENT',
    'BAD_ARGUMENT, call.answered, ok',
    command('dtmf'),
    command('answer'),
  ],
  [
    'K-02 K-04',
    'an id again after UNKNOWN_COMMAND',
    'UNKNOWN_COMMAND, call.answered, ok',
    command('later'),
    command('answer'),
  ],
];

const badArguments: readonly (readonly [what: string, type: string, fields: object])[] = [
  ['`connect` without `ringTimeMs`', 'connect', { mode: 'barge' }],
  ['`connect` without `mode`', 'connect', { ringTimeMs: 5_000 }],
  ['`connect` that rings too short', 'connect', { ringTimeMs: 999, mode: 'barge' }],
  ['`connect` that rings too long', 'connect', { ringTimeMs: 120_001, mode: 'barge' }],
  ['`connect` that rings for a fraction', 'connect', { ringTimeMs: 1_000.5, mode: 'barge' }],
  ['`connect` in a mode that is none', 'connect', { ringTimeMs: 5_000, mode: 'shout' }],
  ['`connect.cancel` without `connectId`', 'connect.cancel', {}],
  ['`mode` without `mode`', 'mode', {}],
  ['`mode` with half a `discard`', 'mode', { mode: 'spy', discard: { generation: 1 } }],
  ['`null` for an argument', 'dtmf', { digits: null }],
  ['`dtmf` without digits', 'dtmf', { digits: '' }],
  ['`dtmf` with a letter that is no digit', 'dtmf', { digits: '1E' }],
  ['`dtmf` with too many digits', 'dtmf', { digits: '1'.repeat(33) }],
  ['`clear` without `position`', 'clear', { generation: 1 }],
  ['`clear` with a generation that is none', 'clear', { generation: 256, position: 0 }],
  ['`tracks` with one that is none', 'tracks', { tracks: ['agent'] }],
  ['`context` without one', 'context', {}],
  ['`annotate` with an empty kind', 'annotate', { kind: '', data: 1 }],
  ['`close` with a `handOver` that is neither true nor false', 'close', { handOver: 1 }],
];

/** Commands: which state allows them, how they are refused, repeated and answered. */
export const commandChecks: readonly SwitchCheck[] = [
  ...mediaFaults([
    ...repeats,
    ...badArguments.map(([what, type, fields]): FaultRow => ['K-04', what, 'BAD_ARGUMENT', command(type, 1, fields)]),
    ['K-04', 'an unknown command', 'UNKNOWN_COMMAND', command('later')],
    ['K-04', 'a known command without an id', 'closes BAD_MESSAGE', { type: 'answer' }],
    ['K-04', 'a known command with an id of 0', 'closes BAD_MESSAGE', { type: 'answer', id: 0 }],
    ['K-04', 'an unknown command with an id of 0', 'stays open', { type: 'later', id: 0 }],
    ['K-04', 'a command with a field that nobody knows', 'call.answered, ok', command('answer', 1, { later: [] })],
    [
      'K-06 M-03',
      'commands behind the one that ends the call',
      'call.terminated, ok, closes NORMAL',
      command('close'),
      command('answer', 2),
      command('close', 3),
    ],
    ['K-12', '`connect.cancel` when nothing rings', 'INVALID_STATE', command('connect.cancel', 1, { connectId: 7 })],
    [
      'K-15',
      '`discard` and `afterPosition` at once',
      'BAD_ARGUMENT',
      command('mode', 1, { mode: 'spy', afterPosition: 0, discard: { generation: 1, position: 0 } }),
    ],
  ]),

  check('K-03 M-05', 'PENDING refuses what the table does not allow, and allows the rest', async (bench) => {
    const { media } = await bench.call();
    await hasTable(media, [cancel, mode, dtmf], [clear]);
    await succeeds(media, media.command('answer'));
  }),
  check('K-03 M-05', 'ANSWERED refuses what the table does not allow, and allows the rest', async (bench) => {
    const { media } = await bench.answered();
    await hasTable(media, [answer, cancel, mode], [clear, dtmf]);
  }),
  check('K-03 M-05', 'CONNECTED refuses what the table does not allow, and allows the rest', async (bench) => {
    const { media } = await bench.connected();
    await hasTable(media, [answer, connect, cancel], [clear, dtmf]);
  }),
  check('K-03 M-05', 'ringing in PENDING refuses what the table does not allow, and allows the rest', async (bench) => {
    const { media } = await bench.ringing('PENDING');
    await hasTable(media, [connect, mode, dtmf], [clear]);
    await succeeds(media, media.command('answer'));
  }),
  check(
    'K-03 M-05',
    'ringing in ANSWERED refuses what the table does not allow, and allows the rest',
    async (bench) => {
      const { media } = await bench.ringing('ANSWERED');
      await hasTable(media, [connect, answer, mode], [clear, dtmf]);
    },
  ),
  check('K-04', 'BAD_ARGUMENT names the argument', async (bench) => {
    const { media } = await bench.call();
    const id = media.command('connect', { ringTimeMs: 5, mode: 'barge' });
    const response = await media.message('response', (message) => message.id === id);
    must(!response.ok && response.error.message.includes('ringTimeMs'), '`ringTimeMs` in the message', response);
  }),
  check('K-05', 'the state that counts is that of the switch when the command arrives', async (bench) => {
    const { media } = await bench.answered();
    const [ended, late] = [media.command('disconnect'), media.command('dtmf', { digits: '1' })];
    await succeeds(media, ended);
    await media.closes('NORMAL');
    must(media.find('response', ({ id }) => id === late) === undefined, 'no response behind the end', media.describe());
  }),
  check('K-20 K-04', 'a context and an annotation may be as large as allowed, and not larger', async (bench) => {
    const { media } = await bench.answered();
    const largest = (bytes: number): string => 'x'.repeat(bytes - 2);
    const { contextBytes, annotationBytes } = limits;
    await succeeds(media, media.command('context', { context: largest(contextBytes) }));
    await succeeds(media, media.command('annotate', { kind: 'note', data: largest(annotationBytes) }));
    await isRefused(media, media.command('context', { context: largest(contextBytes + 1) }), 'BAD_ARGUMENT');
    await isRefused(
      media,
      media.command('annotate', { kind: 'x', data: largest(annotationBytes + 1) }),
      'BAD_ARGUMENT',
    );
  }),
  check('K-20', '`tracks` holds from the next tick on', async (bench) => {
    const { media } = await bench.answered({ tracks: ['mix'] });
    await media.until('the mix', () => (media.frames.length > 2 ? true : undefined));
    await succeeds(media, media.command('tracks', { tracks: ['caller'] }));
    await media.pong();
    const from = media.frames.length;
    await media.until('five messages more', () => (media.frames.length >= from + 5 ? true : undefined));
    const seen = new Set(media.frames.slice(from).map(({ header }) => header.track));
    same([...seen], [tracks.caller], 'tracks');
  }),
  check('M-06 K-02', 'commands run side by side, each with one response; 256 of them are remembered', async (bench) => {
    const { media } = await bench.answered();
    const ids: number[] = [];
    for (let count = 0; count < 256; count++) {
      ids.push(media.command('connect.cancel', { connectId: 9_999 }));
      if (count % 64 === 63) await bench.sleep(200);
    }
    const responses = (): number => media.all('response').filter(({ id }) => ids.includes(id)).length;
    await media.until('256 responses', () => (responses() === ids.length ? true : undefined));
    media.send({ type: 'answer', id: ids[0] });
    await media.until('the first response again', () => (responses() === ids.length + 1 ? true : undefined));
    const again = media.all('response').filter(({ id }) => id === ids[0]);
    same(again[1], again[0], 'response');
  }),
  check(
    'M-07 M-03',
    '`disconnect` while it rings: `call.terminated`, CALL_ENDED for the `connect`, success, close',
    async (bench) => {
      const { media, connectId, caller, callee } = await bench.ringing();
      const id = media.command('disconnect');
      await succeeds(media, id);
      await isRefused(media, connectId, 'CALL_ENDED');
      await media.closes('NORMAL');
      await endsWith(media, 'disconnected', 'agent');
      must(
        media.find('event', ({ event }) => event.type === 'call.connect_failed') === undefined,
        'no `call.connect_failed`',
        media.describe(),
      );
      for (const phone of [caller, callee]) await phone.message('ended');
    },
  ),
  check('K-18 M-03', '`disconnect` in PENDING rejects the caller', async (bench) => {
    const { media, caller } = await bench.call();
    await succeeds(media, media.command('disconnect'));
    await endsWith(media, 'disconnected', 'agent');
    await media.closes('NORMAL');
    const { reason, by } = await caller.message('ended');
    same([reason, by], ['disconnected', 'agent'], 'reason and by');
    must(caller.find('answered') === undefined, 'no `answered`', caller.describe());
  }),
  check('K-18', '`disconnect` in CONNECTED ends the call for all', async (bench) => {
    const { media, caller, callee } = await bench.connected();
    await succeeds(media, media.command('disconnect'));
    await endsWith(media, 'disconnected', 'agent');
    for (const phone of [caller, callee]) same((await phone.message('ended')).by, 'agent', 'by');
  }),
  check(
    'K-19',
    '`close` in PENDING with nobody left to ask: the callee is rung as if there were no agent',
    async (bench) => {
      const callee = await bench.phone(await bench.number());
      const { media, caller } = await bench.call();
      await succeeds(media, media.command('close'));
      await endsWith(media, 'declined', 'agent');
      await media.closes('NORMAL');
      await talkTogether(bench, caller, callee);
    },
  ),
  check('K-19', '`close` in ANSWERED ends the call', async (bench) => {
    const { media, caller } = await bench.answered();
    await succeeds(media, media.command('close'));
    await endsWith(media, 'left', 'agent');
    await caller.message('ended');
  }),
  check('K-19', '`close` in CONNECTED: caller and callee talk on', async (bench) => {
    const { media, caller, callee } = await bench.connected();
    await succeeds(media, media.command('close'));
    await endsWith(media, 'left', 'agent');
    await media.closes('NORMAL');
    await bench.sleep(300);
    for (const phone of [caller, callee]) must(phone.find('ended') === undefined, 'the two talking', phone.describe());
  }),
  check('K-19 M-07', '`close` while it rings: the ringing goes on; picked up, the two talk', async (bench) => {
    const { media, connectId, caller, callee } = await bench.ringing('ANSWERED');
    await succeeds(media, media.command('close'));
    await isRefused(media, connectId, 'CALL_ENDED');
    await endsWith(media, 'left', 'agent');
    await media.closes('NORMAL');
    await talkTogether(bench, caller, callee);
  }),
  check('K-19', '`close` while it rings: not picked up, the call ends', async (bench) => {
    const { media, caller, callee } = await bench.ringing('ANSWERED', 1_000);
    await succeeds(media, media.command('close'));
    await callee.message('ended');
    await caller.message('ended');
  }),
];

/** The end of the agent's part: one `call.terminated`, the last event. */
export async function endsWith(media: Peer, reason: string, by: string): Promise<void> {
  const { event } = await media.message('event', (message) => message.event.type === 'call.terminated');
  if (event.type === 'call.terminated') same([event.reason, event.by], [reason, by], 'reason and by');
}

/** The callee is rung, picks up, and both have their line open. */
export async function talkTogether(bench: SwitchBench, caller: Peer, callee: Peer): Promise<void> {
  await callee.message('incoming', () => true, 8_000);
  callee.send({ type: 'answer' });
  await Promise.all([callee.message('answered'), caller.message('answered')]);
  await bench.sleep(200);
  for (const phone of [caller, callee]) must(phone.find('ended') === undefined, 'the two talking', phone.describe());
}
