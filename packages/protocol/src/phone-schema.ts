import * as z from 'zod/mini';
import { ping, pong } from './heartbeat-schema.ts';
import { exactly, message, type SchemaTable } from './message-schema.ts';
import type {
  PhoneAnswer,
  PhoneAnswered,
  PhoneClientMessage,
  PhoneDial,
  PhoneDialing,
  PhoneDtmf,
  PhoneEnded,
  PhoneError,
  PhoneHangUp,
  PhoneIncoming,
  PhoneRegister,
  PhoneRegistered,
  PhoneReject,
  PhoneSwitchMessage,
} from './phone-messages.ts';
import {
  dtmfDigit,
  endedBy,
  endReason,
  humanText,
  id,
  mediaRateHz,
  phoneNumber,
  timeMs,
  withheldNumber,
} from './wire-values.ts';

const register = exactly<PhoneRegister>()(
  message('register', {
    number: phoneNumber,
    sampleRateHz: mediaRateHz,
    outputDelayMs: z.exactOptional(timeMs),
    onlyIfFree: z.exactOptional(z.boolean()),
  }),
);

const dtmf = exactly<PhoneDtmf>()(message('dtmf', { digit: dtmfDigit, durationMs: z.exactOptional(timeMs) }));

export const phoneClientSchemas: SchemaTable<PhoneClientMessage> = {
  register,
  dial: exactly<PhoneDial>()(message('dial', { to: phoneNumber })),
  answer: exactly<PhoneAnswer>()(message('answer', {})),
  reject: exactly<PhoneReject>()(message('reject', {})),
  hangup: exactly<PhoneHangUp>()(message('hangup', {})),
  dtmf,
  ping,
  pong,
};

export const phoneSwitchSchemas: SchemaTable<PhoneSwitchMessage> = {
  registered: exactly<PhoneRegistered>()(message('registered', { number: phoneNumber })),
  dialing: exactly<PhoneDialing>()(message('dialing', { callId: id })),
  incoming: exactly<PhoneIncoming>()(message('incoming', { callId: id, from: withheldNumber })),
  answered: exactly<PhoneAnswered>()(message('answered', {})),
  dtmf,
  ended: exactly<PhoneEnded>()(message('ended', { reason: endReason, by: endedBy })),
  error: exactly<PhoneError>()(message('error', { code: id, message: humanText })),
  ping,
  pong,
};
