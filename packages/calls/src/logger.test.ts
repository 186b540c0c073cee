import { channel } from 'node:diagnostics_channel';
import { afterEach, expect, it } from 'vitest';
import { AgenTaoClientConfig } from './config.ts';
import { type LogLine, type Logger, publishing, silentLogger } from './logger.ts';

const lines = channel('agentao:log');
const published: LogLine[] = [];
const listen = (line: unknown): void => void published.push(line as LogLine);
afterEach(() => {
  lines.unsubscribe(listen);
  published.length = 0;
});

/** As pino is made: methods that need their object, take fields first, and may be left unset by level. */
class Pino {
  readonly written: unknown[] = [];
  readonly #bindings = { name: 'program' };
  debug(): void {}
  info(fields: object, message: string, ...rest: unknown[]): void {
    this.#write('info', fields, [message, ...rest]);
  }
  warn(fields: object, message: string, ...rest: unknown[]): void {
    this.#write('warn', fields, [message, ...rest]);
  }
  error(fields: object, message: string, ...rest: unknown[]): void {
    this.#write('error', fields, [message, ...rest]);
  }
  #write(level: string, fields: object, rest: readonly unknown[]): void {
    this.written.push({ ...this.#bindings, level, fields, rest });
  }
}

it('gives a logger that is an object with methods of its own, as pino is, fields first and the message behind', () => {
  const pino = new Pino();
  const { logger } = AgenTaoClientConfig.sandbox({ apiKey: 'k', connectorUuid: 'c', logger: pino });
  const err = new Error('boom');
  logger.debug({ type: 'ping' }, 'a message');
  logger.error({ callId: 'c1', err }, 'it failed');
  expect(pino.written).toEqual([
    { name: 'program', level: 'error', fields: { callId: 'c1', err }, rest: ['it failed'] },
  ]);
});

it('publishes each line once, whatever logger there is', () => {
  lines.subscribe(listen);
  const given: Logger = { debug() {}, info() {}, warn() {}, error() {} };
  publishing(publishing(given)).warn({ callId: 'c1' }, 'once');
  silentLogger.info({}, 'silent');
  expect(published).toEqual([
    { source: '@agentao/calls', level: 'warn', fields: { callId: 'c1' }, message: 'once' },
    { source: '@agentao/calls', level: 'info', fields: {}, message: 'silent' },
  ]);
});
