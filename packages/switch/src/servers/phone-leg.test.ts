import { decodeFrame, frameFlags } from '@agentao/protocol';
import { expect, it } from 'vitest';
import { PhoneLeg } from './phone-leg.ts';

it('shows a stall of the switch as a gap, once something was played: the position goes on with time, and the next frame says so', () => {
  const heard: (readonly [position: number, flags: number])[] = [];
  const leg = new PhoneLeg({
    number: '+15550001',
    sampleRateHz: 24_000,
    outputDelayMs: 0,
    send: () => {},
    sendAudio: (frame) => {
      const { header } = decodeFrame(frame);
      heard.push([header.position, header.flags]);
      return true;
    },
    hungUp: () => {},
  });
  const tick = new Int16Array(480);
  leg.skip(3 * 480);
  leg.play(tick);
  leg.skip(8 * 480);
  leg.play(tick);
  leg.play(tick);
  expect(heard).toEqual([
    [0, 0],
    [9 * 480, frameFlags.gapBefore],
    [10 * 480, 0],
  ]);
});
