import type { Timer } from '@agentao/clock';
import {
  type CloseCodeName,
  closeCodes,
  limits,
  type MediaAttached,
  type MediaClientMessage,
  type MediaResume,
  type MediaResumed,
} from '@agentao/protocol';
import { createBackoff } from '@agentao/transport';
import { toError, WSSMediaError } from './errors.ts';
import { type MediaConnection, type MediaListener, type MediaPlace, mayReturn, openMedia } from './media-connection.ts';

/** What an outage has while it lasts, whatever is tried in it. */
interface Outage {
  readonly sinceMs: number;
  readonly endMs: number;
  /** At its end the call is given up. */
  readonly deadline: Timer;
}

/**
 * Where the media connection of a call stands. `away`: lost, the next attempt is set. `resuming`: one is under way. `leaving`: the call is over, and
 * may be added to. `over`: for good. One owner, so that there is never more than one attempt.
 */
export type LineState =
  | { readonly name: 'open' | 'leaving'; readonly connection: MediaConnection }
  | { readonly name: 'away'; readonly outage: Outage; readonly timer: Timer }
  | { readonly name: 'resuming'; readonly outage: Outage; readonly abort: AbortController }
  | { readonly name: 'over' };

/** The call at the end of a line. */
export interface LineOwner extends Omit<MediaListener, 'closed'> {
  /** What the switch is told first when there is a connection again. */
  whereabouts(): Omit<MediaResume, 'type'>;
  /** The connection is lost; there may be another one. */
  lost(): void;
  /** There is one: the call goes on from here. Throws `ProtocolError` for what it cannot go on from. */
  resumed(resumed: MediaResumed): void;
  /** There will be none. */
  gone(error: WSSMediaError): void;
  /** The connection of a call that is over has ended. */
  left(): void;
}

/** The media connection of one call, opened again when it is lost. */
export interface MediaLine {
  readonly listener: MediaListener;
  /** Dropped while there is no connection, as `sendFrame` is: its owner sends it again. */
  send(message: MediaClientMessage): void;
  sendFrame(frame: Uint8Array): void;
  /** Whether the connection is: audio had better wait. */
  readonly isBehind: boolean;
  /** The call is over: from here on there are commands and responses only, and no other connection. False if there is none now. */
  leave(): boolean;
  /**
   * Says goodbye. A goodbye that the switch has to hear (`FORCE_DISCONNECT`) is said as soon as there is a connection again, within the
   * window. Idempotent.
   */
  close(name: CloseCodeName): void;
}

/** What a line is made of. */
export interface MediaLineOptions extends MediaPlace {
  readonly connection: MediaConnection;
  readonly attached: Pick<MediaAttached, 'resumeToken' | 'resumeWithinMs'>;
  /** Uniform in [0, 1), for the jitter of the attempts. */
  readonly random: () => number;
  readonly owner: LineOwner;
}

/** Every attempt waits for this, and a random time that grows. Shorter than for control connections, because somebody is on the phone. */
const leastWaitMs = 50;
const firstWaitMs = 100;
const longestWaitMs = 1_000;

/** A connection that lived for so long has the waits begin anew. */
const settledMs = limits.reconnectSettledMs;

/** How long one attempt may take: a line that is that slow is no use for a call. */
const attemptMs = limits.mediaDeadMs;

