import { tracks } from '@agentao/protocol';
import { isRefused, rateHz, type SwitchBench, succeeds } from '../bench.ts';
import { audio, type FaultRow, firstPhoneFaults, phoneFaults } from '../fault.ts';
import { ear, hears, phoneSays } from '../hearing.ts';
import { signIn } from '../browser.ts';
import { check, must, same, type SwitchCheck } from '../make-check.ts';
import type { Peer } from '../peer.ts';

const register = { type: 'register', number: '+15550000', sampleRateHz: rateHz };

const misfits: readonly FaultRow[] = ['answer', 'reject', 'hangup'].map(
  (type): FaultRow => ['P-07', `\`${type}\` without a call`, 'INVALID_STATE', { type }],
);

/** Waits for the end of the phone's call. */
async function ended(phone: Peer, reason: string, by: string): Promise<void> {
  const end = await phone.message('ended');
  if (!('callId' in end)) same([end.reason, end.by], [reason, by], 'reason and by');
}

/** A phone that is called by another one, directly: the agent has declined. */
async function ringingPhone(
  bench: SwitchBench,
): Promise<{ readonly caller: Peer; readonly callee: Peer; readonly callId: string }> {
  const { caller, callee } = await bench.ringing('PENDING');
  const { callId } = await callee.message('incoming');
  return { caller, callee, callId };
}

