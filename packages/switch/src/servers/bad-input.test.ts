import { closeCodes, limits, paths, subprotocols, tracks } from '@agentao/protocol';
import type { SocketRequest } from '@agentao/transport';
import { describe, expect, it } from 'vitest';
import { answerCall, attachCall, freshNumbers, runSecondCall } from './test-call.ts';
import { createTestSwitch, type RawPeer, type TestSwitch } from './test-switch.ts';

/** One thing that a peer must not do, and the close code it gets for it. */
type Offence = readonly [what: string, closeCode: number, commit: (peer: RawPeer) => void];

const malformed: readonly Offence[] = [
  ['text that is not JSON', 4400, (peer) => peer.sendText('{"type":')],
  ['JSON that is no object', 4400, (peer) => peer.sendText('[1]')],
  ['an object without a type', 4400, (peer) => peer.sendText('{}')],
  ['a known type with wrong fields', 4400, (peer) => peer.sendText('{"type":"ping","id":"seven"}')],
  ['a text that is too large', 1009, (peer) => peer.sendText('x'.repeat(limits.mediaMessageBytes + 1))],
  ['a binary message that is too large', 1009, (peer) => peer.sendBytes(new Uint8Array(limits.mediaMessageBytes + 2))],
];

function flood(messages: number): Offence {
  const commit = (peer: RawPeer): void => {
    for (let id = 1; id <= messages; id++) peer.send({ type: 'ping', id });
  };
  return ['more messages than its rate', 4429, commit];
}

/** Opens a peer beside a running call and lets it commit the offence: it gets the code, the call loses nothing. */
async function punish(open: (test: TestSwitch) => Promise<RawPeer>, [, closeCode, commit]: Offence): Promise<void> {
  const test = createTestSwitch();
  const expectNoTickLost = await runSecondCall(test);
  const peer = await open(test);
  commit(peer);
  expect(await peer.end()).toMatchObject({ code: closeCode });
  await expectNoTickLost();
}

describe('a control connection that has not said hello', () => {
  it.each<Offence>([
    ...malformed,
    ['ready before hello', 4422, (peer) => peer.send({ type: 'ready', ready: true })],
    ['decline before hello', 4422, (peer) => peer.send({ type: 'decline', offerId: 'o' })],
    ['a binary message', 4400, (peer) => peer.sendBytes(new Uint8Array(8))],
  ])('sends %s and is closed with %i', async (...offence) => {
    await punish((test) => test.open('control', test.key.key), offence);
  });
});

describe('a control session', () => {
  it.each<Offence>([
    ...malformed,
    ['a second hello', 4422, (peer) => peer.send({ type: 'hello', client: 'raw' })],
    ['a binary message', 4400, (peer) => peer.sendBytes(new Uint8Array(8))],
    flood(101),
  ])('sends %s and is closed with %i', async (...offence) => {
    await punish((test) => test.openControl(), offence);
  });

  it('may send messages of a type that is not known, and decline what it was not offered', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const control = await test.openControl();
    control.sendText('{"type":"dance","steps":3}');
    control.send({ type: 'decline', offerId: 'nothing' });
    control.send({ type: 'ping', id: 1 });
    expect(await control.next('pong')).toEqual({ type: 'pong', id: 1 });
    await expectNoTickLost();
  });

  it('that does not read what it is sent is closed with 4428', async () => {
    const test = createTestSwitch({ limits: { unreadBytes: 1_000 } });
    const expectNoTickLost = await runSecondCall(test);
    const control = await test.openControl();
    control.connection.stall('toClient');
    for (let id = 1; id <= 90; id++) control.send({ type: 'ping', id });
    await test.clock.advance(0);
    control.connection.resume();
    expect(await control.end()).toMatchObject({ code: 4428 });
    await expectNoTickLost();
  });
});

