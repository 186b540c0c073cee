import { createVirtualClock } from '@agentao/clock';
import { expect, it } from 'vitest';
import { createAudioGate } from './audio-gate.ts';

it('shuts above its bound, opens at half of it, and is stalled after being shut for the time given', async () => {
  const clock = createVirtualClock({ settle: () => Promise.resolve() });
  const gate = createAudioGate({ clock, boundBytes: 1_000, stalledMs: 2_000 });
  expect(gate.check(1_000)).toBe('open');
  expect(gate.check(1_001)).toBe('shut');
  await clock.advance(1_999);
  expect(gate.check(501)).toBe('shut');
  expect(gate.check(500)).toBe('open');
  expect(gate.check(1_000)).toBe('open');
  expect(gate.check(1_001)).toBe('shut');
  await clock.advance(2_000);
  expect(gate.check(1_001)).toBe('stalled');
});
