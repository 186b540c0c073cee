import type * as z from 'zod/mini';
import type { Ping, Pong } from './heartbeat-messages.ts';
import { exactly, message } from './message-schema.ts';
import { u32 } from './wire-values.ts';

export const ping: z.ZodMiniType<Ping> = exactly<Ping>()(message('ping', { id: u32 }));
export const pong: z.ZodMiniType<Pong> = exactly<Pong>()(message('pong', { id: u32 }));
