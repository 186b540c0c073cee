import { createVirtualClock } from '@agentao/clock';
import { limits, tracks } from '@agentao/protocol';
import type { Socket, SocketHandlers } from '@agentao/transport';
import { describe, expect, it } from 'vitest';
import { createOperatorToken } from '../connectors/api-key.ts';
import type { LegEnd } from '../legs/leg.ts';
import { createSwitch } from '../switch.ts';
import { silentLogger } from './logger.ts';
import { createPhoneServer } from './phone-server.ts';
import { defaultServerLimits } from './server-limits.ts';
import { answerCall, connectCall, freshNumbers, placeCall, runSecondCall } from './test-call.ts';
import { createTestSwitch, type RawPeer, type TestSwitch } from './test-switch.ts';

/** Two phones of which the first has dialled the second; no agent is there. */
async function dial(test: TestSwitch): Promise<{ readonly caller: RawPeer; readonly callee: RawPeer }> {
  const { from, to } = freshNumbers();
  const caller = await test.openPhone(from);
  const callee = await test.openPhone(to);
  caller.send({ type: 'dial', to });
  await caller.next('dialing');
  await callee.next('incoming');
  return { caller, callee };
}

describe('who may be a phone', () => {
  it.each([
    ['no token', ''],
    ['a wrong token', createOperatorToken().token],
  ])('%s is refused with 401', async (_, token) => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const error = await test.open('phone', token).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'REFUSED', status: 401, body: expect.stringContaining('UNAUTHENTICATED') });
    await expectNoTickLost();
  });

  it('an API key is refused, and an operator token opens no control connection', async () => {
    const test = createTestSwitch();
    await expect(test.open('phone', test.key.key)).rejects.toMatchObject({ status: 401 });
    await expect(test.open('control', test.operatorToken)).rejects.toMatchObject({ status: 401 });
  });

  it('nobody is on a switch without phones', async () => {
    const clock = createVirtualClock({ settle: () => Promise.resolve() });
    const sw = createSwitch({ clock, connectors: [] });
    sw.start();
    const request = { path: '/phone', headers: new Map(), subprotocols: ['agentao.phone.v1'], remoteAddress: '::1' };
    expect(sw.onUpgrade(request)).toMatchObject({ accept: false, status: 404 });
  });

  it('one that does not register within 5 s is closed with 4408', async () => {
    const test = createTestSwitch();
    const phone = await test.open('phone', test.operatorToken);
    await test.clock.advance(limits.helloTimeoutMs - 1);
    expect(phone.closed).toBeUndefined();
    expect(await phone.end()).toMatchObject({ code: 4408 });
  });

  it('a number that registers again displaces its old phone with 4409, whose call ends', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const { media, caller } = await answerCall(test);
    const again = await test.openPhone(test.numberOf(caller));
    expect(await caller.end()).toMatchObject({ code: 4409 });
    expect(await media.end()).toMatchObject({ code: 1000 });
    expect(again.closed).toBeUndefined();
    await expectNoTickLost();
  });
});

describe('a number', () => {
  const operator = createOperatorToken();
  const register = async (number: string, dev: boolean) => {
    const test = createTestSwitch({
      operators: { tokenSha256: operator.sha256, dev },
      connectors: [{ uuid: 'one', numbers: ['+15559999'], keys: [] }],
    });
    const phone = await test.open('phone', operator.token);
    phone.send({ type: 'register', number, sampleRateHz: 24_000 });
    return phone;
  };

  it('that no connector serves is for phones of a switch in dev mode only', async () => {
    const refused = await register('+15550001', false);
    expect(await refused.end()).toMatchObject({ code: 4403 });
    expect(refused.messages).toEqual([]);
    const phone = await register('+15550001', true);
    expect(await phone.next('registered')).toMatchObject({ number: '+15550001' });
  });

  it('of a connector is for any phone: its calls may ring there', async () => {
    const phone = await register('+15559999', false);
    expect(await phone.next('registered')).toMatchObject({ number: '+15559999' });
  });
});