/** Makes the line of a call that has just been attached on `connection`. */
export function createMediaLine(options: MediaLineOptions): MediaLine {
  const { callId, clock, logger, owner, random } = options;
  const backoff = createBackoff({ baseMs: firstWaitMs, capMs: longestWaitMs, settledMs, random });
  let { resumeToken, resumeWithinMs } = options.attached;
  let openedMs = clock.now();
  let state: LineState = { name: 'open', connection: options.connection };
  /** What the switch is still to be told by a close code, now that the call is over on this side. */
  let goodbye: CloseCodeName | undefined;

  const over = (): void => {
    const last = state;
    state = { name: 'over' };
    if (last.name === 'away') last.timer.cancel();
    if (last.name === 'resuming') last.abort.abort();
    if (last.name === 'away' || last.name === 'resuming') last.outage.deadline.cancel();
  };

  const giveUp = (code: 'TAKEN_OVER' | 'MEDIA_LOST', message: string, cause?: Error): void => {
    over();
    logger.error({ callId, code, ...(cause && { err: cause }) }, 'media connection lost for good');
    if (goodbye === undefined) owner.gone(new WSSMediaError(message, { code, ...(cause && { cause }) }));
  };

  const wait = (outage: Outage): void => {
    const retryInMs = leastWaitMs + backoff.next();
    state = { name: 'away', outage, timer: clock.setTimer(clock.now() + retryInMs, () => attempt(outage)) };
  };

  const attempt = (outage: Outage): void => {
    const abort = new AbortController();
    const attempted: LineState = { name: 'resuming', outage, abort };
    state = attempted;
    const request = {
      ...options,
      token: resumeToken,
      begin: (): MediaResume => ({ type: 'resume', ...owner.whereabouts() }),
      timeoutMs: Math.max(1, Math.min(attemptMs, outage.endMs - clock.now())),
      signal: abort.signal,
    };
    let resumed: LineState | undefined;
    const opening = openMedia(request, (connection, answer) => {
      if (answer.type !== 'resumed') throw new Error('a resume is answered by resumed');
      resumed = { name: 'open', connection };
      state = resumed;
      ({ resumeToken, resumeWithinMs } = answer);
      openedMs = clock.now();
      if (goodbye === undefined) {
        owner.resumed(answer);
        logger.info({ callId, outageMs: Math.round(clock.now() - outage.sinceMs) }, 'media connection resumed');
      }
      outage.deadline.cancel();
      if (goodbye !== undefined) close(goodbye);
      return listener;
    });
    opening.catch((error: unknown) => {
      if (state !== attempted && state !== resumed) return;
      if (!(error instanceof WSSMediaError) || error.retryable) {
        logger.warn({ callId, err: toError(error) }, 'media connection not resumed yet');
        wait(outage);
        return;
      }
      outage.deadline.cancel();
      giveUp(error.code === 'TAKEN_OVER' ? error.code : 'MEDIA_LOST', 'the media connection cannot be resumed', error);
    });
  };

  const closed = (code: number): void => {
    if (state.name === 'leaving') {
      over();
      owner.left();
      return;
    }
    if (state.name !== 'open') return;
    if (!mayReturn(code)) {
      const takenOver = code === closeCodes.TAKEN_OVER.code;
      giveUp(takenOver ? 'TAKEN_OVER' : 'MEDIA_LOST', `the media connection is gone: ${code}`);
      return;
    }
    logger.warn({ callId, code }, 'media connection lost, trying again');
    const sinceMs = clock.now();
    // A switch may wait for less; nobody stays on the phone for more.
    const endMs = sinceMs + Math.min(resumeWithinMs, limits.resumeWindowMs);
    const deadline = clock.setTimer(endMs, () =>
      giveUp('MEDIA_LOST', 'the media connection did not come back in time'),
    );
    backoff.sessionLived(sinceMs - openedMs);
    owner.lost();
    wait({ sinceMs, endMs, deadline });
  };

  const close = (name: CloseCodeName): void => {
    if (state.name === 'over') return;
    if (state.name === 'open' || state.name === 'leaving') {
      const { connection } = state;
      over();
      connection.close(name);
      return;
    }
    if (name === 'FORCE_DISCONNECT') goodbye = name;
    else over();
  };

  /** What comes behind the end of the call is a response, or nothing that matters. */
  const unlessLeaving =
    <Arguments extends readonly unknown[]>(tell: (...told: Arguments) => void) =>
    (...told: Arguments): void => {
      if (state.name !== 'leaving') tell(...told);
    };

  const listener: MediaListener = {
    response: (response) => owner.response(response),
    credit: unlessLeaving((generation, upTo) => owner.credit(generation, upTo)),
    playout: unlessLeaving((played) => owner.playout(played)),
    event: unlessLeaving((seq, event) => owner.event(seq, event)),
    frame: unlessLeaving((header, samples) => owner.frame(header, samples)),
    room: unlessLeaving(() => owner.room()),
    closed,
  };

  return {
    listener,
    send: (message) => {
      if (state.name === 'open' || state.name === 'leaving') state.connection.send(message);
    },
    sendFrame: (frame) => {
      if (state.name === 'open') state.connection.sendFrame(frame);
    },
    get isBehind() {
      return state.name === 'open' && state.connection.isBehind;
    },
    leave: () => {
      if (state.name !== 'open') return false;
      state = { name: 'leaving', connection: state.connection };
      return true;
    },
    close,
  };
}
