import { createVirtualClock } from '@agentao/clock';
import { expect, it } from 'vitest';
import { createMailbox, type Mailbox } from './mailbox.ts';
import { PhoneError } from './phone-error.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(): { mailbox: Mailbox; clock: ReturnType<typeof createVirtualClock> } {
  const clock = createVirtualClock({ settle });
  return { clock, mailbox: createMailbox(clock, '+1') };
}

it('hands out a message that came before it was asked for, and one that comes after', async () => {
  const { mailbox, clock } = setUp();
  await clock.advance(30);
  mailbox.put({ type: 'answered' });
  await clock.advance(10);
  expect(await mailbox.next('answered', 100)).toEqual({ type: 'answered', receivedMs: clock.now() - 10 });
  const later = mailbox.next('dtmf', 100);
  mailbox.put({ type: 'dtmf', digit: '5' });
  expect(await later).toMatchObject({ digit: '5' });
  expect(clock.pendingTimers).toBe(0);
});

it('rejects a wait when its time is up, and does not hand the late message to it', async () => {
  const { mailbox, clock } = setUp();
  const early = mailbox.next('incoming', 2_000);
  const rejection = expect(early).rejects.toMatchObject({ code: 'TIMEOUT' });
  await clock.advance(2_000);
  await rejection;
  mailbox.put({ type: 'incoming', callId: 'c', from: '' });
  expect(await mailbox.next('incoming', 10)).toMatchObject({ callId: 'c' });
});

it('rejects a wait on a refusal and on the end of the call', async () => {
  const { mailbox } = setUp();
  const refused = mailbox.next('answered', 100);
  mailbox.put({ type: 'error', code: 'FORBIDDEN', message: 'no' });
  await expect(refused).rejects.toThrow('no (FORBIDDEN)');
  mailbox.put({ type: 'ended', reason: 'hangup', by: 'callee' });
  await expect(mailbox.next('answered', 100)).rejects.toMatchObject({ code: 'ENDED' });
});

it('hands the end of the call to whoever waits for it', async () => {
  const { mailbox } = setUp();
  mailbox.put({ type: 'ended', reason: 'hangup', by: 'callee' });
  expect(await mailbox.next('ended', 100)).toMatchObject({ by: 'callee' });
});

it('fails every wait once the socket is gone, now and later', async () => {
  const { mailbox } = setUp();
  const waiting = mailbox.next('answered', 100);
  mailbox.close(new PhoneError('CLOSED', 'gone'));
  await expect(waiting).rejects.toThrow('gone');
  await expect(mailbox.next('answered', 100)).rejects.toThrow('gone');
});
