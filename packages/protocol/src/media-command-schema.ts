import * as z from 'zod/mini';
import { jsonBytes } from './json-bytes.ts';
import { limits } from './limits.ts';
import type {
  AnnotateCommand,
  AnswerCommand,
  CancelConnectCommand,
  ClearCommand,
  CloseCommand,
  ConnectCommand,
  ContextCommand,
  Discard,
  DisconnectCommand,
  DtmfCommand,
  MediaCommand,
  ModeCommand,
  TracksCommand,
} from './media-commands.ts';
import { exactly, message, type SchemaTable } from './message-schema.ts';
import {
  callMode,
  dtmfDigits,
  generation,
  id as name,
  incomingTracks,
  positiveU32,
  ringTimeMs,
  u32,
} from './wire-values.ts';

const id = positiveU32;
const discard = exactly<Discard>()(z.object({ generation, position: u32 }));

function json(maxBytes: number): z.ZodMiniUnknown {
  return z
    .unknown()
    .check(
      z.refine(
        (value) => value !== undefined && jsonBytes(value) <= maxBytes,
        `must be JSON of at most ${maxBytes} bytes`,
      ),
    );
}

const mode = exactly<ModeCommand>()(
  message('mode', {
    id,
    mode: callMode,
    discard: z.exactOptional(discard),
    afterPosition: z.exactOptional(u32),
  }).check(
    z.refine((command) => command.discard === undefined || command.afterPosition === undefined, {
      path: ['discard'],
      error: 'must not stand beside afterPosition',
    }),
  ),
);

export const mediaCommandSchemas: SchemaTable<MediaCommand> = {
  answer: exactly<AnswerCommand>()(message('answer', { id })),
  connect: exactly<ConnectCommand>()(message('connect', { id, ringTimeMs, mode: callMode })),
  'connect.cancel': exactly<CancelConnectCommand>()(message('connect.cancel', { id, connectId: id })),
  mode,
  clear: exactly<ClearCommand>()(message('clear', { id, generation, position: u32 })),
  disconnect: exactly<DisconnectCommand>()(message('disconnect', { id })),
  close: exactly<CloseCommand>()(message('close', { id, handOver: z.exactOptional(z.boolean()) })),
  dtmf: exactly<DtmfCommand>()(message('dtmf', { id, digits: dtmfDigits })),
  tracks: exactly<TracksCommand>()(message('tracks', { id, tracks: incomingTracks })),
  context: exactly<ContextCommand>()(message('context', { id, context: json(limits.contextBytes) })),
  annotate: exactly<AnnotateCommand>()(message('annotate', { id, kind: name, data: json(limits.annotationBytes) })),
};
