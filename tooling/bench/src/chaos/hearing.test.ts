import { expect, it } from 'vitest';
import { type Hearer, packHearing, voicesFor } from './hearing.ts';

const waiting = packHearing({ caller: [], callee: [], agent: [] });
const answered = packHearing({ caller: ['agent'], callee: [], agent: ['caller'] });
const whisper = packHearing({ caller: ['callee', 'agent'], callee: ['caller', 'agent'], agent: ['callee'] });
const changes = [1_000, 0, waiting, 2_000, 0, answered, 9_000, 300, whisper];

function roles(hearer: Hearer, fromMs: number, toMs = fromMs): string[] {
  return voicesFor(hearer, 3, { changes })(fromMs, toMs).map(({ role }) => role);
}

it('lets an ear hear whom the call lets it hear, and never the coach but at the callee', () => {
  expect(roles('caller', 1_500)).toEqual([]);
  expect(roles('caller', 5_000)).toEqual(['agent']);
  expect(roles('caller', 12_000)).toEqual(['callee']);
  expect(roles('callee', 5_000)).toEqual([]);
  expect(roles('callee', 12_000)).toEqual(['caller', 'agent', 'coach']);
  expect(roles('agent', 5_000)).toEqual(['caller']);
  expect(roles('agent', 12_000)).toEqual(['caller', 'callee']);
  expect(roles('agent:caller', 12_000)).toEqual(['caller']);
  expect(roles('agent:callee', 12_000)).toEqual(['callee']);
});

it('allows for a change to be heard a little before it is told, more where the switch was late, and a little after', () => {
  expect(roles('caller', 1_900)).toEqual([]);
  expect(roles('caller', 1_950)).toEqual(['agent']);
  expect(roles('caller', 8_600)).toEqual(['agent']);
  expect(roles('caller', 8_650)).toEqual(['callee', 'agent']);
  expect(roles('caller', 9_199)).toEqual(['callee', 'agent']);
  expect(roles('caller', 9_201)).toEqual(['callee']);
});
