/** What an offer's media URL is judged by. */
export interface MediaUrlRules {
  readonly controlUrl: string;
  /** Origins allowed besides that of the control connection. */
  readonly allowedOrigins: readonly string[];
}

/** The URL to open for an offer, resolved against the control connection's; `undefined` for an origin that is not allowed. */
export function resolveMediaUrl(mediaUrl: string, { controlUrl, allowedOrigins }: MediaUrlRules): string | undefined {
  const url = URL.parse(mediaUrl, controlUrl);
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  const allowed = [controlUrl, ...allowedOrigins].some((origin) => URL.parse(origin)?.origin === url.origin);
  return allowed ? url.href : undefined;
}
