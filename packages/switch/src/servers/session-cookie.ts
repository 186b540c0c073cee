import { type Headers, isSecurePage, portOf } from './allowed-hosts.ts';

/** The secrets that a browser shows as cookies of this port, at most one per scheme that it may have been set under. */
export function readSessionCookies(headers: Headers): readonly string[] {
  const port = portOf(headers);
  // Without port and origin the page may have come by either scheme.
  const names = port === undefined ? [cookieName('443'), cookieName('80')] : [cookieName(port)];
  const secrets: string[] = [];
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const [, name = '', value = ''] = /^ *([^= ]+)=([!-~]{1,256}) *$/.exec(pair) ?? [];
    if (names.includes(name)) secrets.push(value);
  }
  return secrets;
}

/** The `Set-Cookie` that gives a browser its secret. */
export function writeSessionCookie(headers: Headers, secret: string, maxAgeMs: number): string {
  const secure = isSecurePage(headers) ? '; Secure' : '';
  const maxAge = Math.floor(maxAgeMs / 1_000);
  return `${cookieName(portOf(headers) ?? '80')}=${secret}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${maxAge}${secure}`;
}

/** Cookies ignore ports: two switches on one machine keep theirs apart by name. */
function cookieName(port: string): string {
  return `agentao_${port}`;
}
