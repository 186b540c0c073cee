import { type ErrorCode, refusalStatuses } from '@agentao/protocol';
import type { HttpReply } from '@agentao/transport';

/** A reply that is no file: JSON, kept by no cache. */
export function jsonReply(status: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpReply {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

/** A refusal with the status that belongs to its code. */
export function refusalReply(code: ErrorCode, message: string): HttpReply {
  return jsonReply(code === 'BAD_ARGUMENT' ? 400 : (refusalStatuses[code] ?? 500), { code, message });
}

/** The path is there, the method is not. */
export function methodReply(allowed: readonly string[]): HttpReply {
  const allow = allowed.join(', ');
  return jsonReply(405, { code: 'NOT_FOUND', message: `this path knows ${allow}` }, { allow });
}
