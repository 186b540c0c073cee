import type {
  AgentState,
  CallEventMessage,
  CallMode,
  CommandResult,
  EndedBy,
  EndReason,
  ErrorCode,
  MediaCommand,
  MediaResponse,
} from '@agentao/protocol';
import { type AgentPlayout, createAgentPlayout, type PlayoutSink } from '../media/agent-playout.ts';
import { type AgentPort, createAgentPort } from '../media/agent-port.ts';
import type { AgentAbsence, AgentAttachment, AgentLink, AgentResumption, AgentReturn } from './agent-link.ts';
import { type AgentTrigger, nextAgentState } from './agent-table.ts';
import { type AgentWire, createAgentWire } from './agent-wire.ts';
import type { Annotation } from './call-notes.ts';
import type { CallScope } from './call-scope.ts';

type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'atMs'> : never;

/** An event before the session stamps it. */
export type UntimedEvent = WithoutTime<CallEventMessage>;

/** A `mode` command that waits for its position. */
export interface PendingMode {
  readonly id: number;
  readonly mode: CallMode;
}

/** One agent on one call: its state by the table, its commands answered exactly once, its audio. */
export interface AgentSession {
  /** Which of the call's agents it is. */
  readonly epoch: number;
  /** The way to the agent, whatever connection carries it. */
  readonly wire: AgentWire;
  readonly state: AgentState;
  readonly playout: AgentPlayout;
  readonly port: AgentPort;
  /** The `answer` command under way. */
  answerId: number | undefined;
  pendingMode: PendingMode | undefined;
  /** Whether the command is new; a repeat is answered as the first time, at once or when that is decided. */
  begin(command: MediaCommand): boolean;
  succeed(id: number, result?: CommandResult): void;
  fail(id: number, code: ErrorCode, message: string): void;
  event(event: UntimedEvent): void;
  /** Moves along the agent table. */
  move(trigger: AgentTrigger): void;
  /** How things stand, for an agent that is new or back. */
  standing(mode: CallMode | null): Omit<AgentAttachment, 'epoch'>;
  /** Its connection is lost. True if that is news. */
  lose(link: AgentLink, absence: AgentAbsence): boolean;
  /** It is back on `link`: `answer` goes out first, then the events that it has missed, then `call.resumed`. */
  resume(link: AgentLink, back: AgentReturn, answer: (heard: HeardMeanwhile) => void): void;
  /** It is gone for good: `end`, with `taken_over` where it is still there to be told, and `media_lost` otherwise. */
  lost(): void;
  /** The terminal event, then what is unanswered, then the answer to `closingId`, then the end of the newest connection. Once. */
  end(reason: EndReason, by: EndedBy, closingId?: number): void;
}

/** What of an {@link AgentResumption} is not about how things stand. */
export type HeardMeanwhile = Pick<AgentResumption, 'received' | 'played' | 'replayFrom'>;

/** What a session is made of. */
export interface AgentSessionOptions {
  readonly epoch: number;
  /** How it came to the call. */
  readonly trigger: Extract<AgentTrigger, 'accepted' | 'taken_over_answered' | 'taken_over_connected'>;
  readonly link: AgentLink;
  readonly scope: CallScope;
  readonly atMs: () => number;
  /** The agent was away, and waited for in vain. */
  readonly onGone: () => void;
  /** Adds to the call's record; returns why not, if so. */
  readonly annotate: (annotation: Omit<Annotation, 'atMs'>) => string | undefined;
  /** Told of every event sent, for the timeline. */
  readonly onEvent: (event: CallEventMessage) => void;
}

/** Answers kept for repeats. The oldest is forgotten first. */
const keptAnswers = 256;