/** Softphones. */
export const phoneChecks: readonly SwitchCheck[] = [
  ...phoneFaults([
    ...misfits,
    ['P-01', 'a second `register`', 'closes OUT_OF_ORDER', register],
    ['P-03 G-04', '`dial` without a number', 'closes BAD_MESSAGE', { type: 'dial' }],
    ['P-03 G-04', '`dtmf` of a letter that is no digit', 'closes BAD_MESSAGE', { type: 'dtmf', digit: 'E' }],
    ['P-08', 'audio of another track', 'closes BAD_AUDIO', audio(0, 160, { track: tracks.agent })],
    ['P-08', 'audio of another generation', 'closes BAD_AUDIO', audio(0, 160, { track: tracks.mix, generation: 1 })],
    ['P-08 A-01', 'half a sample', 'closes BAD_AUDIO', new Uint8Array(8 + 3)],
    ['P-09', 'audio without a call', 'stays open', audio(0, 160, { track: tracks.mix })],
  ]),
  ...firstPhoneFaults([
    ['P-01', '`dial` before `register`', 'closes OUT_OF_ORDER', { type: 'dial', to: '+15550000' }],
    ['P-01', 'audio before `register`', 'closes OUT_OF_ORDER', audio(0, 160, { track: tracks.mix })],
    [
      'P-01 G-04',
      '`register` with a number that holds a control character',
      'closes BAD_MESSAGE',
      { ...register, number: '+1\u{7}' },
    ],
    ['P-01 G-04', '`register` with an empty number', 'closes BAD_MESSAGE', { ...register, number: '' }],
    ['P-01 G-04', '`register` at a rate that is none', 'closes BAD_MESSAGE', { ...register, sampleRateHz: 44_100 }],
  ]),
  check('P-01', '`register` is answered by `registered` with the number', async (bench) => {
    const number = bench.site.whyNoCalls === undefined ? bench.site.nextCaller() : await bench.number();
    const phone = await bench.phone(number, { outputDelayMs: 40 });
    same((await phone.message('registered')).number, number, 'number');
  }),
  check(
    'P-01 P-03',
    'where phones may not dial: a number that no connector serves closes FORBIDDEN, `dial` gets FORBIDDEN',
    async (bench) => {
      const { session } = await signIn(bench);
      if (session['mayDial'] === true) return;
      const phone = await bench.open('phone', bench.operatorToken);
      phone.send({ ...register, number: bench.site.nextCaller() });
      await phone.closes('FORBIDDEN');
    },
  ),
  check('P-02', 'a number that is registered anew displaces the older phone: closes DISPLACED', async (bench) => {
    const number = bench.site.nextCaller();
    const older = await bench.phone(number);
    const newer = await bench.phone(number);
    await older.closes('DISPLACED');
    await newer.pong();
  }),
  check('P-02', '`onlyIfFree`: NUMBER_IN_USE, and the first message is still to come', async (bench) => {
    const number = bench.site.nextCaller();
    const older = await bench.phone(number);
    const newer = await bench.open('phone', bench.operatorToken);
    newer.send({ ...register, number, onlyIfFree: true });
    same((await newer.message('error')).code, 'NUMBER_IN_USE', 'code');
    newer.send({ ...register, number: bench.site.nextCaller(), onlyIfFree: true });
    await newer.message('registered');
    await older.pong();
  }),
  check(
    'P-03',
    '`dial` is answered by `dialing`, later by `answered`; another one meanwhile gets INVALID_STATE',
    async (bench) => {
      const { media, caller, offer } = await bench.call();
      const { callId } = await caller.message('dialing');
      same(callId, offer.callId, 'callId');
      caller.send({ type: 'dial', to: offer.calleeNumber });
      same((await caller.message('error')).code, 'INVALID_STATE', 'code');
      await succeeds(media, media.command('answer'));
      await caller.message('answered');
      same(caller.all('answered').length, 1, 'number of `answered`');
    },
  ),
  check('P-03', '`dial` to a number that nobody serves: an `error` or an end, and the phone is free', async (bench) => {
    const { whyNoCalls } = bench.site;
    if (whyNoCalls !== undefined) await bench.number();
    const phone = await bench.phone(bench.site.nextCaller());
    phone.send({ type: 'dial', to: 'nobody-has-this-one' });
    await phone.until('`error` or `ended`', () => phone.find('error') ?? phone.find('ended'));
    await phone.pong();
  }),
  check('P-04', 'a ringing phone picks up with `answer`, and gets `answered`', async (bench) => {
    const { callee, caller, media, connectId } = await bench.ringing('PENDING');
    const incoming = await callee.message('incoming');
    same(incoming.callId, (await caller.message('dialing')).callId, 'callId');
    callee.send({ type: 'answer' });
    await callee.message('answered');
    await succeeds(media, connectId);
  }),
  check(
    'P-04 P-06',
    'a ringing phone refuses with `reject`, or with `hangup`: `ended` once, and it is free',
    async (bench) => {
      for (const type of ['reject', 'hangup']) {
        const { media, callee, caller, connectId } = await bench.ringing('PENDING');
        callee.send({ type });
        await isRefused(media, connectId, 'CALL_REJECTED');
        await callee.message('ended');
        await callee.pong();
        same(callee.all('ended').length, 1, 'number of `ended`');
        callee.send({ type: 'answer' });
        same((await callee.message('error')).code, 'INVALID_STATE', 'code');
        callee.socket.close(1000);
        caller.send({ type: 'hangup' });
        await caller.message('ended');
      }
    },
  ),
  check('P-04', 'a phone whose caller hangs up while it rings gets `ended`', async (bench) => {
    const { caller, callee } = await ringingPhone(bench);
    caller.send({ type: 'hangup' });
    await ended(callee, 'hangup', 'caller');
    await ended(caller, 'hangup', 'caller');
  }),
  check('P-05', 'a phone that has a call is busy: nobody rings it, whoever tries is rejected', async (bench) => {
    const { callee } = await bench.connected();
    const second = await bench.call();
    const id = second.media.command('connect', { ringTimeMs: 5_000, mode: 'barge' });
    await isRefused(second.media, id, 'CALL_REJECTED');
    same(callee.all('incoming').length, 1, 'number of `incoming`');
  }),
  check(
    'P-06 P-07',
    'both ends get `ended` once, also who hung up; then `hangup` gets INVALID_STATE',
    async (bench) => {
      const { caller, callee } = await bench.connected();
      caller.send({ type: 'hangup' });
      for (const phone of [caller, callee]) await ended(phone, 'hangup', 'caller');
      for (const phone of [caller, callee]) {
        phone.send({ type: 'hangup' });
        same((await phone.message('error')).code, 'INVALID_STATE', 'code');
        same(phone.all('ended').length, 1, 'number of `ended`');
      }
    },
  ),
  check('P-06', 'a phone is free after its call, and may dial again', async (bench) => {
    const { caller, offer } = await bench.call();
    caller.send({ type: 'hangup' });
    await caller.message('ended');
    caller.send({ type: 'dial', to: offer.calleeNumber });
    await caller.until('`dialing` again', () => (caller.all('dialing').length === 2 ? true : undefined));
  }),
  check('P-08 P-09', 'from `answered` on one message per tick comes, its positions from 0', async (bench) => {
    const { caller } = await bench.answered();
    await caller.until('30 messages', () => (caller.frames.length >= 30 ? true : undefined));
    same(caller.frames[0]?.header.position, 0, 'first position');
    const total = caller.frames.reduce((sum, { samples }) => sum + samples.length, 0);
    const perTick = total / caller.frames.length;
    must(perTick >= rateHz / 50 && perTick < rateHz / 25, 'about 20 ms per message', `${perTick} samples`);
  }),
  check('P-09', 'gaps in what a phone sends are concealed: what comes behind is heard', async (bench) => {
    const { media, caller } = await bench.answered();
    caller.sendAudio({ samples: 160, track: tracks.mix, position: 0 });
    caller.sendAudio({ samples: 160, track: tracks.mix, position: 1_600 });
    await caller.pong();
    const speech = { who: 'caller', durationMs: 400, position: 1_760 } as const;
    await Promise.all([phoneSays(bench, caller, speech), hears(ear(media), 'caller')]);
  }),
  check('P-09', 'audio before `answered` is discarded', async (bench) => {
    const { media, caller } = await bench.call();
    await phoneSays(bench, caller, { who: 'caller', durationMs: 200 });
    await succeeds(media, media.command('answer'));
    await media.until('audio', () => (media.frames.length >= 20 ? true : undefined));
    const isLoud = media.frames.some(({ samples }) => samples.some((sample) => Math.abs(sample) > 1_000));
    must(!isLoud, 'silence', 'what was said before');
  }),
  ...([1000, 1001] as const).map((code) =>
    check('P-10', `a phone that closes with ${code} hangs up`, async (bench) => {
      const { media, caller } = await bench.answered();
      caller.socket.close(code);
      const { event } = await media.message('event', (message) => message.event.type === 'call.terminated');
      same(event.type === 'call.terminated' && [event.reason, event.by], ['hangup', 'caller'], 'reason and by');
    }),
  ),
  check('P-10', 'a phone that is lost ends its call as `failed`', async (bench) => {
    const { media, caller } = await bench.answered();
    caller.socket.terminate();
    const { event } = await media.message('event', (message) => message.event.type === 'call.terminated');
    same(event.type === 'call.terminated' && event.reason, 'failed', 'reason');
  }),
];
