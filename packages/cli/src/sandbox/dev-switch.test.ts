import { createSystemClock } from '@agentao/clock';
import { expect, it } from 'vitest';
import { browserHosts, createLogger, openDevSwitch } from './dev-switch.ts';

const clock = createSystemClock(globalThis);

it('gives an address that can be dialled where it listens on all of them', async () => {
  const place = { clock, port: 0, number: '+15559999', onTrouble: () => {} };
  const sw = await openDevSwitch({ ...place, host: '0.0.0.0' });
  expect(sw.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
  await sw.close();
});

it('lets browsers in by the name of the one address that it listens on', () => {
  expect(['192.0.2.7', 'Laptop.local', 'fe80::1', '127.0.0.2'].flatMap(browserHosts)).toEqual([
    '192.0.2.7',
    'laptop.local',
    '[fe80::1]',
    '127.0.0.2',
  ]);
  expect(['0.0.0.0', '::', 'fe80::1%eth0', 'no such host', 'a!b'].flatMap(browserHosts)).toEqual([]);
});

it('tells trouble with its cause and code, and nothing else', () => {
  const told: string[] = [];
  const logger = createLogger((text) => told.push(text));
  logger.info({ callId: 'x' }, 'agent attached');
  logger.warn({ closeCode: 4400, reason: 'no such command' }, 'a peer broke the protocol');
  logger.error({ err: new Error('full disk\n at') }, 'a message could not be handled');
  expect(told).toEqual([
    'a peer broke the protocol: no such command (4400)',
    'a message could not be handled: full disk',
  ]);
});
