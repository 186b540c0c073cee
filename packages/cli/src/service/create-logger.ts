import type { Logger } from '@agentao/switch';
import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from './service-config.ts';

/** A logger that writes one JSON object a line. */
export interface ServiceLogger extends Logger {
  setLevel(level: LogLevel): void;
  /** Writes what is left, at once. */
  flush(): void;
}

/** Lines that are not yet written, at most; beyond it they are dropped, so that a stuck reader of standard output stops no audio. */
const maxBufferedBytes = 4_194_304;

/** Names that no line may show the value of, should anything ever be logged under them. */
const secretNames = ['apiKey', 'key', 'token', 'mediaToken', 'resumeToken', 'authorization', 'cookie', 'ticket'];

/** Creates it on standard output, or on `stream`. */
export function createServiceLogger(level: LogLevel, stream?: DestinationStream): ServiceLogger {
  const out = stream ?? openStandardOutput();
  const logger = pino(
    {
      level,
      base: { name: 'agentao-switch', pid: process.pid },
      messageKey: 'msg',
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: '[secret]' },
    },
    out,
  );
  return {
    // By name each time: another level gives the logger other methods.
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    setLevel: (next) => {
      logger.level = next;
    },
    flush: () => {
      if ('flushSync' in out && typeof out.flushSync === 'function') out.flushSync();
    },
  };
}

function openStandardOutput(): DestinationStream {
  const out = destination({ dest: 1, sync: false, maxLength: maxBufferedBytes });
  // A reader that has gone away ends nothing.
  out.on('error', () => {});
  return out;
}
