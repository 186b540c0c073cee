import { limits } from '@agentao/protocol';
import { describe, expect, it } from 'vitest';
import { createApiKey } from '../connectors/api-key.ts';
import { answerCall, attachCall, connectCall, freshNumbers, placeCall, runSecondCall } from './test-call.ts';
import { createTestSwitch } from './test-switch.ts';

describe('an offer', () => {
  it('names the call, both numbers, where to go and how long it stands', async () => {
    const test = createTestSwitch();
    const control = await test.openControl();
    const { callId } = await placeCall(test, { control });
    const offer = control.messages.find((message) => message.type === 'offer');
    expect(offer).toMatchObject({
      callId,
      callerNumber: expect.stringMatching(/^\+1/),
      calleeNumber: expect.stringMatching(/^\+2/),
      direction: 'MT',
      mediaUrl: '/media',
      acceptWithinMs: limits.acceptTimeoutMs,
    });
  });

  it('that expires goes to the next client; the first is too late, and the second has the call', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const first = await test.openControl();
    const { token } = await placeCall(test, { control: first });
    const second = await test.openControl();
    expect(await first.next('offer.cancelled')).toMatchObject({ reason: 'expired' });
    const { mediaToken } = await second.next('offer');
    const refused = { status: 401, body: expect.stringContaining('INVALID_TOKEN') };
    await expect(test.open('media', token)).rejects.toMatchObject(refused);
    const media = await test.open('media', mediaToken);
    media.send({ type: 'attach', sampleRateHz: 8_000 });
    expect(await media.next('attached')).toMatchObject({ state: 'PENDING' });
    await expectNoTickLost();
  });

  it('raced for by two clients is had by the one whose offer stands, and by nobody else', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const first = await test.openControl();
    const { callee, token } = await placeCall(test, { control: first });
    const second = await test.openControl();
    const late = await test.open('media', token);
    await test.clock.advance(limits.acceptTimeoutMs - 1);
    const opening = second.next('offer');
    late.send({ type: 'attach', sampleRateHz: 24_000 });
    await late.next('attached');
    await expect(opening).rejects.toThrow(/pending/);
    expect(callee.messages.filter(({ type }) => type === 'incoming')).toHaveLength(0);
    await expectNoTickLost();
  });

  it('whose media connection does not attach in time is closed with 4408 and goes to the next client', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const { control, media } = await attachCall(test, { attach: false });
    const second = await test.openControl();
    expect(await media.end()).toMatchObject({ code: 4408 });
    expect(await control.next('offer.cancelled')).toMatchObject({ reason: 'expired' });
    await second.next('offer');
    await expectNoTickLost();
  });

  it('whose media connection is lost before attach goes to the next client at once', async () => {
    const test = createTestSwitch();
    const { control, media } = await attachCall(test, { attach: false });
    const second = await test.openControl();
    media.socket.terminate();
    await test.clock.advance(0);
    expect(control.messages.at(-1)).toMatchObject({ type: 'offer.cancelled', reason: 'expired' });
    expect(second.messages.at(-1)).toMatchObject({ type: 'offer' });
  });

  it('that is declined goes to the next client at once', async () => {
    const test = createTestSwitch();
    const { control, offerId } = await placeCall(test);
    const second = await test.openControl();
    control.send({ type: 'decline', offerId });
    await test.clock.advance(0);
    expect(control.messages.at(-1)).toEqual({ type: 'offer.cancelled', offerId, reason: 'declined' });
    expect(second.messages.at(-1)).toMatchObject({ type: 'offer' });
  });

  it('of a caller who hangs up is cancelled', async () => {
    const test = createTestSwitch();
    const { control, caller, offerId } = await placeCall(test);
    caller.send({ type: 'hangup' });
    expect(await control.next('offer.cancelled')).toEqual({ type: 'offer.cancelled', offerId, reason: 'caller_gone' });
    expect(test.sw.calls).toHaveLength(0);
  });

  it('of a switch that stops is cancelled before the connection closes', async () => {
    const test = createTestSwitch();
    const { control } = await placeCall(test);
    await test.sw.close();
    expect(await control.next('offer.cancelled')).toMatchObject({ reason: 'shutdown' });
    expect(await control.end()).toMatchObject({ code: 1001 });
  });

  it('of a client whose control connection drops goes to the next client', async () => {
    const test = createTestSwitch();
    const { control } = await placeCall(test);
    const second = await test.openControl();
    control.socket.terminate();
    await test.clock.advance(0);
    expect(second.messages.at(-1)).toMatchObject({ type: 'offer' });
  });

  it('is not made to a client of another connector', async () => {
    const other = createApiKey();
    const key = createApiKey();
    const test = createTestSwitch({
      connectors: [
        { uuid: 'a', numbers: ['*'], keys: [key.stored] },
        { uuid: 'b', numbers: ['+49*'], keys: [other.stored] },
      ],
    });
    const control = await test.openControl({ key: key.key });
    const stranger = await test.openControl({ key: other.key });
    await placeCall(test, { control });
    await test.clock.advance(5_000);
    expect(stranger.messages.filter(({ type }) => type === 'offer')).toHaveLength(0);
  });
});

describe('a call without a client', () => {
  it('rings the callee as if there were no agent', async () => {
    const test = createTestSwitch();
    const { from, to } = freshNumbers();
    const caller = await test.openPhone(from);
    const callee = await test.openPhone(to);
    caller.send({ type: 'dial', to });
    await caller.next('dialing');
    expect(await callee.next('incoming')).toMatchObject({ from });
    callee.send({ type: 'answer' });
    await callee.next('answered');
    await caller.next('answered');
  });

  it('is what a call becomes when the only client declines it by close in PENDING', async () => {
    const test = createTestSwitch();
    const { media, control, callee } = await attachCall(test);
    media.send({ type: 'close', id: 1 });
    expect(await media.end()).toMatchObject({ code: 1000 });
    await callee.next('incoming');
    expect(control.messages.filter(({ type }) => type === 'offer')).toHaveLength(1);
  });
});

describe('load', () => {
  it('a client at its maxCalls is offered nothing until its agent has left a call', async () => {
    const test = createTestSwitch();
    const control = await test.openControl({ maxCalls: 1 });
    const { media } = await connectCall(test, { control });
    const { from, to } = freshNumbers();
    const [caller, callee] = [await test.openPhone(from), await test.openPhone(to)];
    caller.send({ type: 'dial', to });
    await callee.next('incoming');
    media.send({ type: 'close', id: 9 });
    await media.end();
    await placeCall(test, { control });
  });

  it('a lost control connection ends no call', async () => {
    const test = createTestSwitch();
    const { control, media } = await answerCall(test);
    control.socket.terminate();
    await test.clock.advance(10_000);
    expect(media.closed).toBeUndefined();
  });

  it('a connector takes no more calls than its limit', async () => {
    const key = createApiKey();
    const test = createTestSwitch({
      connectors: [{ uuid: 'a', numbers: ['+2*'], keys: [key.stored], limits: { maxCalls: 1 } }],
    });
    const control = await test.openControl({ key: key.key });
    const { caller } = await answerCall(test, { control });
    const second = await test.openPhone('+199');
    second.send({ type: 'dial', to: '+255' });
    expect(await second.next('error')).toMatchObject({ code: 'LIMIT_REACHED' });
    second.send({ type: 'dial', to: '+355' });
    expect(await second.next('error')).toMatchObject({ code: 'CALLEE_UNREACHABLE' });
    caller.send({ type: 'hangup' });
    await caller.next('ended');
    second.send({ type: 'dial', to: '+255' });
    await second.next('dialing');
  });
});
