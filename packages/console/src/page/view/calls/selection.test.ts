import { expect, it } from 'vitest';
import { callToWatch } from './selection.ts';
import type { WatchedCall } from '../../monitor/monitor.ts';

const call = (callId: string, ended = false): WatchedCall =>
  ({ callId, ...(ended && { ending: { reason: 'hangup', by: 'caller', atMs: 1 } }) }) as WatchedCall;

it('follows the newest live call', () => {
  expect(callToWatch({ calls: [call('1'), call('2'), call('0', true)], selectedId: '1' }, undefined)).toBe('2');
});

it('stays on a call that has ended until there is a live one', () => {
  expect(callToWatch({ calls: [call('2', true), call('1', true)], selectedId: '2' }, undefined)).toBe('2');
  expect(callToWatch({ calls: [call('3'), call('2', true)], selectedId: '2' }, undefined)).toBe('3');
});

it('keeps to what a person has chosen, and lets go when that call ends or is gone', () => {
  const chosen = { callId: '1', wasLive: true };
  expect(callToWatch({ calls: [call('1'), call('2')], selectedId: '1' }, chosen)).toBe('1');
  expect(callToWatch({ calls: [call('2'), call('1', true)], selectedId: '1' }, chosen)).toBe('2');
  expect(callToWatch({ calls: [call('2')], selectedId: '1' }, chosen)).toBe('2');
});

it('keeps to an ended call that a person has chosen while others come', () => {
  const chosen = { callId: '1', wasLive: false };
  expect(callToWatch({ calls: [call('2'), call('1', true)], selectedId: '1' }, chosen)).toBe('1');
});

it('watches nothing where there is nothing', () => {
  expect(callToWatch({ calls: [], selectedId: '1' }, undefined)).toBeUndefined();
});
