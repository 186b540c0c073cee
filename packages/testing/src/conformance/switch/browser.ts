import { NonConformance } from '../check.ts';
import type { SwitchBench } from './bench.ts';
import type { HttpAnswer } from './http-request.ts';

/** A browser that has signed in. */
export interface Browser {
  /** `name=value`, as it is sent back. */
  readonly cookie: string;
  /** The `Set-Cookie` that it got. */
  readonly setCookie: string;
  readonly origin: string;
  /** What `POST /session` told. */
  readonly session: Readonly<Record<string, unknown>>;
  ask(method: string, path: string, headers?: Readonly<Record<string, string>>): Promise<HttpAnswer>;
  ticket(): Promise<string>;
}

/** The origin of the switch's own page. */
export function ownOrigin({ site: { url } }: SwitchBench): string {
  return `${url.protocol === 'wss:' ? 'https' : 'http'}://${url.host}`;
}

/** A fresh sign-in token. */
export async function signInToken(bench: SwitchBench, role: 'viewer' | 'operator' = 'operator'): Promise<string> {
  const answer = await bench.ask(`/sign-in?role=${role}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${bench.operatorToken}` },
  });
  if (answer.status !== 201) throw new NonConformance('201 and a sign-in token', `${answer.status} ${answer.code}`);
  return (JSON.parse(answer.body) as { readonly token: string }).token;
}

/** Who signs in. */
export interface SignInOptions {
  /** Default `operator`. */
  readonly role?: 'viewer' | 'operator';
  /** That of a session which the browser has already. */
  readonly cookie?: string;
}

/** Signs a browser in. */
export async function signIn(bench: SwitchBench, options: SignInOptions = {}): Promise<Browser> {
  const { role = 'operator', cookie: last } = options;
  const token = await signInToken(bench, role);
  const origin = ownOrigin(bench);
  const answer = await bench.ask('/session', {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, Origin: origin, ...(last === undefined ? {} : { Cookie: last }) },
  });
  const [setCookie = ''] = answer.headers['set-cookie'] ?? [];
  if (answer.status !== 201) throw new NonConformance('201 and a session', `${answer.status} ${answer.code}`);
  const cookie = setCookie.split(';', 1)[0] ?? '';
  const ask: Browser['ask'] = (method, path, headers = {}) =>
    bench.ask(path, {
      method,
      headers: { Cookie: cookie, ...(method === 'GET' ? {} : { Origin: origin }), ...headers },
    });
  return {
    cookie,
    setCookie,
    origin,
    session: JSON.parse(answer.body) as Record<string, unknown>,
    ask,
    ticket: async () => {
      const given = await ask('POST', '/session/ticket');
      if (given.status !== 201) throw new NonConformance('201 and a ticket', `${given.status} ${given.code}`);
      return (JSON.parse(given.body) as { readonly ticket: string }).ticket;
    },
  };
}
