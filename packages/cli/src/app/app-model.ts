import { createLiveServer } from '@agentao/testing/live';
import type { App } from './find-app.ts';

/** The model of an app: the service, or a stand-in on this machine. */
export interface AppModel extends AsyncDisposable {
  readonly isLocal: boolean;
  /** One line for the person. */
  readonly line: string;
  /** What the agent gets to find it. */
  readonly env: Readonly<Record<string, string>>;
}

const keyNames = ['GEMINI_API_KEY', 'GOOGLE_API_KEY'] as const;

/** With a key in the environment: the service. Without one: a local server that plays the model by the rules of the app. */
export async function openAppModel(
  { rules, rulesFile }: Pick<App, 'rules' | 'rulesFile'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<AppModel> {
  const keyName = keyNames.find((name) => (env[name] ?? '') !== '');
  if (keyName !== undefined) {
    const line = `${keyName} is set: the model is Gemini, at your cost. Unset it to try the app without.`;
    return { isLocal: false, line, env: {}, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const server = await createLiveServer({ rules, voice: 'system' });
  const voice =
    server.voice === 'tones' ? 'in tones: install espeak-ng for a voice' : `in the voice of ${server.voice}`;
  return {
    isLocal: true,
    line: `No GEMINI_API_KEY: a local model speaks by the rules of ${rulesFile}, ${voice}.`,
    env: { GEMINI_API_KEY: 'local', GOOGLE_GEMINI_BASE_URL: server.url },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
