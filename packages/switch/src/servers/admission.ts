import { type ErrorCode, refusalStatuses } from '@agentao/protocol';
import type { Socket, UpgradeDecision } from '@agentao/transport';
import type { Headers } from './allowed-hosts.ts';

/** A refused upgrade. */
export type Refusal = Extract<UpgradeDecision, { readonly accept: false }>;

/** What a server says to an upgrade on its path: a refusal, or a reader for the socket. `onGone` is called once the socket is gone. */
export type Admission =
  | Refusal
  | { readonly accept: true; readonly open: (socket: Socket, onGone: () => void) => void };

/** A refusal with the status that belongs to its code. */
export function refuse(code: ErrorCode, message: string): Refusal {
  return { accept: false, status: refusalStatuses[code] ?? 500, code, message };
}

/** The token of an `Authorization: Bearer` header; empty without one. */
export function bearerToken(request: { readonly headers: Headers }): string {
  const header = request.headers.get('authorization') ?? '';
  return /^Bearer +([!-~]{1,1024}) *$/i.exec(header)?.[1] ?? '';
}
