import { invalidConfig } from './config-checks.ts';
import type { Logger } from './logger.ts';
import { oneLine } from './peer-text.ts';

const levels = ['debug', 'info', 'warn', 'error'] as const;

/** Takes one finished line, without its end. */
export type WriteLine = (line: string) => void;

/** A logger that writes one line per entry from `level` upwards. Throws `INVALID_CONFIG` for a level that is none of debug, info, warn, error. */
export function createLineLogger(level: string, write: WriteLine): Logger {
  const from = levels.findIndex((name) => name === level);
  if (from < 0) throw invalidConfig(`AGENTAO_LOG must be one of ${levels.join(', ')}`);
  const at = (name: (typeof levels)[number]): Logger['info'] =>
    levels.indexOf(name) < from
      ? () => undefined
      : (fields, message) => write(oneLine(`agentao ${name}: ${message}${textOf(fields)}`));
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** The fields behind the message; of an error, its text and where it was thrown. */
function textOf(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]: [string, unknown]) => fieldText(name, value))
    .join('');
}

/** What a handler throws may be anything, and refuse to be looked at: a logger that throws would end more than a line. */
function fieldText(name: string, value: unknown): string {
  try {
    if (!(value instanceof Error)) return ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
    const place = /^ +(at .*)$/m.exec(value.stack ?? '')?.[1];
    return ` ${value.name}: ${value.message}${place === undefined ? '' : ` (${place})`}`;
  } catch {
    return ` ${name}=(unreadable)`;
  }
}
