import { channel } from 'node:diagnostics_channel';
import { expect, it } from 'vitest';
import { createTestSwitch } from './test-switch.ts';
import { type Logger, maskNumber, publishing, silentLogger } from './logger.ts';

it('publishes each line once, whatever logger there is, and hands it on', async () => {
  const published: unknown[] = [];
  const listen = (line: unknown): void => void published.push(line);
  const lines = channel('agentao:log');
  const written: unknown[] = [];
  const write = (fields: object, message: string): void => void written.push({ fields, message });
  const logger: Logger = { debug: write, info: write, warn: write, error: write };
  lines.subscribe(listen);
  publishing(publishing(logger)).warn({ callId: 'c1' }, 'once');
  silentLogger.info({}, 'silent');
  expect(written).toEqual([{ fields: { callId: 'c1' }, message: 'once' }]);
  expect(published).toEqual([
    { source: '@agentao/switch', level: 'warn', fields: { callId: 'c1' }, message: 'once' },
    { source: '@agentao/switch', level: 'info', fields: {}, message: 'silent' },
  ]);
  await createTestSwitch({ logger }).openControl();
  lines.unsubscribe(listen);
  expect(written).toHaveLength(published.length - 1);
  expect(written).toContainEqual(expect.objectContaining({ message: 'client connected' }));
});

it('keeps what a logger throws from whoever writes', async () => {
  const fail = (): never => {
    throw new Error('the disk is full');
  };
  const bench = createTestSwitch({ logger: { debug: fail, info: fail, warn: fail, error: fail } });
  const client = await bench.openControl();
  expect(client.closed).toBeUndefined();
  expect(() => publishing({ debug: fail, info: fail, warn: fail, error: fail }).error({}, 'no line')).not.toThrow();
});

it('leaves of a number its last two digits at most', () => {
  expect(['+15550001', '12345', '1234', ''].map(maskNumber)).toEqual(['*01', '*45', '*', 'withheld']);
});
