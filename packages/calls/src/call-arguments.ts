import { limits } from '@agentao/protocol';
import { invalidArgument } from './errors.ts';

const encoder = new TextEncoder();

/** Ring time in milliseconds. Throws `INVALID_ARGUMENT` outside 1 to 120 seconds. */
export function ringTimeMsOf(ringTimeSeconds: number): number {
  const ringTimeMs = Math.round(ringTimeSeconds * 1000);
  if (!(ringTimeMs >= limits.ringTimeMinMs && ringTimeMs <= limits.ringTimeMaxMs)) {
    throw invalidArgument(`ringTimeSeconds must be from 1 to 120, got ${ringTimeSeconds}`);
  }
  return ringTimeMs;
}

/** The value as its JSON says it. Throws `INVALID_ARGUMENT` for what has none, or one of more than `maxBytes` in UTF-8. */
export function jsonOf(name: string, value: unknown, maxBytes: number): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw invalidArgument(`${name} is not JSON`, cause);
  }
  if (text === undefined) throw invalidArgument(`${name} is not JSON`);
  if (encoder.encode(text).length > maxBytes) throw invalidArgument(`${name} exceeds ${maxBytes} bytes of JSON`);
  return JSON.parse(text);
}

/** Throws `INVALID_ARGUMENT` unless `digits` can be sent as keys. */
export function checkDigits(digits: string): void {
  if (/^[0-9*#A-D]+$/.test(digits) && digits.length <= limits.dtmfDigitsMax) return;
  throw invalidArgument(`digits must be 1 to ${limits.dtmfDigitsMax} of 0-9 * # A-D`);
}

/** Throws `INVALID_ARGUMENT` unless `timeoutMs` is left out or a duration. */
export function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || (timeoutMs >= 0 && timeoutMs < Number.POSITIVE_INFINITY)) return;
  throw invalidArgument(`timeoutMs must be 0 or more, got ${timeoutMs}`);
}
