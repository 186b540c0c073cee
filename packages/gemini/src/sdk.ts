import { LiveModelError } from '@agentao/agent';
import type { LiveSocket } from '@agentao/agent/internal';
import type { GeminiOptions } from './gemini-options.ts';

/** What is used of the SDK's session. */
export interface SdkSession {
  sendRealtimeInput(input: { readonly audio?: object; readonly text?: string }): void;
  sendToolResponse(response: { readonly functionResponses: readonly object[] }): void;
}

/** What is used of the SDK's client. */
export interface SdkLive {
  webSocketFactory?: { create: LiveSocket['create'] };
  connect(parameters: {
    readonly model: string;
    readonly config: object;
    readonly callbacks: object;
  }): Promise<SdkSession>;
}

const install = 'npm i @google/genai@^3.1.0';

async function tokenOf(token: NonNullable<GeminiOptions['token']>): Promise<string> {
  try {
    return await token();
  } catch (cause) {
    throw new LiveModelError('UNREACHABLE', 'There is no token for Gemini: token() has failed, see the cause.', {
      cause,
    });
  }
}

/** Loads the SDK and makes a client whose one connection runs over `socket`. */
export async function openSdk(options: GeminiOptions, socket: LiveSocket): Promise<SdkLive> {
  const { vertex, token } = options;
  const { GEMINI_API_KEY, GOOGLE_API_KEY, GOOGLE_GEMINI_BASE_URL } = process.env;
  const { apiKey = GEMINI_API_KEY ?? GOOGLE_API_KEY, baseUrl = GOOGLE_GEMINI_BASE_URL } = options;
  const key = token === undefined ? apiKey : await tokenOf(token);
  if (vertex === undefined && (key === undefined || key === '')) {
    throw new LiveModelError('REFUSED', 'There is no key for Gemini: set GEMINI_API_KEY, or give gemini({ apiKey }).');
  }
  const apiVersion = options.apiVersion ?? (token === undefined ? 'v1beta' : 'v1alpha');
  const { GoogleGenAI } = await import('@google/genai').catch((cause: unknown) => {
    throw new LiveModelError('NOT_INSTALLED', `@google/genai is not installed: ${install}`, { cause });
  });
  const httpOptions = { apiVersion, ...(baseUrl === undefined ? {} : { baseUrl }) };
  const client = new GoogleGenAI(
    vertex === undefined
      ? { apiKey: key ?? '', vertexai: false, httpOptions }
      : { vertexai: true, ...vertex, httpOptions: { ...httpOptions, apiVersion: options.apiVersion ?? 'v1beta1' } },
  );
  const live = client.live as unknown as SdkLive;
  if (typeof live.webSocketFactory?.create !== 'function') {
    throw new LiveModelError('NOT_INSTALLED', `This version of @google/genai is not known to work: ${install}`);
  }
  live.webSocketFactory = { create: socket.create };
  return live;
}
