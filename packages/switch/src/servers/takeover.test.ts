import { limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createApiKey } from '../connectors/api-key.ts';
import { answerCall, attachCall, connectCall, runSecondCall, type TestCall } from './test-call.ts';
import { createTestSwitch, type RawPeer, type TestSwitch } from './test-switch.ts';

const heirOptions = { acceptsTakeover: true } as const;

/** The process of the agent is gone: both its sockets end without a word. One second later it is gone for good. */
async function kill(test: TestSwitch, { media, control }: TestCall): Promise<void> {
  media.connection.cut();
  control.connection.cut();
  await test.clock.advance(1_000);
}

function tokenOf(media: RawPeer): string {
  const last = media.messages.findLast((message) => message.type === 'attached' || message.type === 'resumed');
  return last?.resumeToken ?? '';
}

function offersTo(control: RawPeer): number {
  return control.messages.filter(({ type }) => type === 'offer').length;
}

/** Takes the call that `control` is offered; the peer and what it was told. */
async function take(test: TestSwitch, control: RawPeer) {
  const offer = await control.next('offer');
  const media = await test.open('media', offer.mediaToken);
  media.send({ type: 'attach', sampleRateHz: 16_000 });
  return { offer, media, attached: await media.next('attached') };
}

describe('a call whose agent is gone in ANSWERED', () => {
  it('is offered, with state and context, to a client that takes it over, and another call loses no tick', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const call = await answerCall(test);
    call.media.send({ type: 'context', id: 2, context: { name: 'Ada', step: 3 } });
    await call.media.next('response');
    const heir = await test.openControl(heirOptions);
    await kill(test, call);
    const { offer, media, attached } = await take(test, heir);
    expect(offer).toMatchObject({
      callId: call.callId,
      callerNumber: test.numberOf(call.caller),
      calleeNumber: test.numberOf(call.callee),
      acceptWithinMs: limits.acceptTimeoutMs,
      takeover: { state: 'ANSWERED', mode: null, context: { name: 'Ada', step: 3 } },
    });
    expect(attached).toMatchObject({ state: 'ANSWERED', mode: null, generation: 0, upTo: 3_200 });
    expect(attached.atMs).toBeGreaterThanOrEqual(1_000);
    media.sendFrame({ position: 0 }, new Int16Array(1_600).fill(1_000));
    await test.clock.advance(300);
    expect(media.messages.filter(({ type }) => type === 'playout').at(-1)).toMatchObject({ played: 1_600 });
    expect(call.caller.frames.some(({ samples }) => samples.some((sample) => sample > 900))).toBe(true);
    media.send({ type: 'disconnect', id: 1 });
    expect(await media.next('event')).toMatchObject({ seq: 1, event: { type: 'call.terminated' } });
    await expectNoTickLost();
  });

  it('is offered to no client that has not declared that it takes calls over: after 10 s the callee is rung', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    const plain = await test.openControl();
    await kill(test, call);
    await test.clock.advance(limits.takeoverWindowMs - 10);
    expect(call.callee.messages.some(({ type }) => type === 'incoming')).toBe(false);
    await test.clock.advance(10);
    expect(await call.callee.next('incoming')).toBeDefined();
    expect(offersTo(plain)).toBe(0);
  });

  it('waits 10 s for a client that becomes ready, with the caller in an unbroken silence', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    await test.clock.advance(200);
    const frames = call.caller.frames.length;
    await kill(test, call);
    await test.clock.advance(9_000);
    const heir = await test.openControl(heirOptions);
    const { attached } = await take(test, heir);
    expect(attached.state).toBe('ANSWERED');
    const heard = call.caller.frames.slice(frames).map(({ header }) => header.position);
    expect(heard.length).toBeGreaterThanOrEqual(500);
    expect(heard).toEqual(heard.map((_, tick) => (heard[0] ?? 0) + tick * 480));
    expect(call.callee.messages.some(({ type }) => type === 'incoming')).toBe(false);
  });

  it('goes to the next client when one declines or lets the offer expire', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    const [first, second, third] = [
      await test.openControl(heirOptions),
      await test.openControl(heirOptions),
      await test.openControl(heirOptions),
    ];
    await kill(test, call);
    const { offerId } = await first.next('offer');
    first.send({ type: 'decline', offerId });
    await second.next('offer');
    expect(await second.next('offer.cancelled')).toMatchObject({ reason: 'expired' });
    expect((await take(test, third)).attached.state).toBe('ANSWERED');
    expect([offersTo(first), offersTo(second)]).toEqual([1, 1]);
  });

  it('is over for an old owner that comes back late, by status and by close code, and the new one notices nothing', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    const heir = await test.openControl(heirOptions);
    const token = tokenOf(call.media);
    call.media.connection.cut();
    call.control.connection.cut();
    const early = await test.open('media', token);
    await test.clock.advance(1_000);
    const { media } = await take(test, heir);
    early.send({ type: 'resume', received: {}, lastEventSeq: 0, generation: 0 });
    expect(await early.end()).toMatchObject({ code: 4410 });
    await expect(test.open('media', token)).rejects.toMatchObject({
      status: 409,
      body: expect.stringContaining('TAKEN_OVER'),
    });
    await test.clock.advance(1_000);
    expect(media.closed).toBeUndefined();
    const positions = media.frames.map(({ header }) => header.position);
    expect(positions.length).toBeGreaterThanOrEqual(50);
    expect(positions).toEqual(positions.map((_, tick) => (positions[0] ?? 0) + tick * 320));
  });

  it('whose caller hangs up meanwhile is cancelled for whoever it is offered to', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    const heir = await test.openControl(heirOptions);
    await kill(test, call);
    await heir.next('offer');
    call.caller.send({ type: 'hangup' });
    expect(await heir.next('offer.cancelled')).toMatchObject({ reason: 'caller_gone' });
    expect(test.sw.calls).toEqual([]);
  });

  it('goes on from owner to owner, each with the last context', async () => {
    const test = createTestSwitch();
    let call = await answerCall(test);
    for (let owner = 1; owner <= 3; owner++) {
      call.media.send({ type: 'context', id: 100, context: owner });
      await call.media.next('response');
      const control = await test.openControl(heirOptions);
      await kill(test, call);
      const { offer, media } = await take(test, control);
      expect(offer.takeover?.context).toBe(owner);
      call = { ...call, control, media };
    }
  });

  it('by a breach of the protocol or a revoked key is offered at once', async () => {
    for (const how of ['breach', 'revoked'] as const) {
      const other = createApiKey();
      const key = createApiKey();
      const connectors = [{ uuid: 'a', numbers: ['*'], keys: [key.stored, other.stored] }];
      const test = createTestSwitch({ connectors });
      const control = await test.openControl({ key: key.key });
      const call = await answerCall(test, { control });
      const heir = await test.openControl({ ...heirOptions, key: other.key });
      if (how === 'breach') call.media.sendText('{');
      else test.sw.revokeKey(key.stored.keyId);
      await test.clock.advance(0);
      expect((await take(test, heir)).attached.state).toBe('ANSWERED');
    }
  });
});

