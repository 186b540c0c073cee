import { expect, it } from 'vitest';
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
  const own = createLineLogger('error', () => undefined);
  expect(AgenTaoClientConfig.fromEnv(env, { logger: own }).logger).toBe(own);
  expect(AgenTaoClientConfig.fromEnv(env).logger).not.toBe(
    AgenTaoClientConfig.fromEnv({ ...env, AGENTAO_LOG: '' }).logger,
  );
  expect(() => AgenTaoClientConfig.fromEnv({ ...env, AGENTAO_LOG: 'loud' })).toThrow(/AGENTAO_LOG must be one of/);
});
