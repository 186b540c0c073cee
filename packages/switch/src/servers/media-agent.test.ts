import { closeCodes } from '@agentao/protocol';
import { expect, it } from 'vitest';
import { lossOf } from './media-agent.ts';

it.each([
  ['the peer', 1006, 'cut'],
  ['the switch', closeCodes.LIVENESS_LOST.code, 'silent'],
  ['the peer', closeCodes.LIVENESS_LOST.code, 'other'],
  ['the peer', closeCodes.GOING_AWAY.code, 'other'],
  ['the peer', 1005, 'other'],
  ['the switch', closeCodes.SLOW_READER.code, 'other'],
  ['the switch', closeCodes.INTERNAL.code, 'other'],
  ['the peer', closeCodes.NORMAL.code, 'goodbye'],
  ['the peer', closeCodes.BAD_MESSAGE.code, 'goodbye'],
  ['the switch', closeCodes.BAD_AUDIO.code, 'goodbye'],
  ['the switch', closeCodes.UNAUTHENTICATED.code, 'goodbye'],
] as const)('an end by %s with %i is %s', (who, code, loss) => {
  expect(lossOf({ by: who === 'the peer' ? 'peer' : 'switch', code })).toBe(loss);
});
