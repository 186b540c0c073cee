import { expect, it } from 'vitest';
import { listenForServiceSignals } from './service-signals.ts';

it('keep a SIGHUP that comes before anybody can reload, as one reload', () => {
  using signals = listenForServiceSignals();
  let reloads = 0;
  process.emit('SIGHUP');
  process.emit('SIGHUP');
  signals.onReload(() => reloads++);
  expect(reloads).toBe(1);
  process.emit('SIGHUP');
  expect(reloads).toBe(2);
});

it('tell the first signal to end from the second, and are no longer listened for afterwards', async () => {
  const before = process.listenerCount('SIGTERM') + process.listenerCount('SIGHUP');
  const signals = listenForServiceSignals();
  let order = '';
  void signals.ending.then(() => (order += 'ending '));
  void signals.atOnce.then(() => (order += 'at once'));
  process.emit('SIGTERM');
  await signals.ending;
  expect(order).toBe('ending ');
  process.emit('SIGINT');
  await signals.atOnce;
  expect(order).toBe('ending at once');
  signals[Symbol.dispose]();
  expect(process.listenerCount('SIGTERM') + process.listenerCount('SIGHUP')).toBe(before);
});
