import { describe, expect, it } from 'vitest';
import { answerCall, attachCall, placeCall, runSecondCall, watchTicks } from './test-call.ts';
import { createTestSwitch, type TestSwitch } from './test-switch.ts';

async function expectRefused(test: TestSwitch, token: string, code = 'INVALID_TOKEN'): Promise<void> {
  const error = await test.open('media', token).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: 'REFUSED', status: 401 });
  expect(JSON.parse((error as { body: string }).body)).toMatchObject({ code });
}

describe('a media token', () => {
  it('opens one connection only: a second client with it is refused, and neither the first nor another call loses a tick', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const call = await answerCall(test);
    const expectFirstUnharmed = watchTicks(test, call);
    await test.clock.advance(200);
    await expectRefused(test, call.token);
    await expectNoTickLost();
    expectFirstUnharmed();
  });

  it('is used up by a connection that has not attached yet', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const { token, media } = await attachCall(test, { attach: false });
    await expectRefused(test, token);
    media.send({ type: 'attach', sampleRateHz: 24_000 });
    expect(await media.next('attached')).toMatchObject({ state: 'PENDING', mode: null });
    await expectNoTickLost();
  });

  it('opens nothing after 2 s', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const { token } = await placeCall(test);
    await test.clock.advance(2_000);
    await expectRefused(test, token);
    await expectNoTickLost();
  });

  it('opens nothing once its call has been declined or has ended', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const declined = await placeCall(test);
    declined.control.send({ type: 'decline', offerId: declined.offerId });
    await test.clock.advance(0);
    await expectRefused(test, declined.token);
    const ended = await placeCall(test, { control: declined.control });
    ended.caller.send({ type: 'hangup' });
    await test.clock.advance(0);
    await expectRefused(test, ended.token);
    await expectNoTickLost();
  });

  it('opens nothing once the control connection it came on is gone', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const { token, control } = await placeCall(test);
    control.socket.terminate();
    await test.clock.advance(0);
    await expectRefused(test, token);
    await expectNoTickLost();
  });

  it.each([
    ['nothing', () => ''],
    ['an API key', (test: TestSwitch) => test.key.key],
    ['an operator token', (test: TestSwitch) => test.operatorToken],
    ['a made-up token', () => 'mt_0123456789'],
  ])('is not %s', async (_, token) => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    await placeCall(test);
    const shown = token(test);
    await expectRefused(test, shown, shown === '' ? 'UNAUTHENTICATED' : 'INVALID_TOKEN');
    await expectNoTickLost();
  });

  it('does not take the place of an API key', async () => {
    const test = createTestSwitch();
    const expectNoTickLost = await runSecondCall(test);
    const { token } = await placeCall(test);
    await expect(test.open('control', token)).rejects.toMatchObject({ status: 401 });
    await expectNoTickLost();
  });
});
