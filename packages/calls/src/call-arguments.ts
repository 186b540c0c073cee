import { type CallMode, type IncomingTrack, limits } from '@agentao/protocol';
import type { AudioOptions } from './active-call.ts';
import { invalidArgument } from './errors.ts';
import { CallEvent } from './events.ts';

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

/** Throws `INVALID_ARGUMENT` unless there is such a mode. */
export function checkMode(mode: CallMode): void {
  if (!oneOf(['barge', 'whisper', 'spy'], mode))
    throw invalidArgument(`mode must be barge, whisper or spy, got ${mode}`);
}

/** The track that is wanted. Throws `INVALID_ARGUMENT` if there is none such. */
export function trackOf({ party = 'mix' }: AudioOptions): IncomingTrack {
  if (!oneOf(['mix', 'caller', 'callee'], party)) {
    throw invalidArgument(`party must be mix, caller or callee, got ${party}`);
  }
  return party;
}

/** Throws `INVALID_ARGUMENT` unless `kind` can name a note of the record. */
export function checkKind(kind: string): void {
  if (typeof kind === 'string' && kind.length >= 1 && kind.length <= limits.idLength) return;
  throw invalidArgument(`kind must be a text of 1 to ${limits.idLength} characters`);
}

/** Throws `INVALID_ARGUMENT` unless a call has such an event. */
export function checkEvent(event: string): void {
  if (!oneOf(Object.values(CallEvent), event)) throw invalidArgument(`a call has no event ${event}`);
}

/** Throws `INVALID_ARGUMENT` unless `digits` can be sent as keys. */
export function checkDigits(digits: string): void {
  if (/^[0-9*#A-D]+$/.test(digits) && digits.length <= limits.dtmfDigitsMax) return;
  throw invalidArgument(`digits must be 1 to ${limits.dtmfDigitsMax} of 0-9 * # A-D`);
}

/** Throws `INVALID_ARGUMENT`, with the option's name, unless `timeoutMs` is left out or a duration. */
export function checkTimeout(option: string, timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || (timeoutMs >= 0 && timeoutMs < Number.POSITIVE_INFINITY)) return;
  throw invalidArgument(`${option} must be 0 or more, got ${timeoutMs}`);
}

/** Whether a value that may come from anywhere is one of those that are known. */
function oneOf(known: readonly unknown[], value: unknown): boolean {
  return known.includes(value);
}