describe('a media connection that has not attached', () => {
  it.each<Offence>([
    ...malformed,
    ['a command before attach', 4422, (peer) => peer.send({ type: 'answer', id: 1 })],
    ['a mark before attach', 4422, (peer) => peer.send({ type: 'mark', position: 0 })],
    ['audio before attach', 4422, (peer) => peer.sendFrame({}, new Int16Array(480))],
    ['attach with a rate that is not spoken', 4400, (peer) => peer.sendText('{"type":"attach","sampleRateHz":44100}')],
    [
      'resume with the token of an offer',
      4422,
      (peer) => peer.send({ type: 'resume', received: {}, lastEventSeq: 0, generation: 0 }),
    ],
    flood(1_001),
  ])('sends %s and is closed with %i; its offer is over', async (...offence) => {
    let offered: RawPeer | undefined;
    await punish(async (test) => {
      const { control, media } = await attachCall(test, { attach: false });
      offered = control;
      return media;
    }, offence);
    expect(await offered?.next('offer.cancelled')).toMatchObject({ reason: 'expired' });
  });
});

describe('an attached media connection', () => {
  const samples = new Int16Array(480);

  it.each<Offence>([
    ...malformed,
    ['a second attach', 4422, (peer) => peer.send({ type: 'attach', sampleRateHz: 24_000 })],
    ['resume', 4422, (peer) => peer.send({ type: 'resume', received: {}, lastEventSeq: 0, generation: 0 })],
    ['audio of odd length', 4424, (peer) => peer.sendBytes(new Uint8Array([tracks.agent, 0, 0, 0, 0, 0, 0, 0, 1]))],
    ['audio shorter than its header', 4424, (peer) => peer.sendBytes(new Uint8Array(7))],
    ['audio that jumps ahead', 4424, (peer) => peer.sendFrame({ position: 480 }, samples)],
    ['audio on a track that is not its own', 4424, (peer) => peer.sendFrame({ track: tracks.mix }, samples)],
    ['audio beyond its credit', 4425, (peer) => peer.sendFrame({}, new Int16Array(24_001))],
    flood(1_001),
  ])('sends %s and is closed with %i', async (...offence) => {
    await punish(async (test) => (await answerCall(test)).media, offence);
  });

  it('that waits for too many marks is closed with 4400', async () => {
    const test = createTestSwitch({ limits: { mediaMessagesPerSecond: 10_000 } });
    const expectNoTickLost = await runSecondCall(test);
    const { media } = await answerCall(test);
    for (let i = 0; i <= limits.pendingMarks; i++) media.send({ type: 'mark', position: 1_000_000 + i });
    expect(await media.end()).toMatchObject({ code: closeCodes.BAD_MESSAGE.code });
    await expectNoTickLost();
  });

  it('gets an error for an unknown command or a bad argument, and goes on', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const { media } = await answerCall(test);
    media.sendText('{"type":"levitate","id":5}');
    expect(await media.next('response')).toMatchObject({ id: 5, ok: false, error: { code: 'UNKNOWN_COMMAND' } });
    media.sendText('{"type":"mode","id":6,"mode":"shout"}');
    const refused = await media.next('response');
    expect(refused).toMatchObject({ id: 6, ok: false, error: { code: 'BAD_ARGUMENT' } });
    expect(JSON.stringify(refused)).toContain('mode');
    media.send({ type: 'ping', id: 1 });
    expect(await media.next('pong')).toEqual({ type: 'pong', id: 1 });
    await expectNoTickLost();
  });
});

