import { isSampleRate } from '@agentao/audio';
import type { CommonOptions } from './config-options.ts';
import { WSSError } from './errors.ts';

/** The error for an option, which its text names. */
export function invalidConfig(message: string, cause?: unknown): WSSError {
  return new WSSError(message, { code: 'INVALID_CONFIG', ...(cause === undefined ? {} : { cause }) });
}

/** Options at all. */
export function checkGiven(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw invalidConfig('options must be an object');
}

/** A text that is there. Nothing of it gets into the error. */
export function checkText(option: string, value: unknown): void {
  if (typeof value !== 'string' || value.trim() === '')
    throw invalidConfig(`${option} must be a text that is not empty`);
  if (/[^\x21-\x7e]/.test(value))
    throw invalidConfig(`${option} holds a space or a character that no header can carry`);
}

/** A WebSocket URL on which a key or a certificate may travel. */
export function checkBaseUrl(option: string, baseUrl: unknown, mode: 'sandbox' | 'production'): void {
  const url = typeof baseUrl === 'string' ? URL.parse(baseUrl) : null;
  if (url === null || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) {
    throw invalidConfig(`${option} must be a ws:// or wss:// URL`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw invalidConfig(`${option} must hold no user, password, query or fragment`);
  }
  if (url.protocol === 'wss:') return;
  if (mode === 'production') throw invalidConfig(`${option} must be wss:// in production`);
  if (!isLoopback(url.hostname)) throw invalidConfig(`${option} must be wss:// unless the switch is on this machine`);
}

/** A rate that the audio of a call can have. */
export function checkSampleRate(option: string, sampleRate: unknown): void {
  if (typeof sampleRate !== 'number' || !isSampleRate(sampleRate))
    throw invalidConfig(`${option} must be 8000, 16000 or 24000`);
}

/** Something that can be written to, if there is one. */
export function checkLogger(logger: unknown): void {
  if (logger === undefined) return;
  const methods: unknown[] =
    typeof logger === 'object' && logger !== null
      ? ['debug', 'info', 'warn', 'error'].map((level) => (logger as Readonly<Record<string, unknown>>)[level])
      : [undefined];
  if (methods.some((method) => typeof method !== 'function')) {
    throw invalidConfig('logger must have the methods debug, info, warn and error');
  }
}

/** The options of both modes, defaults filled in. */
export function checkOptions(options: Required<CommonOptions>): void {
  const { sampleRate, bufferSize, maxCalls, acceptsTakeover, onHandlerError, allowedMediaOrigins } = options;
  checkSampleRate('sampleRate', sampleRate);
  if (!Number.isSafeInteger(bufferSize) || bufferSize < 2 || bufferSize > 2 ** 30 || bufferSize % 2 !== 0) {
    throw invalidConfig('bufferSize must be an even number of bytes from 2 to 2^30');
  }
  if (maxCalls !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(maxCalls) && maxCalls >= 1)) {
    throw invalidConfig('maxCalls must be a whole number of at least 1');
  }
  if (typeof acceptsTakeover !== 'boolean') throw invalidConfig('acceptsTakeover must be true or false');
  if (onHandlerError !== 'disconnect' && onHandlerError !== 'close' && typeof onHandlerError !== 'function') {
    throw invalidConfig("onHandlerError must be 'disconnect', 'close' or a function");
  }
  if (!Array.isArray(allowedMediaOrigins)) throw invalidConfig('allowedMediaOrigins must be a list of origins');
  for (const origin of allowedMediaOrigins) {
    const url = URL.parse(origin);
    if (url === null || (url.protocol !== 'wss:' && !(url.protocol === 'ws:' && isLoopback(url.hostname)))) {
      throw invalidConfig('allowedMediaOrigins must hold wss:// origins');
    }
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
