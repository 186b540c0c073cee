export {
  createLiveServer,
  type LiveServer,
  type LiveServerOptions,
} from './live/live-server.ts';
export type { LiveServerSession } from './live/live-session.ts';