describe('a call whose agent is gone in CONNECTED', () => {
  it('is offered to nobody unless the connector asks for it, and then in the mode that was', async () => {
    for (const connected of [false, true]) {
      const key = createApiKey();
      const connectors = [{ uuid: 'a', numbers: ['*'], keys: [key.stored], takeover: { connected } }];
      const test = createTestSwitch({ connectors });
      const control = await test.openControl({ key: key.key });
      const call = await connectCall(test, { control });
      call.media.send({ type: 'mode', id: 3, mode: 'whisper' });
      await call.media.next('response');
      const heir = await test.openControl({ ...heirOptions, key: key.key });
      await kill(test, call);
      expect(offersTo(heir)).toBe(connected ? 1 : 0);
      if (connected) {
        const { offer, attached } = await take(test, heir);
        expect(offer.takeover).toEqual({ state: 'CONNECTED', mode: 'whisper', context: null });
        expect(attached).toMatchObject({ state: 'CONNECTED', mode: 'whisper' });
      }
      await test.clock.advance(20_000);
      expect([call.caller.closed, call.callee.closed, test.sw.calls.length]).toEqual([undefined, undefined, 1]);
    }
  });
});

describe('a call whose agent is gone in PENDING', () => {
  it('is offered as a new one, also to clients that take nothing over', async () => {
    const test = createTestSwitch();
    const call = await attachCall(test);
    const next = await test.openControl();
    await kill(test, call);
    const { offer, attached } = await take(test, next);
    expect(offer.takeover).toBeUndefined();
    expect(attached.state).toBe('PENDING');
  });
});

describe('close with handOver', () => {
  it('in ANSWERED gives the call to the client that is ready, which the leaving one is told as any close', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    const heir = await test.openControl(heirOptions);
    call.control.send({ type: 'ready', ready: false });
    call.media.send({ type: 'close', id: 2, handOver: true });
    expect(await call.media.next('event')).toMatchObject({ event: { type: 'call.terminated', reason: 'left' } });
    expect(await call.media.next('response')).toMatchObject({ id: 2, ok: true });
    expect(await call.media.end()).toMatchObject({ code: 1000 });
    expect((await take(test, heir)).attached.state).toBe('ANSWERED');
    expect(offersTo(call.control)).toBe(1);
  });

  it('is never given back to the client that has handed it over, ready or not', async () => {
    const test = createTestSwitch();
    const control = await test.openControl(heirOptions);
    const call = await answerCall(test, { control });
    call.media.send({ type: 'close', id: 2, handOver: true });
    await call.callee.next('incoming');
    expect(offersTo(control)).toBe(1);
  });

  it.each([false, undefined])('%s ends a call in ANSWERED', async (handOver) => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    await test.openControl(heirOptions);
    call.media.send({ type: 'close', id: 2, ...(handOver === undefined ? {} : { handOver }) });
    expect(await call.caller.next('ended')).toMatchObject({ reason: 'left', by: 'agent' });
  });

  it('that is no true or false is refused, and changes nothing', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    call.media.sendText('{"type":"close","id":2,"handOver":"yes"}');
    expect(await call.media.next('response')).toMatchObject({ id: 2, error: { code: 'BAD_ARGUMENT' } });
    expect(test.sw.calls).toHaveLength(1);
  });
});

describe('an agent that is alive behind a connection that went silent', () => {
  it('finds on its return that the call is somebody else’s', async () => {
    const test = createTestSwitch();
    const call = await answerCall(test);
    const heir = await test.openControl(heirOptions);
    const token = tokenOf(call.media);
    call.media.connection.stall('toServer');
    // Found silent after 2 s, gone for good 5 s later.
    const { media } = await take(test, heir);
    expect(test.clock.now()).toBeGreaterThan(6_900);
    call.media.connection.resume();
    expect(await call.media.end()).toMatchObject({ code: 4504 });
    await expect(test.open('media', token)).rejects.toMatchObject({ status: 409 });
    expect(media.closed).toBeUndefined();
  });
});
