import type { Clock } from '@agentao/clock';
import { isSha256Hex, matchesSha256 } from '../connectors/api-key.ts';
import type { Logger } from '../servers/logger.ts';
import type { ServerLimits } from '../servers/server-limits.ts';
import { createOneTimeTokens } from './one-time-tokens.ts';
import {
  createOperatorSessions,
  type NewOperatorSession,
  type OperatorRole,
  type OperatorSession,
} from './operator-sessions.ts';

/** People who watch and make calls: softphones on `/phone`, monitors on `/monitor`, browsers with the console. */
export interface OperatorsOptions {
  /** SHA-256 of the operator token, as `createOperatorToken` gives it. */
  readonly tokenSha256: string;
  /** Lets phones dial, and have any number; otherwise only one that a connector serves. For development only; default false. */
  readonly dev?: boolean;
  /** Host names by which browsers may reach this switch, beside localhost, 127.0.0.1 and [::1]. */
  readonly hosts?: readonly string[];
}

/** For whom a sign-in token is, and for how long it is good. */
export interface SignInOptions {
  readonly role: OperatorRole;
  /** Default 10 minutes. */
  readonly expiresInMs?: number;
}

/** How long each secret is good. */
export const lifetimes = { signInMs: 600_000, sessionMs: 43_200_000, ticketMs: 10_000 } as const;

/** Who may watch and make calls: the holder of the operator token, and browsers that have signed in. */
export interface Operators {
  readonly dev: boolean;
  holdsToken(token: string): boolean;
  /** A token with which one browser signs in. Throws a TypeError for an unknown role or a lifetime that is not above 0. */
  createSignIn(options: SignInOptions): string;
  /** Uses a sign-in token up; `undefined` for an unknown, used or expired one. */
  signIn(token: string): NewOperatorSession | undefined;
  /** The live session of a cookie's secret. */
  session(secret: string): OperatorSession | undefined;
  /** A ticket with which the session opens one socket. */
  createTicket(session: OperatorSession): string;
  /** Uses a ticket up; `undefined` for an unknown, used or expired one, or one whose session has ended. */
  takeTicket(ticket: string): OperatorSession | undefined;
  /** Ends all sessions. */
  close(): void;
}

/** What operators share with the rest of the switch. */
export interface OperatorsContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: ServerLimits;
}

/** Whether a text names a role. */
export function isOperatorRole(text: unknown): text is OperatorRole {
  return text === 'viewer' || text === 'operator';
}

/** Creates it without sessions. Throws a TypeError that names the option at fault. */
export function createOperators(options: OperatorsOptions, context: OperatorsContext): Operators {
  const { tokenSha256, dev = false } = options;
  const { clock, logger, limits } = context;
  if (!isSha256Hex(tokenSha256)) throw new TypeError('operators.tokenSha256 must be 64 hex digits');
  const signIns = createOneTimeTokens<OperatorRole>({
    clock,
    prefix: 'si',
    perOwner: limits.unusedSignIns,
    ownerOf: () => 'all',
  });
  const tickets = createOneTimeTokens<OperatorSession>({
    clock,
    prefix: 'ti',
    perOwner: limits.unusedTickets,
    ownerOf: (session) => session,
  });
  const sessions = createOperatorSessions({
    clock,
    lifetimeMs: lifetimes.sessionMs,
    capacity: limits.operatorSessions,
    onEnded: (session, how) => {
      tickets.forget(session);
      logger.info({ sessionId: session.sessionId, role: session.role, how }, 'operator session over');
    },
  });

  return {
    dev,
    holdsToken: (token) => matchesSha256(token, tokenSha256),
    createSignIn: ({ role, expiresInMs = lifetimes.signInMs }) => {
      if (!isOperatorRole(role)) throw new TypeError('createSignIn: role must be viewer or operator');
      if (!(expiresInMs > 0)) throw new TypeError('createSignIn: expiresInMs must be above 0');
      logger.info({ role }, 'sign-in prepared');
      return signIns.issue(role, expiresInMs);
    },
    signIn: (token) => {
      const role = signIns.take(token);
      if (role === undefined) return undefined;
      const opened = sessions.open(role);
      logger.info({ sessionId: opened.session.sessionId, role }, 'operator signed in');
      return opened;
    },
    session: (secret) => sessions.find(secret),
    createTicket: (session) => tickets.issue(session, lifetimes.ticketMs),
    takeTicket: (ticket) => tickets.take(ticket),
    close: () => sessions.close(),
  };
}
