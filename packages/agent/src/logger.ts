/** Where the agent writes what it does; pino and console fit. No text that was said, no number and no key is ever written. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const nothing = (): void => {};

/** One line on standard error for what keeps an agent from its calls, so that nobody looks for it in silence. */
export const failureLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: (fields, message) => {
    const { code, err } = fields as { readonly code?: string; readonly err?: unknown };
    const why = err instanceof Error ? err.message : '';
    process.stderr.write(`${message}${code === undefined ? '' : ` (${code})`}${why === '' ? '' : `: ${why}`}\n`);
  },
};

/** Writes nothing. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
