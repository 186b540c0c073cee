import type { Session } from './session.ts';

/** What the switch answered: `over` for 401, `refused` for any other no that a repetition would not change. */
export type Answer<Body> = { readonly is: 'good'; readonly body: Body } | { readonly is: 'over' | 'refused' };

/** The HTTP side of a session. Each rejects where the switch cannot be reached, or answers nonsense. */
export interface SessionApi {
  signIn(token: string): Promise<Answer<Session>>;
  present(): Promise<Answer<Session>>;
  ticket(): Promise<Answer<string>>;
  invitation(role: Session['role']): Promise<Answer<string>>;
  signOut(): Promise<void>;
}

/** What is used of the browser's `fetch`. */
export type PageFetch = (path: string, init: RequestInit) => Promise<Response>;

const requestMs = 8_000;
const unauthenticated = 401;
const retried: ReadonlySet<number> = new Set([408, 429]);

/** Speaks with the switch on the page's own origin. */
export function createSessionApi(pageFetch: PageFetch): SessionApi {
  const ask = async (method: string, path: string, headers: Record<string, string> = {}): Promise<Answer<unknown>> => {
    const response = await pageFetch(path, {
      method,
      headers,
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
      signal: AbortSignal.timeout(requestMs),
    });
    if (response.ok) return { is: 'good', body: response.status === 204 ? undefined : await response.json() };
    if (response.status === unauthenticated) return { is: 'over' };
    if (response.status >= 500 || retried.has(response.status))
      throw new Error(`the switch answers ${response.status}`);
    return { is: 'refused' };
  };

  return {
    signIn: async (token) => map(await ask('POST', '/session', { authorization: `Bearer ${token}` }), readSession),
    present: async () => map(await ask('GET', '/session'), readSession),
    ticket: async () => map(await ask('POST', '/session/ticket'), (body) => readText(body, 'ticket')),
    invitation: async (role) => map(await ask('POST', `/sign-in?role=${role}`), (body) => readText(body, 'token')),
    signOut: async () => {
      await ask('DELETE', '/session');
    },
  };
}

function map<Body>(answer: Answer<unknown>, read: (body: unknown) => Body): Answer<Body> {
  return answer.is === 'good' ? { is: 'good', body: read(answer.body) } : answer;
}

function fields(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null) throw new TypeError('the switch answered something else');
  return body as Readonly<Record<string, unknown>>;
}

function readText(body: unknown, name: string): string {
  const value = fields(body)[name];
  if (typeof value !== 'string') throw new TypeError(`the switch answered without ${name}`);
  return value;
}

function readSession(body: unknown): Session {
  const { role, mayDial, numbers } = fields(body);
  if (role !== 'viewer' && role !== 'operator') throw new TypeError('the switch answered without a role');
  const list = Array.isArray(numbers) ? numbers.filter((number) => typeof number === 'string') : [];
  return { role, mayDial: mayDial === true, numbers: list };
}
