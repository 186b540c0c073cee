import type { HttpReply, HttpRequest } from '@agentao/transport';
import { isOperatorRole, lifetimes, type Operators } from '../operators/operators.ts';
import type { OperatorSession } from '../operators/operator-sessions.ts';
import { bearerToken } from './admission.ts';
import { jsonReply, refusalReply } from './http-replies.ts';
import { readSessionCookies, writeSessionCookie } from './session-cookie.ts';

/** Answers one method of one path. */
export type HttpAction = (request: HttpRequest) => HttpReply;

/** The methods of a path. */
export type HttpActions = Readonly<Record<string, HttpAction>>;

/** What the HTTP side of operators is given. */
export interface OperatorHttpOptions {
  readonly operators: Operators;
  /** Numbers of the connectors: what a console offers to dial. */
  readonly numbers: () => readonly string[];
}

/** `/session`, `/session/ticket` and `/sign-in`: how a browser signs in, gets tickets, lets others in and signs out. */
export function createOperatorHttp({ operators, numbers }: OperatorHttpOptions): ReadonlyMap<string, HttpActions> {
  const sessionOf = ({ headers }: HttpRequest): OperatorSession | undefined => {
    for (const secret of readSessionCookies(headers)) {
      const session = operators.session(secret);
      if (session !== undefined) return session;
    }
    return undefined;
  };

  /** For what changes something: a cookie alone may have been sent by any page. */
  const actingSessionOf = (request: HttpRequest): OperatorSession | HttpReply => {
    if (!request.headers.has('origin')) return refusalReply('FORBIDDEN', 'a cookie needs an Origin beside it');
    return sessionOf(request) ?? signedOut();
  };

  const describe = ({ role, expiresInMs }: OperatorSession): object => {
    // What a viewer sees of numbers is masked everywhere else.
    const shown = role === 'operator' ? numbers() : [];
    return { role, mayDial: operators.dev && role === 'operator', numbers: shown, expiresInMs };
  };

  const signIn: HttpAction = (request) => {
    const token = bearerToken(request);
    if (token === '') return refusalReply('UNAUTHENTICATED', 'a sign-in token is needed');
    const opened = operators.signIn(token);
    if (opened === undefined) return refusalReply('INVALID_TOKEN', 'the sign-in token opens nothing, or no longer');
    const { session, secret } = opened;
    // The browser forgets the cookie that this one replaces: who signs out now, signs out of that session too.
    const last = sessionOf(request);
    if (last !== undefined) session.hold(() => last.end('signed_out'));
    const cookie = writeSessionCookie(request.headers, secret, lifetimes.sessionMs);
    return jsonReply(201, describe(session), { 'set-cookie': cookie });
  };

  const signOut: HttpAction = (request) => {
    const session = actingSessionOf(request);
    if ('status' in session) return session;
    session.end('signed_out');
    return { status: 204, headers: { 'cache-control': 'no-store', 'set-cookie': cleared(request) }, body: '' };
  };

  const createTicket: HttpAction = (request) => {
    const session = actingSessionOf(request);
    if ('status' in session) return session;
    return jsonReply(201, { ticket: operators.createTicket(session), expiresInMs: lifetimes.ticketMs });
  };

  const createSignIn: HttpAction = (request) => {
    const refused = refusesGuests(request);
    if (refused !== undefined) return refused;
    const role = new URLSearchParams(request.query).get('role');
    if (!isOperatorRole(role)) return refusalReply('BAD_ARGUMENT', 'role: viewer or operator');
    const token = operators.createSignIn({ role });
    return jsonReply(201, { token, role, expiresInMs: lifetimes.signInMs });
  };

  const refusesGuests = (request: HttpRequest): HttpReply | undefined => {
    const token = bearerToken(request);
    if (token !== '') {
      return operators.holdsToken(token)
        ? undefined
        : refusalReply('UNAUTHENTICATED', 'a valid operator token is needed');
    }
    const session = actingSessionOf(request);
    if ('status' in session) return session;
    return session.role === 'operator' ? undefined : refusalReply('FORBIDDEN', 'a viewer lets nobody in');
  };

  const show: HttpAction = (request) => {
    const session = sessionOf(request);
    return session === undefined ? signedOut() : jsonReply(200, describe(session));
  };

  return new Map<string, HttpActions>([
    ['/session', { GET: show, POST: signIn, DELETE: signOut }],
    ['/session/ticket', { POST: createTicket }],
    ['/sign-in', { POST: createSignIn }],
  ]);
}

function signedOut(): HttpReply {
  return refusalReply('UNAUTHENTICATED', 'sign in first');
}

function cleared({ headers }: HttpRequest): string {
  return writeSessionCookie(headers, '', 0);
}
