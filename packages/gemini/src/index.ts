export { gemini } from './gemini.ts';
export type { GeminiOptions } from './gemini-options.ts';
