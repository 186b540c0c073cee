import type { LiveModel } from '@agentao/agent';
import { GeminiConnection } from './gemini-connection.ts';
import { checkOptions, type GeminiOptions } from './gemini-options.ts';

const defaultModel = 'gemini-live-2.5-flash-preview';

/**
 * Gemini Live as a model for `voiceAgent`. Opens nothing before a call does; `@google/genai` is loaded then. Throws `TypeError` for options that are
 * wrong; a key that is missing or refused is a `LiveModelError` of the call.
 */
export function gemini(options: GeminiOptions = {}): LiveModel {
  checkOptions(options);
  const { model = defaultModel } = options;
  return {
    name: model,
    inputRateHz: 16_000,
    outputRateHz: 24_000,
    chunkMs: 100,
    abilities: { truncation: false, textDuringAudio: false, resumption: true },
    open: async (session) => {
      const connection = new GeminiConnection(model, options, session);
      await connection.open();
      return connection;
    },
  };
}