/** Makes the session of an agent that has just taken the call. */
export function createAgentSession(options: AgentSessionOptions): AgentSession {
  const { epoch, trigger: arrival, link, scope, atMs, ...told } = options;
  const { sampleRateHz, roundTripMs, tracks } = link;
  const wire = createAgentWire({
    link,
    scope,
    onOverflow: (party, droppedSamples) => session.event({ type: 'call.audio_overflow', party, droppedSamples }),
    onGone: told.onGone,
  });
  const sink: PlayoutSink = {
    credit: (generation, upTo) => wire.open?.credit(generation, upTo),
    playout: (generation, played) => wire.open?.playout(generation, played),
  };
  const playout = createAgentPlayout({ sampleRateHz, roundTripMs, sink });
  const port = createAgentPort({ sampleRateHz, tracks, playout, hear: wire.audio });
  const open = new Set<number>();
  const answers = new Map<number, MediaResponse>();
  let state: AgentState = nextAgentState(null, arrival);

  const keep = (response: MediaResponse): void => {
    answers.set(response.id, response);
    if (answers.size <= keptAnswers) return;
    for (const oldest of answers.keys()) {
      answers.delete(oldest);
      break;
    }
  };

  const respond = (response: MediaResponse): void => {
    if (!open.delete(response.id)) return;
    keep(response);
    wire.open?.response(response);
  };

  const answerLate = (command: MediaCommand): MediaResponse => {
    const { id } = command;
    const before = answers.get(id);
    if (before !== undefined) return before;
    const refuse = (code: ErrorCode, message: string): MediaResponse => ({
      type: 'response',
      id,
      ok: false,
      error: { code, message },
    });
    let response = refuse('CALL_ENDED', 'The call has ended.');
    if (command.type === 'annotate') {
      const refusal = told.annotate({ kind: command.kind, data: command.data });
      response =
        refusal === undefined ? { type: 'response', id, ok: true, result: {} } : refuse('BAD_ARGUMENT', refusal);
    }
    keep(response);
    return response;
  };

  const session: AgentSession = {
    epoch,
    wire,
    playout,
    port,
    get state() {
      return state;
    },
    answerId: undefined,
    pendingMode: undefined,

    begin({ id }) {
      const answer = answers.get(id);
      if (answer !== undefined) wire.open?.response(answer);
      if (answer !== undefined || open.has(id)) return false;
      open.add(id);
      return true;
    },
    succeed: (id, result = {}) => respond({ type: 'response', id, ok: true, result }),
    fail: (id, code, message) => respond({ type: 'response', id, ok: false, error: { code, message } }),
    event(event) {
      const timed: CallEventMessage = { ...event, atMs: atMs() };
      told.onEvent(timed);
      wire.event(timed);
    },
    move(trigger) {
      state = nextAgentState(state, trigger);
    },
    standing(mode) {
      const { generation, upTo, windowSamples } = playout;
      return { state, mode, atMs: atMs(), generation, upTo, windowSamples };
    },
    lose(lost, absence) {
      const wasThere = wire.open !== undefined;
      return wire.lose(lost, absence) && wasThere;
    },
    resume(next, back, answer) {
      // A clear is on its way: what it will drop is not to be played meanwhile.
      if (back.generation !== playout.generation) playout.holdForClear();
      playout.forgetMarks();
      const { outageMs, replayedSamples, replayFrom } = wire.resume(next, back);
      answer({ received: playout.received, played: playout.played, replayFrom });
      wire.repeatEvents(back.lastEventSeq);
      session.event({ type: 'call.resumed', outageMs, replayedSamples });
    },
    lost() {
      session.end(wire.open === undefined ? 'media_lost' : 'taken_over', 'switch');
    },
    end(reason, by, closingId) {
      if (state === 'DISCONNECTED') return;
      session.move('terminated');
      session.event({ type: 'call.terminated', reason, by });
      for (const id of [...open]) {
        if (id !== closingId) session.fail(id, 'CALL_ENDED', 'The call has ended.');
      }
      if (closingId !== undefined) session.succeed(closingId);
      const { generation, received, played, windowSamples } = playout;
      const standing = { atMs: atMs(), generation, received, played, windowSamples };
      wire.leave()?.ended({ reason, ...standing, events: wire.events, answer: answerLate });
    },
  };
  return session;
}
