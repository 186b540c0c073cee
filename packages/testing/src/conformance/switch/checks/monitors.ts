import { type MonitorCall, subprotocols, ticketSubprotocolPrefix } from '@agentao/protocol';
import { signIn } from '../browser.ts';
import { type SwitchBench, succeeds } from '../bench.ts';
import { type FaultRow, monitorFaults } from '../fault.ts';
import { phoneSays, voice } from '../hearing.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import type { MessageOf, Peer } from '../peer.ts';

const tooMany = Array.from({ length: 65 }, (_, index) => `call-${index}`);

const rows: readonly FaultRow[] = [
  ['O-03', '`watch` of ids that are not known', 'stays open', { type: 'watch', callIds: ['nobody-has-this-one'] }],
  ['O-03 G-04', '`watch` of more calls than allowed', 'closes BAD_MESSAGE', { type: 'watch', callIds: tooMany }],
];

async function viewer(bench: SwitchBench): Promise<Peer> {
  const browser = await signIn(bench, { role: 'viewer' });
  const monitor = await bench.open('monitor', '', [ticketSubprotocolPrefix + (await browser.ticket())]);
  same(monitor.socket.subprotocol, subprotocols.monitor, 'subprotocol');
  await monitor.message('snapshot');
  return monitor;
}

/** Waits until the call looks as `where` says. */
function looks(monitor: Peer, callId: string, where: (call: MonitorCall) => boolean): Promise<MessageOf<'call'>> {
  return monitor.message('call', ({ call }) => call.callId === callId && where(call));
}

function endOf(monitor: Peer, callId: string): Promise<MessageOf<'ended'>> {
  return monitor.message('ended', (end) => 'callId' in end && end.callId === callId);
}

function kinds(monitor: Peer, callId: string): readonly string[] {
  return monitor.all('timeline').flatMap((line) => (line.callId === callId ? [line.entry.kind] : []));
}