describe('registering only if the number is free', () => {
  it('leaves it to the phone that has it, with its call, and may be tried again', async () => {
    const test = createTestSwitch();
    const { caller } = await answerCall(test);
    const number = test.numberOf(caller);
    const polite = await test.open('phone', test.operatorToken);
    const register = { type: 'register', number, sampleRateHz: 24_000, onlyIfFree: true } as const;
    polite.send(register);
    expect(await polite.next('error')).toMatchObject({ code: 'NUMBER_IN_USE' });
    await test.clock.advance(1_000);
    expect([caller.closed, polite.closed]).toEqual([undefined, undefined]);
    caller.socket.close(1000);
    await test.clock.advance(100);
    polite.send(register);
    expect(await polite.next('registered')).toMatchObject({ number });
  });

  it('does not put off the deadline of the first message', async () => {
    const test = createTestSwitch();
    await test.openPhone('+1');
    const polite = await test.open('phone', test.operatorToken);
    polite.send({ type: 'register', number: '+1', sampleRateHz: 24_000, onlyIfFree: true });
    expect(await polite.next('error')).toMatchObject({ code: 'NUMBER_IN_USE' });
    expect(await polite.end()).toMatchObject({ code: 4408 });
  });
});

describe('dialling', () => {
  it('is FORBIDDEN unless the switch is in dev mode, and the phone stays', async () => {
    const operator = createOperatorToken();
    const test = createTestSwitch({ operators: { tokenSha256: operator.sha256 } });
    const phone = await test.open('phone', operator.token);
    phone.send({ type: 'register', number: '+1', sampleRateHz: 24_000 });
    await phone.next('registered');
    phone.send({ type: 'dial', to: '+2' });
    expect(await phone.next('error')).toMatchObject({ code: 'FORBIDDEN' });
    expect(phone.closed).toBeUndefined();
  });

  it('again while in a call is INVALID_STATE and does not touch the call', async () => {
    const test = createTestSwitch();
    const { media, caller } = await answerCall(test);
    caller.send({ type: 'dial', to: '+2' });
    expect(await caller.next('error')).toMatchObject({ code: 'INVALID_STATE' });
    await test.clock.advance(1_000);
    expect(media.closed).toBeUndefined();
  });

  it('while the switch drains is refused with SHUTTING_DOWN', async () => {
    const test = createTestSwitch();
    const phone = await test.openPhone('+1');
    await test.sw.drain({ timeoutMs: 0 });
    phone.send({ type: 'dial', to: '+2' });
    expect(await phone.next('error')).toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('a phone that is busy is as good as one that refuses: the agent is told CALL_REJECTED', async () => {
    const test = createTestSwitch();
    const { media, control, callee } = await answerCall(test);
    control.send({ type: 'ready', ready: false });
    const other = await test.openPhone(freshNumbers().to);
    callee.send({ type: 'dial', to: test.numberOf(other) });
    await callee.next('dialing');
    media.send({ type: 'connect', id: 2, ringTimeMs: 5_000, mode: 'barge' });
    expect(await media.next('response')).toMatchObject({ id: 2, ok: false, error: { code: 'CALL_REJECTED' } });
  });

  it('a number without a phone is unreachable, and the caller is told that the call is over', async () => {
    const test = createTestSwitch();
    const caller = await test.openPhone(freshNumbers().from);
    caller.send({ type: 'dial', to: '+4999' });
    await caller.next('dialing');
    expect(await caller.next('ended')).toMatchObject({ by: 'switch' });
    caller.send({ type: 'dial', to: '+4999' });
    await caller.next('dialing');
  });
});

describe('ringing', () => {
  it('is picked up: both are told and both hear each other', async () => {
    const test = createTestSwitch();
    const { caller, callee } = await dial(test);
    callee.send({ type: 'answer' });
    await callee.next('answered');
    await caller.next('answered');
    for (let tick = 0; tick < 50; tick++) {
      caller.sendFrame({ track: tracks.mix, position: tick * 480 }, new Int16Array(480).fill(1_000));
      callee.sendFrame({ track: tracks.mix, position: tick * 480 }, new Int16Array(480).fill(2_000));
      await test.clock.advance(20);
    }
    const heard = (peer: RawPeer, level: number): number =>
      peer.frames.flatMap(({ samples }) => [...samples]).filter((sample) => sample === level).length;
    expect(heard(caller, 2_000)).toBeGreaterThan(20_000);
    expect(heard(callee, 1_000)).toBeGreaterThan(20_000);
    expect(heard(caller, 1_000) + heard(callee, 2_000)).toBe(0);
  });

  it.each(['reject', 'hangup'])('is refused by %s: both are told once', async (type) => {
    const test = createTestSwitch();
    const { caller, callee } = await dial(test);
    callee.sendText(JSON.stringify({ type }));
    expect(await callee.next('ended')).toEqual({ type: 'ended', reason: 'rejected', by: 'callee' });
    expect(await caller.next('ended')).toMatchObject({ reason: 'rejected' });
    await test.clock.advance(1_000);
    expect(callee.messages.filter((message) => message.type === 'ended')).toHaveLength(1);
  });

  it('stops when the caller hangs up, and both phones are free again', async () => {
    const test = createTestSwitch();
    const { caller, callee } = await dial(test);
    caller.send({ type: 'hangup' });
    expect(await caller.next('ended')).toEqual({ type: 'ended', reason: 'hangup', by: 'caller' });
    expect(await callee.next('ended')).toMatchObject({ reason: 'hangup', by: 'caller' });
    callee.send({ type: 'dial', to: test.numberOf(caller) });
    await caller.next('incoming');
  });

  it('gives the caller its ring-back before anybody has picked up', async () => {
    const test = createTestSwitch();
    const { caller } = await dial(test);
    await test.clock.advance(1_000);
    expect(caller.frames.some(({ samples }) => samples.some((sample) => sample !== 0))).toBe(true);
    const positions = caller.frames.map(({ header }) => header.position);
    expect(positions).toEqual(positions.map((_, tick) => tick * 480));
  });

  it.each(['answer', 'reject', 'hangup'])('is needed for %s: a phone without a call is told', async (type) => {
    const test = createTestSwitch();
    const phone = await test.openPhone('+1');
    phone.sendText(JSON.stringify({ type }));
    expect(await phone.next('error')).toMatchObject({ code: 'INVALID_STATE' });
    expect(phone.closed).toBeUndefined();
  });
});

describe('keys', () => {
  it('of the caller reach the agent with how long they were held', async () => {
    const test = createTestSwitch();
    const { media, caller } = await answerCall(test);
    caller.send({ type: 'dtmf', digit: '5', durationMs: 250 });
    caller.send({ type: 'dtmf', digit: '#' });
    expect((await media.next('event')).event).toMatchObject({ digit: '5', party: 'caller', durationMs: 250 });
    expect((await media.next('event')).event).toMatchObject({ digit: '#', party: 'caller', durationMs: 100 });
  });

  it('sent by the agent reach the phones that hear it, one by one', async () => {
    const test = createTestSwitch();
    const { media, caller } = await answerCall(test);
    media.send({ type: 'dtmf', id: 2, digits: '1#' });
    expect(await media.next('response')).toMatchObject({ id: 2, ok: true });
    expect(await caller.next('dtmf')).toMatchObject({ digit: '1' });
    expect(await caller.next('dtmf')).toMatchObject({ digit: '#' });
  });
});

describe('a phone that goes away', () => {
  it.each([
    ['with 1000, as a program that is done', 1000],
    ['with 1001, as a page that is closed', 1001],
  ])('%s, in a call hangs up', async (_, code) => {
    const test = createTestSwitch();
    const { media, caller, callee } = await connectCall(test);
    caller.socket.close(code);
    expect(await callee.next('ended')).toEqual({ type: 'ended', reason: 'hangup', by: 'caller' });
    await media.end();
    expect(media.messages.at(-1)).toMatchObject({ event: { reason: 'hangup', by: 'caller' } });
    const other = await connectCall(test);
    other.callee.socket.close(code);
    expect(await other.caller.next('ended')).toEqual({ type: 'ended', reason: 'hangup', by: 'callee' });
  });

  it('with a close frame that has no code, as by `close()` in a page, hangs up too', async () => {
    const clock = createVirtualClock({ settle: () => Promise.resolve() });
    const phones = createPhoneServer({
      clock,
      logger: silentLogger,
      limits: defaultServerLimits,
      dev: true,
      serves: () => false,
    });
    const ends: LegEnd[] = [];
    const ignore = (): void => undefined;
    phones.start({
      incoming: ({ caller }) => {
        const ended = (end: LegEnd): void => void ends.push(end);
        caller.start({ ended, answered: ignore, answerFailed: ignore, audio: ignore, dtmf: ignore });
        return { accepted: true, callId: 'call-1' };
      },
    });
    let handlers: SocketHandlers | undefined;
    const socket: Socket = {
      subprotocol: 'agentao.phone.v1',
      bufferedBytes: 0,
      lastReceivedMs: 0,
      start: (given) => {
        handlers = given;
      },
      send: ignore,
      close: ignore,
      terminate: ignore,
    };
    const admission = phones.admit({ role: 'operator', hold: () => ignore });
    if (admission.accept) admission.open(socket, ignore);
    handlers?.text('{"type":"register","number":"+1","sampleRateHz":8000}');
    handlers?.text('{"type":"dial","to":"+2"}');
    handlers?.closed({ code: 1005, reason: '' });
    await clock.advance(0);
    expect(ends).toEqual(['hangup']);
  });

  it.each([
    ['without a close frame', (phone: RawPeer) => phone.connection.cut()],
    ['with a code for something else', (phone: RawPeer) => phone.socket.close(1011)],
    ['because it broke the protocol', (phone: RawPeer) => phone.sendText('{')],
  ])('%s, in a call leaves it failed', async (_, go) => {
    const test = createTestSwitch();
    const { media, caller, callee } = await connectCall(test);
    go(caller);
    expect(await callee.next('ended')).toEqual({ type: 'ended', reason: 'failed', by: 'caller' });
    await media.end();
  });

  it('with 1001 while it rings refuses the call; without a close frame it is unreachable', async () => {
    const test = createTestSwitch();
    for (const [go, code] of [
      [(phone: RawPeer) => phone.socket.close(1001), 'CALL_REJECTED'],
      [(phone: RawPeer) => phone.connection.cut(), 'CALLEE_UNREACHABLE'],
    ] as const) {
      const { media, callee } = await answerCall(test);
      media.send({ type: 'connect', id: 2, ringTimeMs: 10_000, mode: 'barge' });
      await callee.next('incoming');
      go(callee);
      expect(await media.next('response')).toMatchObject({ id: 2, ok: false, error: { code } });
    }
  });

  it('in a call ends the call', async () => {
    const test = createTestSwitch();
    const { media, caller, callee } = await connectCall(test);
    caller.socket.terminate();
    expect(await callee.next('ended')).toMatchObject({ by: 'caller' });
    expect(await media.end()).toMatchObject({ code: 1000 });
    expect(test.sw.calls).toHaveLength(0);
  });

  it('silently is closed with 4504 after 2 s, and its call ends', async () => {
    const test = createTestSwitch();
    const { media, caller } = await answerCall(test);
    caller.connection.stall('toServer');
    await test.clock.advance(limits.mediaDeadMs - 1);
    expect(caller.closed).toBeUndefined();
    expect(await caller.end()).toMatchObject({ code: 4504 });
    expect(await media.end()).toMatchObject({ code: 1000 });
  });

  it('while dialling withdraws the offer', async () => {
    const test = createTestSwitch();
    const { control, caller } = await placeCall(test);
    caller.connection.cut();
    expect(await control.next('offer.cancelled')).toMatchObject({ reason: 'caller_gone' });
  });
});
