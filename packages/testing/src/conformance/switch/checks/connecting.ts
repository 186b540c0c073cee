import { isRefused, succeeds } from '../bench.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import { endsWith } from './commands.ts';
import { type Peer, type MessageOf } from '../peer.ts';

/** The event comes before the response of the command that caused it. */
async function comesBefore(media: Peer, type: string, id: number): Promise<MessageOf<'event'>> {
  const response = await media.message('response', (message) => message.id === id);
  const event = media.find('event', (message) => message.event.type === type);
  must(
    event !== undefined && media.indexOf(event) < media.indexOf(response),
    `\`${type}\` before the response`,
    media.describe(),
  );
  return event;
}

/** `answer`, `connect` and what they lead to. */
export const connectingChecks: readonly SwitchCheck[] = [
  check('K-07 M-06', '`answer`: `call.answered`, then its response; the line of the caller is open', async (bench) => {
    const { media, caller } = await bench.call();
    const id = media.command('answer');
    await succeeds(media, id);
    const { seq, event } = await comesBefore(media, 'call.answered', id);
    same(seq, 1, 'seq of the first event');
    must(event.atMs > 0, '`atMs` above 0', event);
    await caller.message('answered');
  }),
  check('K-07', 'an `answer` while one is under way, or done: INVALID_STATE', async (bench) => {
    const { media } = await bench.call();
    const [first, second] = [media.command('answer'), media.command('answer')];
    await succeeds(media, first);
    await isRefused(media, second, 'INVALID_STATE');
    same(media.all('event').length, 1, 'number of events');
  }),
  check('K-08 K-09', '`connect` from ANSWERED: `call.connected` with its mode, then its response', async (bench) => {
    for (const mode of ['whisper'] as const) {
      const { media, callee } = await bench.connected(mode);
      const { event } = await media.message('event', (message) => message.event.type === 'call.connected');
      const id = media.all('response').at(-1)?.id ?? 0;
      await comesBefore(media, 'call.connected', id);
      same(event.type === 'call.connected' && event.mode, mode, 'mode');
      await callee.message('answered');
    }
  }),
  check('K-08', '`connect` from PENDING answers the caller on the way, without `call.answered`', async (bench) => {
    const { media, caller, callee, connectId } = await bench.ringing('PENDING');
    must(caller.find('answered') === undefined, 'the caller still waiting', caller.describe());
    callee.send({ type: 'answer' });
    await succeeds(media, connectId);
    await caller.message('answered');
    const types = media.all('event').map(({ event }) => event.type);
    same(types, ['call.connected'], 'events');
  }),
  check('K-08', '`answer` while it rings in PENDING: `call.answered`, and the ringing goes on', async (bench) => {
    const { media, caller, callee, connectId } = await bench.ringing('PENDING');
    await succeeds(media, media.command('answer'));
    await caller.message('answered');
    callee.send({ type: 'answer' });
    await succeeds(media, connectId);
    same(
      media.all('event').map(({ event }) => event.type),
      ['call.answered', 'call.connected'],
      'events',
    );
  }),
  check(
    'K-08 K-09',
    'nobody picks up: `call.connect_failed` CALL_UNANSWERED, then the response; the state is as before',
    async (bench) => {
      const { media, callee, connectId } = await bench.ringing('ANSWERED', 1_000);
      await isRefused(media, connectId, 'CALL_UNANSWERED');
      const { event } = await comesBefore(media, 'call.connect_failed', connectId);
      same(event.type === 'call.connect_failed' && event.errorCode, 'CALL_UNANSWERED', 'errorCode');
      await callee.message('ended');
      await succeeds(media, media.command('dtmf', { digits: '1' }));
    },
  ),
  check('K-08', 'the callee refuses: CALL_REJECTED', async (bench) => {
    const { media, callee, connectId } = await bench.ringing('PENDING');
    callee.send({ type: 'reject' });
    await isRefused(media, connectId, 'CALL_REJECTED');
    await comesBefore(media, 'call.connect_failed', connectId);
    await isRefused(media, media.command('dtmf', { digits: '1' }), 'INVALID_STATE');
  }),
  check('K-08', 'nobody has the number: CALLEE_UNREACHABLE', async (bench) => {
    const { media } = await bench.answered();
    const id = media.command('connect', { ringTimeMs: 5_000, mode: 'barge' });
    await isRefused(media, id, 'CALLEE_UNREACHABLE');
    await comesBefore(media, 'call.connect_failed', id);
  }),
  check('K-09', 'a `connect` that is refused at once has no event', async (bench) => {
    const { media, connectId } = await bench.ringing();
    const second = media.command('connect', { ringTimeMs: 5_000, mode: 'barge' });
    await isRefused(media, second, 'INVALID_STATE');
    await media.settled();
    same(media.all('event').length, 0, 'number of events');
    must(media.find('response', ({ id }) => id === connectId) === undefined, 'the first one ringing', media.describe());
  }),
  check('K-12', '`connect.cancel`: event and response of the `connect`, then its own', async (bench) => {
    const { media, callee, connectId } = await bench.ringing('ANSWERED');
    await isRefused(media, media.command('connect.cancel', { connectId: connectId + 50 }), 'BAD_ARGUMENT');
    const id = media.command('connect.cancel', { connectId });
    await succeeds(media, id);
    await isRefused(media, connectId, 'CONNECT_CANCELLED');
    await comesBefore(media, 'call.connect_failed', connectId);
    const order = media
      .all('response')
      .map((response) => response.id)
      .slice(-2);
    same(order, [connectId, id], 'order of the responses');
    await callee.message('ended');
    await isRefused(media, media.command('connect.cancel', { connectId }), 'INVALID_STATE');
  }),
  check(
    'K-11',
    'the caller hangs up while it rings: `call.terminated`, CALL_ENDED, no `call.connect_failed`',
    async (bench) => {
      const { media, caller, callee, connectId } = await bench.ringing();
      caller.send({ type: 'hangup' });
      await isRefused(media, connectId, 'CALL_ENDED');
      await comesBefore(media, 'call.terminated', connectId);
      await endsWith(media, 'hangup', 'caller');
      await media.closes('NORMAL');
      same(media.all('event').length, 1, 'number of events');
      await callee.message('ended');
    },
  ),
  check('M-03', 'a person hangs up: `call.terminated` with who it was, then close NORMAL', async (bench) => {
    const { media, callee, caller } = await bench.connected();
    callee.send({ type: 'hangup' });
    await endsWith(media, 'hangup', 'callee');
    await media.closes('NORMAL');
    await caller.message('ended');
  }),
  check('M-04', 'closing with FORCE_DISCONNECT means the same as `disconnect`', async (bench) => {
    const { media, caller, callee } = await bench.connected();
    media.socket.close(4411);
    for (const phone of [caller, callee]) {
      const { reason, by } = await phone.message('ended');
      same([reason, by], ['disconnected', 'agent'], 'reason and by');
    }
  }),
  check('M-09', 'keys of both phones are events, numbered with the rest: `call.dtmf`', async (bench) => {
    const { media, caller, callee } = await bench.connected();
    caller.send({ type: 'dtmf', digit: '5', durationMs: 120 });
    callee.send({ type: 'dtmf', digit: '#' });
    const keys = (): readonly unknown[] =>
      media
        .all('event')
        .flatMap(({ event }) => (event.type === 'call.dtmf' ? [[event.digit, event.party, event.durationMs]] : []));
    await media.until('two `call.dtmf`', () => (keys().length === 2 ? true : undefined));
    const sorted = [...keys()].sort((a, b) => String(b).localeCompare(String(a)));
    same(
      sorted,
      [
        ['5', 'caller', 120],
        ['#', 'callee', 100],
      ],
      'keys',
    );
    same(
      media.all('event').map(({ seq }) => seq),
      [1, 2, 3, 4],
      'seq',
    );
  }),
  check('K-03', '`dtmf` of the agent is heard as keys by those who hear the agent', async (bench) => {
    const { media, caller, callee } = await bench.connected('whisper');
    await succeeds(media, media.command('dtmf', { digits: '4#' }));
    await callee.until('two keys', () => (callee.all('dtmf').length === 2 ? true : undefined));
    same(
      callee.all('dtmf').map(({ digit }) => digit),
      ['4', '#'],
      'digits',
    );
    same(caller.all('dtmf').length, 0, 'keys at the caller');
  }),
];
