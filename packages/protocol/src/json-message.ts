import { ProtocolError } from './protocol-error.ts';

/** A text message before its fields are looked at. */
export interface JsonMessage {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * Parses a text message: one JSON object with a text `type`, nested at most `maxNesting` levels. Keys named
 * `__proto__` are dropped. Throws ProtocolError BAD_MESSAGE, whose text quotes nothing of the message.
 */
export function parseMessage(text: string, maxNesting: number): JsonMessage {
  if (nestsDeeperThan(text, maxNesting)) throw badMessage(`nested deeper than ${maxNesting} levels`);
  const value = parseJson(text);
  if (!isObject(value)) throw badMessage('not a JSON object');
  if (typeof value['type'] !== 'string') throw badMessage('no text field "type"');
  return value as JsonMessage;
}

/** Whether a parsed value is an object with named fields. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error for a text message that cannot be accepted. */
export function badMessage(problem: string): ProtocolError {
  return new ProtocolError('BAD_MESSAGE', problem);
}

const mayNameProto = /__proto__|\\u/;

function parseJson(text: string): unknown {
  try {
    return mayNameProto.test(text) ? JSON.parse(text, dropProto) : JSON.parse(text);
  } catch {
    // The parser's own error quotes the text, which may hold a token.
    throw badMessage('not JSON');
  }
}

function dropProto(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

const quote = 0x22;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

// Looks at the text, since functions that walk the parsed value recursively are what the bound protects.
function nestsDeeperThan(text: string, maxNesting: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === quote) quoted = !quoted;
    else if (quoted) index += unit === backslash ? 1 : 0;
    else if (unit === openBrace || unit === openBracket) {
      depth += 1;
      if (depth > maxNesting) return true;
    } else if (unit === closeBrace || unit === closeBracket) depth -= 1;
  }
  return false;
}
