import * as z from 'zod/mini';
import type {
  AgentState,
  CallDirection,
  CallMode,
  EndedBy,
  EndReason,
  IncomingTrack,
  MediaRateHz,
  Party,
} from './call-model.ts';
import { limits } from './limits.ts';
import { exactly } from './message-schema.ts';

type Text = z.ZodMiniType<string>;
type Quantity = z.ZodMiniType<number>;

function text(minLength: number, maxLength: number): Text {
  // Zod counts code points, the protocol UTF-16 code units.
  const fits = z.refine<string>((value) => value.length <= maxLength, `must be at most ${maxLength} characters`);
  return z.string().check(z.minLength(minLength), z.maxLength(maxLength), fits);
}

function whole(min: number, max: number): Quantity {
  return z.int().check(z.gte(min), z.lte(max));
}

const maxU32 = 0xffff_ffff;

/** Opaque identifier, short name, or a code of the error table (which may grow). */
export const id: Text = text(1, limits.idLength);
/** No control characters: numbers are printed on terminals and in logs. */
const printable = z.regex(/^\P{Cc}*$/u);

/** Phone number or caller identity. */
export const phoneNumber: Text = text(1, limits.numberLength).check(printable);
/** The same, empty when withheld. */
export const withheldNumber: Text = text(0, limits.numberLength).check(printable);
export const token: Text = text(1, limits.tokenLength);
export const url: Text = text(1, limits.urlLength);
/** Text for people. */
export const humanText: Text = text(0, limits.textLength);
export const dtmfDigit: Text = z.string().check(z.regex(/^[0-9*#A-D]$/));
export const dtmfDigits: Text = z.string().check(z.maxLength(limits.dtmfDigitsMax), z.regex(/^[0-9*#A-D]+$/));

/** Ids of commands and pings, sequence numbers, and amounts that cannot be nought. */
export const positiveU32: Quantity = whole(1, maxU32);
/** Positions and counts of samples, whole milliseconds. */
export const u32: Quantity = whole(0, maxU32);
export const generation: Quantity = whole(0, 255);
export const ringTimeMs: Quantity = whole(limits.ringTimeMinMs, limits.ringTimeMaxMs);
/** A time or duration in milliseconds, fractions allowed. */
export const timeMs: Quantity = z.number().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER));
/** Level in dBFS; a square wave is a little above 0. */
export const dbfs: Quantity = z.number().check(z.gte(-120), z.lte(6));

export const agentState: z.ZodMiniType<AgentState> = exactly<AgentState>()(
  z.enum(['PENDING', 'ANSWERED', 'CONNECTED', 'DISCONNECTED']),
);
export const callMode: z.ZodMiniType<CallMode> = exactly<CallMode>()(z.enum(['barge', 'whisper', 'spy']));
export const callDirection: z.ZodMiniType<CallDirection> = exactly<CallDirection>()(z.enum(['MT', 'MO']));
export const party: z.ZodMiniType<Party> = exactly<Party>()(z.enum(['caller', 'callee']));
export const endedBy: z.ZodMiniType<EndedBy> = exactly<EndedBy>()(z.enum(['caller', 'callee', 'agent', 'switch']));
export const endReason: z.ZodMiniType<EndReason> = exactly<EndReason>()(
  z.enum([
    'hangup',
    'disconnected',
    'left',
    'declined',
    'unanswered',
    'rejected',
    'timeout',
    'taken_over',
    'media_lost',
    'shutdown',
    'failed',
  ]),
);
export const incomingTrack: z.ZodMiniType<IncomingTrack> = exactly<IncomingTrack>()(
  z.enum(['mix', 'caller', 'callee']),
);
export const incomingTracks: z.ZodMiniType<IncomingTrack[]> = z.array(incomingTrack).check(z.maxLength(3));
export const mediaRateHz: z.ZodMiniType<MediaRateHz> = exactly<MediaRateHz>()(z.literal([8000, 16000, 24000]));
