import { once } from 'node:events';
import { get } from 'node:http';
import { expect, it } from 'vitest';
import { openAttackedSwitch } from './attacked-switch.ts';
import { eventually, openRawLine, upgradeText } from './raw-line.ts';

it('connections that say nothing beyond their number are cut at once; a socket is none of them, and other addresses are not counted', async () => {
  await using attacked = await openAttackedSwitch({
    listen: { maxStrangersPerAddress: 3, handshakeTimeoutMs: 60_000 },
  });
  const { port, key, server } = attacked;
  const authorization = `Authorization: Bearer ${key.key}`;
  for (let opened = 0; opened < 5; opened++) {
    const socket = await openRawLine(port);
    socket.write(upgradeText({ lines: ['Host: 127.0.0.1', authorization] }));
    await socket.gets(/^HTTP\/1\.1 101 /);
  }
  expect(server.socketCount).toBe(5);
  const silent = [await openRawLine(port), await openRawLine(port), await openRawLine(port)];
  const late = await Promise.all([openRawLine(port), openRawLine(port)]);
  await Promise.all(late.map((line) => line.hungUp()));
  expect(silent.map(({ ended }) => ended)).toEqual([false, false, false]);

  const request = get({ port, host: '127.0.0.1', localAddress: '127.0.0.2', path: '/healthz' });
  const [answer] = (await once(request, 'response')) as [{ readonly statusCode: number; resume(): void }];
  answer.resume();
  expect(answer.statusCode).toBe(200);

  silent[0]?.tcp.destroy();
  await eventually(() => silent[0]?.ended === true, 'still open');
  // Until the switch has seen that one is gone, the next is one too many.
  let answer200 = '';
  while (answer200 === '') {
    const next = await openRawLine(port);
    next.write('GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await eventually(() => next.received !== '' || next.ended, 'neither answered nor cut');
    answer200 = next.received;
  }
  expect(answer200).toMatch(/^HTTP\/1\.1 200 /);
  expect(silent[1]?.ended).toBe(false);
});
