/** The link that signs a browser in to the console of the switch at `url`. Its token is in the fragment, which a browser sends to nobody. */
export function signInLink(url: string, token: string): string {
  return `${httpUrl(url)}/#sign-in=${token}`;
}

/** `http://host:port` of a switch at `ws://host:port`. */
export function httpUrl(url: string): string {
  return url.replace(/^ws/, 'http').replace(/\/$/, '');
}
