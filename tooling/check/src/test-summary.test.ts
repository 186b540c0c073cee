import { describe, expect, it } from 'vitest';
import { summarise } from './test-summary.ts';

describe('the summary line', () => {
  it('counts tests', () => {
    const results = {
      numPassedTests: 7,
      numFailedTests: 2,
      testResults: [{ status: 'failed', assertionResults: [{}] }],
    };
    expect(summarise(results, 0)).toBe('7 passed, 2 failed');
  });

  it('counts a file that could not run and a fault outside the tests', () => {
    const results = { numPassedTests: 7, numFailedTests: 0, testResults: [{ status: 'failed', assertionResults: [] }] };
    expect(summarise(results, 1)).toBe('7 passed, 2 failed');
  });

  it('never reads a missing report as success', () => {
    expect(summarise(undefined, 0)).toBe('0 passed, 1 failed');
  });
});