describe('a phone', () => {
  it.each<Offence>([
    ...malformed,
    ['dial before register', 4422, (peer) => peer.send({ type: 'dial', to: '+1' })],
    ['audio before register', 4422, (peer) => peer.sendFrame({ track: tracks.mix }, new Int16Array(480))],
  ])('that is not registered sends %s and is closed with %i', async (...offence) => {
    await punish((test) => test.open('phone', test.operatorToken), offence);
  });

  it.each<Offence>([
    ...malformed,
    ['a second register', 4422, (peer) => peer.send({ type: 'register', number: '+1', sampleRateHz: 8_000 })],
    ['audio of odd length', 4424, (peer) => peer.sendBytes(new Uint8Array(9))],
    ['audio of another generation', 4424, (peer) => peer.sendFrame({ generation: 5 }, new Int16Array(480))],
    ['audio on a track of others', 4424, (peer) => peer.sendFrame({ track: tracks.agent }, new Int16Array(480))],
    flood(501),
  ])('sends %s and is closed with %i', async (...offence) => {
    await punish((test) => test.openPhone(freshNumbers().from), offence);
  });

  it('may send messages of a type that is not known', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const phone = await test.openPhone(freshNumbers().from);
    phone.sendText('{"type":"vibrate","id":3}');
    phone.send({ type: 'ping', id: 1 });
    expect(await phone.next('pong')).toEqual({ type: 'pong', id: 1 });
    await expectNoTickLost();
  });

  it('that breaks the rules in a call ends that call only', async () => {
    let agent: RawPeer | undefined;
    await punish(
      async (test) => {
        const { media, caller } = await answerCall(test);
        agent = media;
        return caller;
      },
      ['audio of odd length', 4424, (peer) => peer.sendBytes(new Uint8Array(9))],
    );
    expect(await agent?.end()).toMatchObject({ code: 1000 });
    expect(agent?.messages.at(-1)).toMatchObject({ event: { type: 'call.terminated' } });
  });
});

describe('a monitor', () => {
  const tooMany = Array.from({ length: limits.watchedCalls + 1 }, (_, call) => `call-${call}`);

  it.each<Offence>([
    ...malformed,
    ['a watch of too many calls', 4400, (peer) => peer.send({ type: 'watch', callIds: tooMany })],
    ['a watch of something that is no id', 4400, (peer) => peer.sendText('{"type":"watch","callIds":[7]}')],
    ['a binary message', 4400, (peer) => peer.sendBytes(new Uint8Array(8))],
    flood(101),
  ])('sends %s and is closed with %i', async (...offence) => {
    await punish((test) => test.open('monitor', test.operatorToken), offence);
  });

  it('may send messages of a type that is not known, a pong that answers nothing, and pings', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const monitor = await test.open('monitor', test.operatorToken);
    monitor.sendText('{"type":"rewind","toMs":3}');
    monitor.send({ type: 'pong', id: 77 });
    monitor.send({ type: 'ping', id: 1 });
    expect(await monitor.next('pong')).toEqual({ type: 'pong', id: 1 });
    await expectNoTickLost();
  });
});

describe('the upgrade', () => {
  it.each([
    ['/nowhere', subprotocols.control, 404, 'NOT_FOUND'],
    [paths.control, subprotocols.media, 400, 'SUBPROTOCOL_UNSUPPORTED'],
    [paths.media, 'agentao.media.v9', 400, 'SUBPROTOCOL_UNSUPPORTED'],
  ])('to %s speaking %s is refused with %i %s', async (path, subprotocol, status, code) => {
    const test = createTestSwitch();
    await expectRefused(test, { url: `ws://switch.memory${path}`, subprotocols: [subprotocol] }, { status, code });
  });

  it('from a web page is refused with 403 FORBIDDEN, whatever its credential', async () => {
    const test = createTestSwitch();
    const headers = { authorization: `Bearer ${test.key.key}`, Origin: 'http://127.0.0.1:8080' };
    const request = { url: 'ws://switch.memory/control', subprotocols: [subprotocols.control], headers };
    await expectRefused(test, request, { status: 403, code: 'FORBIDDEN' });
  });
});

async function expectRefused(
  test: TestSwitch,
  request: Pick<SocketRequest, 'url' | 'subprotocols' | 'headers'>,
  { status, code }: { readonly status: number; readonly code: string },
): Promise<void> {
  const expectNoTickLost = await runSecondCall(test);
  const opening = test.network.connect({ ...request, maxMessageBytes: 1_000, openTimeoutMs: 1_000 });
  const error = await opening.catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'REFUSED', status });
  expect(JSON.parse((error as { body: string }).body)).toMatchObject({ code, message: expect.any(String) });
  await expectNoTickLost();
}
