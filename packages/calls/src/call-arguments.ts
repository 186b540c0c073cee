import { type CallMode, type IncomingTrack, limits } from '@agentao/protocol';
import type { AudioOptions } from './active-call.ts';
import { invalidArgument } from './errors.ts';
import { CallEvent } from './events.ts';

const encoder = new TextEncoder();

/** How deep a value may nest in a command, which is a level of its own (PROTOCOL.md G-05). */
const maxNesting = limits.clientNesting - 1;

/** Throws `INVALID_ARGUMENT` unless `options` can have options. */
export function checkOptionsObject(options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw invalidArgument(`options must be an object, got ${shown(options)}`);
}

/** Throws `INVALID_ARGUMENT` unless `signal` is left out or an `AbortSignal`, whoever made it. */
export function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  if (typeof signal === 'object' && signal !== null && 'aborted' in signal && 'addEventListener' in signal) return;
  throw invalidArgument(`signal must be an AbortSignal, got ${shown(signal)}`);
}

/** Throws `INVALID_ARGUMENT` unless `handler` can be called. */
export function checkHandler(handler: unknown): void {
  if (typeof handler !== 'function') throw invalidArgument(`the handler must be a function, got ${shown(handler)}`);
}

/** Ring time in milliseconds. Throws `INVALID_ARGUMENT` outside 1 to 120 seconds. */
export function ringTimeMsOf(ringTimeSeconds: number): number {
  const ringTimeMs = typeof ringTimeSeconds === 'number' ? Math.round(ringTimeSeconds * 1000) : Number.NaN;
  if (!(ringTimeMs >= limits.ringTimeMinMs && ringTimeMs <= limits.ringTimeMaxMs)) {
    throw invalidArgument(`ringTimeSeconds must be a number from 1 to 120, got ${shown(ringTimeSeconds)}`);
  }
  return ringTimeMs;
}

/**
 * The value as its JSON says it. Throws `INVALID_ARGUMENT` for what has none, or one of more than `maxBytes` in UTF-8 or that nests too deep for a
 * message.
 */
export function jsonOf(name: string, value: unknown, maxBytes: number): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw invalidArgument(`${name} is not JSON`, cause);
  }
  if (text === undefined) throw invalidArgument(`${name} is not JSON`);
  if (encoder.encode(text).length > maxBytes) throw invalidArgument(`${name} exceeds ${maxBytes} bytes of JSON`);
  const json: unknown = JSON.parse(text);
  if (nestsDeeperThan(maxNesting, json)) throw invalidArgument(`${name} is nested deeper than ${maxNesting} levels`);
  return json;
}

function nestsDeeperThan(levels: number, json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  return levels === 0 || Object.values(json).some((inner) => nestsDeeperThan(levels - 1, inner));
}

/** Throws `INVALID_ARGUMENT` unless there is such a mode. */
export function checkMode(mode: CallMode): void {
  if (!oneOf(['barge', 'whisper', 'spy'], mode))
    throw invalidArgument(`mode must be barge, whisper or spy, got ${shown(mode)}`);
}

/** The track that is wanted. Throws `INVALID_ARGUMENT` if there is none such. */
export function trackOf(options: AudioOptions): IncomingTrack {
  checkOptionsObject(options);
  const { party = 'mix' } = options;
  if (!oneOf(['mix', 'caller', 'callee'], party)) {
    throw invalidArgument(`party must be mix, caller or callee, got ${shown(party)}`);
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
  if (!oneOf(Object.values(CallEvent), event)) throw invalidArgument(`a call has no event ${shown(event)}`);
}

/** Throws `INVALID_ARGUMENT` unless `digits` can be sent as keys. */
export function checkDigits(digits: string): void {
  if (typeof digits === 'string' && /^[0-9*#A-D]+$/.test(digits) && digits.length <= limits.dtmfDigitsMax) return;
  throw invalidArgument(`digits must be 1 to ${limits.dtmfDigitsMax} of 0-9 * # A-D`);
}

/** Throws `INVALID_ARGUMENT`, with the option's name, unless `timeoutMs` is left out or a duration. */
export function checkTimeout(option: string, timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || (Number.isFinite(timeoutMs) && timeoutMs >= 0)) return;
  throw invalidArgument(`${option} must be a number of 0 or more, got ${shown(timeoutMs)}`);
}

/** Whether a value that may come from anywhere is one of those that are known. */
function oneOf(known: readonly unknown[], value: unknown): boolean {
  return known.includes(value);
}

/** What was given instead, for the text of an error: no more of it than tells what it is. */
function shown(value: unknown): string {
  if (typeof value === 'number' || value === null || value === undefined) return String(value);
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 32)) : `a value of type ${typeof value}`;
}
