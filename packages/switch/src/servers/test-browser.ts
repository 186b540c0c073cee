import { ticketSubprotocolPrefix } from '@agentao/protocol';
import type { OperatorRole } from '../operators/operator-sessions.ts';
import { host, type RawPeer, type TestSwitch } from './test-switch.ts';

/** What a page gets back. */
export interface PageReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed JSON; `undefined` for an empty body. */
  readonly json: unknown;
}

/** How a page's request differs from what its browser sends by itself. An empty header is left out. */
export type PageHeaders = Readonly<Record<string, string>>;

/** A browser with one page of the switch open: it sends Origin and cookie as browsers do. */
export interface TestBrowser {
  /** The `name=secret` that it shows; empty without one. */
  cookie: string;
  fetch(method: string, path: string, headers?: PageHeaders): PageReply;
  /** Signs in with a token. */
  signIn(token: string): PageReply;
  /** A fresh ticket. */
  ticket(): string;
  /** Opens a socket with a fresh ticket, or the one given. */
  open(path: 'phone' | 'monitor', ticket?: string): Promise<RawPeer>;
}

/** A browser that has not signed in. */
export function createTestBrowser(test: TestSwitch): TestBrowser {
  const origin = `http://${host}`;
  const browser: TestBrowser = {
    cookie: '',
    fetch: (method, path, headers) => {
      const sent = {
        ...(method === 'GET' ? {} : { origin }),
        ...(browser.cookie === '' ? {} : { cookie: browser.cookie }),
        ...headers,
      };
      const kept = Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== ''));
      const reply = test.network.request(`http://${host}${path}`, { method, headers: kept });
      if (reply === undefined) throw new Error('nobody listens');
      const setCookie = reply.headers?.['set-cookie'];
      if (setCookie !== undefined) browser.cookie = keepCookie(setCookie);
      const body = String(reply.body);
      return { status: reply.status, headers: reply.headers ?? {}, json: body === '' ? undefined : JSON.parse(body) };
    },
    signIn: (token) => browser.fetch('POST', '/session', { authorization: `Bearer ${token}` }),
    ticket: () => (browser.fetch('POST', '/session/ticket').json as { ticket: string }).ticket,
    open: (path, ticket = browser.ticket()) => {
      return test.open(path, '', { headers: { origin }, subprotocols: [`${ticketSubprotocolPrefix}${ticket}`] });
    },
  };
  return browser;
}

/** A browser that has signed in. */
export function signedIn(test: TestSwitch, role: OperatorRole = 'operator'): TestBrowser {
  const browser = createTestBrowser(test);
  const { status } = browser.signIn(test.sw.createSignIn({ role }));
  if (status !== 201) throw new Error(`the sign-in was answered ${status}`);
  return browser;
}

function keepCookie(setCookie: string): string {
  const [pair = ''] = setCookie.split(';');
  return pair.endsWith('=') ? '' : pair;
}
