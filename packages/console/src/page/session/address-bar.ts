/** The sign-in token that a link carries in its fragment. */
export interface AddressBar {
  /** The token, removed from the address bar and the history; `undefined` if there is none. */
  takeToken(): string | undefined;
  /** Called when another fragment is put into the address bar of the open page. */
  onChange(listener: () => void): void;
  /** A link to this page that carries `token`. */
  link(token: string): string;
}

const tokenName = 'sign-in';

/** The address bar of the browser. */
export const browserAddressBar: AddressBar = {
  takeToken: () => {
    const token = new URLSearchParams(location.hash.slice(1)).get(tokenName);
    if (token === null) return undefined;
    history.replaceState(history.state, '', location.pathname + location.search);
    return token === '' ? undefined : token;
  },
  onChange: (listener) => window.addEventListener('hashchange', listener),
  link: (token) => `${location.origin}${location.pathname}#${tokenName}=${encodeURIComponent(token)}`,
};
