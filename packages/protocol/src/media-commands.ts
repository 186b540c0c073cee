import type { CallMode, IncomingTrack } from './call-model.ts';

/** Every command carries an id: a positive integer, new for each command of a call. A repeat of an id is answered, not executed again. */
interface Command<Type extends string> {
  readonly type: Type;
  readonly id: number;
}

/** PENDING -> ANSWERED. */
export type AnswerCommand = Command<'answer'>;

/** Rings the callee; answered when that is decided. Success: CONNECTED in `mode` from the first tick. */
export interface ConnectCommand extends Command<'connect'> {
  /** 1,000 to 120,000. */
  readonly ringTimeMs: number;
  readonly mode: CallMode;
}

/** Stops the ringing started by the `connect` command with id `connectId`, which then fails with `CONNECT_CANCELLED`. */
export interface CancelConnectCommand extends Command<'connect.cancel'> {
  readonly connectId: number;
}

/** Where outgoing audio goes on after the sender has dropped its own queue. */
export interface Discard {
  /** The previous generation + 1, modulo 256. */
  readonly generation: number;
  /** End of all audio accepted by the client so far; the next sample has this position. */
  readonly position: number;
}

/** Changes who hears the agent. Only in CONNECTED. At most one of `discard` and `afterPosition` is present. */
export interface ModeCommand extends Command<'mode'> {
  readonly mode: CallMode;
  /** Drops outgoing audio not yet heard, as a `clear` does, on the very tick of the change. Left out = it is kept. */
  readonly discard?: Discard;
  /** Apply when the outgoing position reaches this sample; the response comes then. */
  readonly afterPosition?: number;
}

/** Drops outgoing audio not yet heard. The sender has dropped its own queue, and goes on at `position` in `generation`. */
export interface ClearCommand extends Command<'clear'>, Discard {}

/** Ends the call for all. */
export type DisconnectCommand = Command<'disconnect'>;

/** The agent leaves: PENDING declines, ANSWERED ends the call, CONNECTED leaves caller and callee talking. */
export interface CloseCommand extends Command<'close'> {
  /** The call is to go on without this agent, as if it were gone for good: in ANSWERED another client takes it over. Left out = false. */
  readonly handOver?: boolean;
}

/** Sends DTMF digits (0-9 * # A-D) to the people who hear the agent. */
export interface DtmfCommand extends Command<'dtmf'> {
  readonly digits: string;
}

/** Changes the incoming tracks. */
export interface TracksCommand extends Command<'tracks'> {
  readonly tracks: readonly IncomingTrack[];
}

/** Stores JSON (64 KB) for a client that takes over. */
export interface ContextCommand extends Command<'context'> {
  readonly context: unknown;
}

/** Adds to the call's record. */
export interface AnnotateCommand extends Command<'annotate'> {
  readonly kind: string;
  readonly data: unknown;
}

/** Everything that gets a `response`. */
export type MediaCommand =
  | AnswerCommand
  | ConnectCommand
  | CancelConnectCommand
  | ModeCommand
  | ClearCommand
  | DisconnectCommand
  | CloseCommand
  | DtmfCommand
  | TracksCommand
  | ContextCommand
  | AnnotateCommand;
