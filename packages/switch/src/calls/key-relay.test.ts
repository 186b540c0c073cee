import { describe, expect, it } from 'vitest';
import { matrices } from '../media/matrix.ts';
import { sendKeys } from './key-relay.ts';

describe('keys', () => {
  it.each([
    ['agent', 'barge', ['caller', 'callee']],
    ['agent', 'whisper', ['callee']],
    ['agent', 'spy', []],
    ['agent', 'answered', ['caller']],
    ['agent', 'nobody', []],
    ['caller', 'people', ['callee']],
    ['caller', 'answered', []],
    ['callee', 'people', ['caller']],
    ['callee', 'nobody', []],
  ] as const)('of the %s in %s are played to those who hear it, never to itself', (from, matrix, hearers) => {
    const played: string[] = [];
    const line = (name: string) => ({ sendDtmf: (digits: string) => played.push(`${name} ${digits}`) });
    const conference = { matrix: matrices[matrix] };
    sendKeys(from, '12', { caller: line('caller'), callee: line('callee'), conference });
    expect(played).toEqual(hearers.map((hearer) => `${hearer} 12`));
  });
});
