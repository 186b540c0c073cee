/** How Gemini is reached, and how it speaks. */
export interface GeminiOptions {
  /** Default: `gemini-live-2.5-flash-preview`. */
  readonly model?: string;
  /** Default: GEMINI_API_KEY, or GOOGLE_API_KEY, of the environment. */
  readonly apiKey?: string;
  /** An ephemeral token, asked for each connection, in place of a key. */
  readonly token?: () => string | Promise<string>;
  /** Vertex AI with the credentials of the machine, in place of a key. */
  readonly vertex?: { readonly project: string; readonly location: string };
  /** Name of a prebuilt voice, such as `Kore`. */
  readonly voice?: string;
  /** BCP-47, such as `en-US`. */
  readonly language?: string;
  readonly temperature?: number;
  /** Default: GOOGLE_GEMINI_BASE_URL of the environment, or the service. */
  readonly baseUrl?: string;
  /** Default `v1beta`; with `token` `v1alpha`. */
  readonly apiVersion?: string;
  /** Old turns make room for new ones. Default true. */
  readonly compression?: boolean;
  /** How long setting up a connection may take. Default 10,000. */
  readonly setupTimeoutMs?: number;
  /** More of the SDK's `LiveConnectConfig`; comes last. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Throws `TypeError` with the name of the option that is wrong. */
export function checkOptions({
  setupTimeoutMs = 1,
  temperature = 0,
  token,
  vertex,
  apiKey,
  ...texts
}: GeminiOptions): void {
  for (const name of ['model', 'voice', 'language', 'baseUrl', 'apiVersion'] as const) {
    const value = texts[name];
    if (value !== undefined && (typeof value !== 'string' || value === '')) throw new TypeError(`${name}: a text`);
  }
  if (apiKey !== undefined && (typeof apiKey !== 'string' || apiKey === '')) throw new TypeError('apiKey: a text');
  if (!(Number.isFinite(setupTimeoutMs) && setupTimeoutMs > 0)) {
    throw new TypeError('setupTimeoutMs: a positive number of milliseconds');
  }
  if (!Number.isFinite(temperature)) throw new TypeError('temperature: a number');
  if (token !== undefined && typeof token !== 'function') throw new TypeError('token: a function that returns one');
  if ([token, vertex, apiKey].filter((one) => one !== undefined).length > 1) {
    throw new TypeError('one of apiKey, token and vertex');
  }
}
