import { channel } from 'node:diagnostics_channel';

/** Where the switch writes what it does; a pino logger fits. Never given a token, key, digit or full number. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** One line, as it is published on the diagnostics channel `agentao:log`, whatever logger is given. */
export interface LogLine {
  readonly source: '@agentao/switch';
  readonly level: keyof Logger;
  readonly fields: object;
  readonly message: string;
}

const lines = channel('agentao:log');
const publishers = new WeakSet<Logger>();

/** `logger`, all of whose lines are published too. Everything that this package writes goes through one of these. */
export function publishing(logger: Logger): Logger {
  if (publishers.has(logger)) return logger;
  const at = (level: keyof Logger): Logger['info'] => {
    return (fields, message) => {
      if (lines.hasSubscribers) lines.publish({ source: '@agentao/switch', level, fields, message } satisfies LogLine);
      try {
        logger[level](fields, message);
      } catch {
        // Somebody else's fault, and nobody is left to be told: no call may end of it.
      }
    };
  };
  const publisher: Logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  publishers.add(publisher);
  return publisher;
}

/** Writes nothing. */
export const silentLogger: Logger = publishing({ debug() {}, info() {}, warn() {}, error() {} });

/** A phone number for a log: its last two digits at most, `withheld` if there is none. */
export function maskNumber(number: string): string {
  if (number === '') return 'withheld';
  return number.length > 4 ? `*${number.slice(-2)}` : '*';
}
