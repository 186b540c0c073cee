import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.ts';

describe('the name that was probably meant', () => {
  const names = ['listen', 'tls', 'connectors', 'drainMs'];
  it.each([
    ['lisen', 'listen'],
    ['tsl', 'tls'],
    ['Connector', 'connectors'],
    ['drain_ms', 'drainMs'],
    ['xyz', undefined],
    ['a', undefined],
    ['', undefined],
    ['conductors', 'connectors'],
  ])('of %j is %j', (typed, meant) => {
    expect(nearestName(typed, names)).toBe(meant);
  });
});
