import { expect, it } from 'vitest';
import { connectionWords } from './connection-words.ts';

it('tells a switch that does not answer from a view that is lost', () => {
  expect(connectionWords('live', true)).toEqual({ lamp: 'live', text: 'Live' });
  expect(connectionWords('lost', true)).toEqual({ lamp: 'bad', text: 'Lost, connecting again' });
  expect(connectionWords('live', false)).toEqual({ lamp: 'bad', text: 'No answer, trying again' });
});
