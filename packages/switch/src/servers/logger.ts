/** Where the switch writes what it does; a pino logger fits. Never given a token, key, digit or full number. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Writes nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A phone number for a log: its last two digits at most, `withheld` if there is none. */
export function maskNumber(number: string): string {
  if (number === '') return 'withheld';
  return number.length > 4 ? `*${number.slice(-2)}` : '*';
}
