import * as z from 'zod/mini';
import { callEventSchemas } from './call-event-schema.ts';
import { ping, pong } from './heartbeat-schema.ts';
import { mediaCommandSchemas } from './media-command-schema.ts';
import type {
  CommandResult,
  MediaAttach,
  MediaAttached,
  MediaClientMessage,
  MediaCredit,
  MediaEvent,
  MediaMark,
  MediaPlayout,
  MediaResponse,
  MediaResume,
  MediaResumed,
  MediaSwitchMessage,
} from './media-messages.ts';
import { exactly, message, type SchemaTable } from './message-schema.ts';
import {
  agentState,
  callMode,
  generation,
  humanText,
  id as name,
  incomingTracks,
  mediaRateHz,
  positiveU32,
  timeMs,
  token,
  u32,
} from './wire-values.ts';

const perTrack = z.object({
  mix: z.exactOptional(u32),
  caller: z.exactOptional(u32),
  callee: z.exactOptional(u32),
});

const attach = exactly<MediaAttach>()(
  message('attach', {
    sampleRateHz: mediaRateHz,
    tracks: z.exactOptional(incomingTracks),
    annotateAfterEnd: z.exactOptional(z.boolean()),
  }),
);

const resume = exactly<MediaResume>()(message('resume', { received: perTrack, lastEventSeq: u32, generation }));

const mark = exactly<MediaMark>()(message('mark', { position: u32 }));

const standing = {
  state: agentState,
  mode: z.nullable(callMode),
  atMs: timeMs,
  generation,
  upTo: u32,
  windowSamples: u32,
  resumeToken: token,
  resumeWithinMs: u32,
};

const attached = exactly<MediaAttached>()(message('attached', standing));

const resumed = exactly<MediaResumed>()(
  message('resumed', { ...standing, received: u32, played: u32, replayFrom: perTrack }),
);

const result = exactly<CommandResult>()(
  z.object({ position: z.exactOptional(u32), clearedSamples: z.exactOptional(u32) }),
);

const response = exactly<MediaResponse>()(
  z.discriminatedUnion('ok', [
    message('response', { id: positiveU32, ok: z.literal(true), result }),
    message('response', { id: positiveU32, ok: z.literal(false), error: z.object({ code: name, message: humanText }) }),
  ]),
);

const credit = exactly<MediaCredit>()(message('credit', { generation, upTo: u32 }));

const playout = exactly<MediaPlayout>()(
  message('playout', { generation, played: u32, audible: z.boolean(), atMs: timeMs }),
);

const event = exactly<MediaEvent>()(
  message('event', { seq: positiveU32, event: z.union(Object.values(callEventSchemas)) }),
);

export const mediaClientSchemas: SchemaTable<MediaClientMessage> = {
  attach,
  resume,
  ...mediaCommandSchemas,
  mark,
  ping,
  pong,
};
export const mediaSwitchSchemas: SchemaTable<MediaSwitchMessage> = {
  attached,
  resumed,
  response,
  credit,
  playout,
  event,
  ping,
  pong,
};
