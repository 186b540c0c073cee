import { expect, it, vi } from 'vitest';
import { AgenTaoClientConfig } from './config.ts';
import { createLineLogger } from './line-logger.ts';

it('writes one line per entry from its level upwards, with the text of an error and where it was thrown', () => {
  const lines: string[] = [];
  const logger = createLineLogger('warn', (line) => lines.push(line));
  logger.debug({}, 'a message');
  logger.info({}, 'connected');
  logger.warn({ callId: 'c1', retryInMs: 20 }, 'trying again');
  logger.error({ err: new TypeError('boom') }, 'the handler failed');
  expect(lines[0]).toBe('agentao warn: trying again callId=c1 retryInMs=20');
  expect(lines[1]).toMatch(/^agentao error: the handler failed TypeError: boom \(at .*line-logger\.test\.ts/);
  expect(lines).toHaveLength(2);
});

it('is what AGENTAO_LOG asks for, unless a logger is given', () => {
  const env = { AGENTAO_API_KEY: 'k', AGENTAO_CONNECTOR_UUID: 'c', AGENTAO_LOG: 'warn' };
  const lines: string[] = [];
  const own = createLineLogger('warn', (line) => lines.push(line));
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  AgenTaoClientConfig.fromEnv(env, { logger: own }).logger.warn({}, 'to the own one');
  expect(lines).toEqual(['agentao warn: to the own one']);
  AgenTaoClientConfig.fromEnv({ ...env, AGENTAO_LOG: '' }).logger.warn({}, 'to nobody');
  expect(write).not.toHaveBeenCalled();
  AgenTaoClientConfig.fromEnv(env).logger.warn({}, 'to standard error');
  expect(write.mock.calls).toEqual([['agentao warn: to standard error\n']]);
  write.mockRestore();
  expect(() => AgenTaoClientConfig.fromEnv({ ...env, AGENTAO_LOG: 'loud' })).toThrow(/AGENTAO_LOG must be one of/);
});

it('writes its line whatever it is given', () => {
  const lines: string[] = [];
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const hostile = new Proxy(new Error('boom'), {
    get() {
      throw new Error('not to be read');
    },
  });
  createLineLogger('error', (line) => lines.push(line)).error({ circle, err: hostile, callId: 'c1' }, 'it failed');
  expect(lines).toEqual(['agentao error: it failed circle=(unreadable) err=(unreadable) callId=c1']);
});
