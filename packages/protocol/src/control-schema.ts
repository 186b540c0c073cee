import * as z from 'zod/mini';
import type {
  ControlClientMessage,
  ControlDecline,
  ControlError,
  ControlHello,
  ControlOffer,
  ControlOfferCancelled,
  ControlReady,
  ControlSwitchMessage,
  ControlWelcome,
} from './control-messages.ts';
import { ping, pong } from './heartbeat-schema.ts';
import { exactly, message, type SchemaTable } from './message-schema.ts';
import {
  callDirection,
  callMode,
  humanText,
  id,
  phoneNumber,
  positiveU32,
  token,
  url,
  withheldNumber,
} from './wire-values.ts';

const hello = exactly<ControlHello>()(
  message('hello', {
    client: id,
    connectorUuid: z.exactOptional(id),
    maxCalls: z.exactOptional(positiveU32),
    acceptsTakeover: z.exactOptional(z.boolean()),
  }),
);

const ready = exactly<ControlReady>()(message('ready', { ready: z.boolean() }));

const decline = exactly<ControlDecline>()(message('decline', { offerId: id }));

const welcome = exactly<ControlWelcome>()(
  message('welcome', { sessionId: id, connectorUuid: id, heartbeatMs: positiveU32 }),
);

const offer = exactly<ControlOffer>()(
  message('offer', {
    offerId: id,
    callId: id,
    callerNumber: withheldNumber,
    calleeNumber: phoneNumber,
    direction: callDirection,
    mediaUrl: url,
    mediaToken: token,
    acceptWithinMs: positiveU32,
    takeover: z.exactOptional(
      z.object({
        state: z.enum(['PENDING', 'ANSWERED', 'CONNECTED']),
        mode: z.nullable(callMode),
        context: z.unknown(),
      }),
    ),
  }),
);

const offerCancelled = exactly<ControlOfferCancelled>()(
  message('offer.cancelled', {
    offerId: id,
    reason: z.enum(['expired', 'declined', 'caller_gone', 'shutdown']),
  }),
);

const error = exactly<ControlError>()(message('error', { code: id, message: humanText }));

export const controlClientSchemas: SchemaTable<ControlClientMessage> = { hello, ready, decline, ping, pong };
export const controlSwitchSchemas: SchemaTable<ControlSwitchMessage> = {
  welcome,
  offer,
  'offer.cancelled': offerCancelled,
  error,
  ping,
  pong,
};