/** Monitors. */
export const monitorChecks: readonly SwitchCheck[] = [
  ...monitorFaults(rows),
  check('O-01', 'a monitor gets one `snapshot` first, with the calls that live', async (bench) => {
    const { offer } = await bench.call();
    const monitor = await bench.monitor();
    const [first] = monitor.messages.filter(({ type }) => type !== 'ping');
    same(first?.type, 'snapshot', 'first message');
    const { calls } = await monitor.message('snapshot');
    const isThere = calls.some(({ callId }) => callId === offer.callId);
    must(isThere || calls.length === 64, 'the call in it', calls.length);
    if (!isThere) await looks(monitor, offer.callId, () => true);
  }),
  check('O-02', '`call` tells every change of a call, `ended` its end, once', async (bench) => {
    const monitor = await bench.monitor();
    const { media, caller, callee, connectId, offer } = await bench.ringing('PENDING');
    const { callId } = offer;
    const { call } = await looks(monitor, callId, ({ state, ringing }) => state === 'PENDING' && ringing);
    const { startedAtMs, direction, calleeNumber, mode } = call;
    must(Math.abs(startedAtMs - bench.site.clock.wallTime()) < 3_600_000, 'the time of its start', startedAtMs);
    same([direction, calleeNumber, mode], ['MT', offer.calleeNumber, null], 'direction, callee, mode');
    callee.send({ type: 'answer' });
    await succeeds(media, connectId);
    const { call: connected } = await looks(monitor, callId, ({ state }) => state === 'CONNECTED');
    same([connected.mode, connected.ringing], ['barge', false], 'mode and ringing');
    await succeeds(media, media.command('mode', { mode: 'whisper' }));
    await looks(monitor, callId, (now) => now.mode === 'whisper' && now.hearing.agent.join() === 'callee');
    caller.send({ type: 'hangup' });
    const end = await endOf(monitor, callId);
    same([end.reason, end.by], ['hangup', 'caller'], 'reason and by');
  }),
  check('O-02', '`hearing` is who hears whom', async (bench) => {
    const monitor = await bench.monitor();
    const { media, offer } = await bench.connected('spy');
    const hearing = async (mode: string): Promise<unknown> => {
      const { call } = await looks(monitor, offer.callId, (now) => now.mode === mode);
      return [call.hearing.caller, call.hearing.callee, call.hearing.agent].map((list) => [...list].sort());
    };
    const people = [
      ['agent', 'callee'],
      ['agent', 'caller'],
    ];
    same(await hearing('spy'), [...people, []], 'hearing in spy');
    await succeeds(media, media.command('mode', { mode: 'barge' }));
    same(await hearing('barge'), [...people, ['callee', 'caller']], 'hearing in barge');
  }),
  check(
    'O-03',
    '`timeline` and `levels` come of watched calls only, from the beginning on, the last entries before `ended`',
    async (bench) => {
      const monitor = await bench.monitor();
      const { media, caller, offer } = await bench.answered();
      await bench.sleep(500);
      same([monitor.all('timeline').length, monitor.all('levels').length], [0, 0], 'timelines and levels unwatched');
      monitor.send({ type: 'watch', callIds: [offer.callId, 'nobody-has-this-one'] });
      await monitor.message('levels', ({ callId }) => callId === offer.callId);
      for (const kind of ['arrived', 'offered', 'attached', 'command', 'event']) {
        await monitor.until(`an entry \`${kind}\``, () =>
          kinds(monitor, offer.callId).includes(kind) ? true : undefined,
        );
      }
      same(kinds(monitor, offer.callId)[0], 'arrived', 'first entry');
      await succeeds(media, media.command('dtmf', { digits: '1' }));
      caller.send({ type: 'hangup' });
      const end = await endOf(monitor, offer.callId);
      same(kinds(monitor, offer.callId).at(-1), 'ended', 'last entry');
      const last = monitor.all('timeline').at(-1);
      must(
        last !== undefined && monitor.indexOf(last) < monitor.indexOf(end),
        'the last entry before `ended`',
        monitor.describe(),
      );
    },
  ),
  check(
    'O-03',
    'a call that is not in the newest `watch` is watched no more; one that was stays where it is',
    async (bench) => {
      const monitor = await bench.monitor();
      const { media, offer } = await bench.answered();
      const watch = async (callIds: readonly string[]): Promise<void> => {
        monitor.send({ type: 'watch', callIds });
        await monitor.pong();
      };
      await watch([offer.callId]);
      await monitor.message('levels');
      await watch([offer.callId]);
      await succeeds(media, media.command('dtmf', { digits: '1' }));
      await bench.sleep(300);
      same(kinds(monitor, offer.callId).filter((kind) => kind === 'arrived').length, 1, 'entries `arrived`');
      await watch([]);
      const before = monitor.all('levels').length;
      await bench.sleep(600);
      same(monitor.all('levels').length, before, 'levels behind the newest `watch`');
    },
  ),
  check('O-05', 'an operator gets numbers in full, a viewer masked; digits are in no timeline', async (bench) => {
    const [operator, watcher] = [await bench.monitor(), await viewer(bench)];
    const { media, caller, offer } = await bench.answered();
    const { callId, callerNumber, calleeNumber } = offer;
    for (const monitor of [operator, watcher]) monitor.send({ type: 'watch', callIds: [callId] });
    caller.send({ type: 'dtmf', digit: '9' });
    await media.message('event', ({ event }) => event.type === 'call.dtmf');
    const mask = (number: string): string => (number.length <= 4 ? '*' : `*${number.slice(-2)}`);
    const numbers = ({ call }: MessageOf<'call'>): readonly string[] => [call.callerNumber, call.calleeNumber];
    same(numbers(await looks(operator, callId, () => true)), [callerNumber, calleeNumber], 'numbers of an operator');
    const masked = [mask(callerNumber), mask(calleeNumber)];
    same(numbers(await looks(watcher, callId, () => true)), masked, 'numbers of a viewer');
    const arrived = await watcher.message(
      'timeline',
      (line) => line.callId === callId && line.entry.kind === 'arrived',
    );
    same([arrived.entry['from'], arrived.entry['to']], masked, 'numbers in the timeline');
    const key = await operator.message('timeline', ({ entry }) => entry['event'] === 'call.dtmf');
    must(!('digit' in key.entry), 'no digit', key.entry);
  }),
  check('O-06', 'levels tell what each party says, whoever hears it; -120 where nobody is', async (bench) => {
    const { media, caller, offer } = await bench.connected('spy');
    const monitor = await bench.monitor();
    monitor.send({ type: 'watch', callIds: [offer.callId] });
    await monitor.message('levels', ({ callId }) => callId === offer.callId);
    // Several times, for the agent has one window only, which two reports may share.
    const agentSpeaks = async (): Promise<void> => {
      for (let position = 0; position < 4_800; position += 1_600) {
        media.sendAudio({ samples: voice('agent', 200), position });
        await media.message('playout', ({ played }) => played === position + 1_600);
      }
    };
    await Promise.all([agentSpeaks(), phoneSays(bench, caller, { who: 'caller', durationMs: 800 })]);
    await monitor.message(
      'levels',
      ({ callId, callerDb }) => callId === offer.callId && callerDb > -30 && callerDb < 0,
    );
    await monitor.message('levels', ({ callId, agentDb }) => callId === offer.callId && agentDb > -30 && agentDb < 0);
    const quiet = await monitor.message('levels', ({ callId }) => callId === offer.callId);
    same(quiet.calleeDb, -120, 'level of the silent callee');
  }),
  check('O-06', '`levels` come five times a second', async (bench) => {
    const monitor = await bench.monitor();
    const { offer } = await bench.answered();
    monitor.send({ type: 'watch', callIds: [offer.callId] });
    await monitor.message('levels');
    await bench.sleep(2_000);
    const count = monitor.all('levels').length;
    must(count >= 7 && count <= 14, 'about 11 in 2 s', count);
  }),
  check('O-02', 'what a monitor sends has no effect on a call', async (bench) => {
    const monitor = await bench.monitor();
    const { media } = await bench.call();
    monitor.send({ type: 'disconnect', id: 1 });
    monitor.send({ type: 'hangup' });
    await monitor.pong();
    await media.pong();
  }),
];
