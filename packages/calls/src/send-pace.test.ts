import { createVirtualClock } from '@agentao/clock';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SendPace } from './send-pace.ts';

function createPace() {
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  const sent: { readonly message: number; readonly atMs: number }[] = [];
  let rooms = 0;
  const pace = new SendPace(clock, () => rooms++);
  const send = (message: number): void => pace.send(() => sent.push({ message, atMs: clock.now() }));
  return { clock, pace, sent, send, rooms: () => rooms };
}

it('lets nobody wait who sends little', async () => {
  const { clock, pace, sent, send, rooms } = createPace();
  for (let message = 0; message < 1_000; message++) {
    send(message);
    expect(sent.length).toBe(message + 1);
    await clock.advance(5);
  }
  expect([pace.isBehind, rooms()]).toEqual([false, 0]);
});

it('never sends more than 500 messages in any second, keeps their order, and says when there is room again', async () => {
  const burst = fc.record({ count: fc.integer({ min: 1, max: 800 }), pauseMs: fc.integer({ min: 0, max: 1_500 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(burst, { maxLength: 8 }), async (bursts) => {
      const { clock, pace, sent, send, rooms } = createPace();
      let messages = 0;
      for (const { count, pauseMs } of bursts) {
        for (let i = 0; i < count; i++) send(messages++);
        await clock.advance(pauseMs);
      }
      const wasBehind = pace.isBehind;
      const roomsBefore = rooms();
      await clock.advance(60_000);
      expect(rooms() - roomsBefore).toBe(wasBehind ? 1 : 0);
      expect(sent.map(({ message }) => message)).toEqual([...Array(messages).keys()]);
      for (const [index, { atMs }] of sent.entries()) {
        const later = sent[index + 500];
        if (later !== undefined) expect(later.atMs - atMs).toBeGreaterThan(1_000);
      }
    }),
    { numRuns: 50 },
  );
});

it('sends what is left when it ends, and leaves no timer', () => {
  const { clock, pace, sent, send } = createPace();
  for (let message = 0; message < 300; message++) send(message);
  expect(sent).toHaveLength(100);
  pace.end();
  expect(sent).toHaveLength(300);
  expect(clock.pendingTimers).toBe(0);
});
