import type { LiveSession } from '@agentao/agent';
import { createSystemClock } from '@agentao/clock';
import { gemini } from '@agentao/gemini';
import type { AudioSession } from './audio-session.ts';

const clock = createSystemClock(globalThis);
const silent = (): void => {};
const logger = { debug: silent, info: silent, warn: silent, error: silent };

/** A conversation through the integration of Gemini, as the bridge opens it. */
export async function openGeminiSession(url: string, onAudio: (samples: Int16Array) => void): Promise<AudioSession> {
  const model = gemini({ apiKey: 'any', baseUrl: url });
  const closing = new AbortController();
  const session: LiveSession = {
    // Only its id is asked for.
    call: { callId: 'bench' } as LiveSession['call'],
    clock,
    logger,
    instruction: 'You answer the phone.',
    tools: [],
    signal: closing.signal,
    onEvent: (event) => {
      if (event.type === 'audio') onAudio(event.samples);
    },
    runTool: () => Promise.resolve({ error: 'none' }),
  };
  const connection = await model.open(session);
  return {
    sendAudio: (samples) => connection.sendAudio(samples),
    close: () => closing.abort(),
  };
}
