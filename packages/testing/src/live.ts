export {
  createLiveServer,
  type LiveServer,
  type LiveServerOptions,
  type LiveServerSession,
} from './live/live-server.ts';
export type { ModelRule, ModelRules, ToolWish } from './model/rules.ts';
export type { SpokenSentence, Voice } from './model/voice.ts';
