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
import { type AgentPlayout, createAgentPlayout } from '../media/agent-playout.ts';
import { type AgentPort, createAgentPort } from '../media/agent-port.ts';
import type { AgentLink } from './agent-link.ts';
import { type AgentTrigger, nextAgentState } from './agent-table.ts';

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
  readonly link: AgentLink;
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
  /** The terminal event, then what is unanswered, then the answer to `closingId`, then the end of the link. Once. */
  end(reason: EndReason, by: EndedBy, closingId?: number): void;
}

/** What a session is made of. */
export interface AgentSessionOptions {
  readonly link: AgentLink;
  readonly atMs: () => number;
  /** Told of every event sent, for the timeline. */
  readonly onEvent: (event: CallEventMessage) => void;
}

/** Answers kept for repeats. The oldest is forgotten first. */
const keptAnswers = 256;

/** Makes the session of an agent that has just taken the call. */
export function createAgentSession({ link, atMs, onEvent }: AgentSessionOptions): AgentSession {
  const playout = createAgentPlayout({ sampleRateHz: link.sampleRateHz, roundTripMs: link.roundTripMs, sink: link });
  const port = createAgentPort({
    sampleRateHz: link.sampleRateHz,
    tracks: link.tracks,
    playout,
    hear: (track, samples, frame) => link.audio(track, samples, frame),
  });
  const open = new Set<number>();
  const answers = new Map<number, MediaResponse>();
  let state: AgentState = nextAgentState(null, 'accepted');

  const respond = (response: MediaResponse): void => {
    if (!open.delete(response.id)) return;
    answers.set(response.id, response);
    if (answers.size > keptAnswers) {
      for (const oldest of answers.keys()) {
        answers.delete(oldest);
        break;
      }
    }
    link.response(response);
  };

  const session: AgentSession = {
    link,
    playout,
    port,
    get state() {
      return state;
    },
    answerId: undefined,
    pendingMode: undefined,

    begin({ id }) {
      const answer = answers.get(id);
      if (answer !== undefined) link.response(answer);
      if (answer !== undefined || open.has(id)) return false;
      open.add(id);
      return true;
    },
    succeed: (id, result = {}) => respond({ type: 'response', id, ok: true, result }),
    fail: (id, code, message) => respond({ type: 'response', id, ok: false, error: { code, message } }),
    event(event) {
      const timed: CallEventMessage = { ...event, atMs: atMs() };
      onEvent(timed);
      link.event(timed);
    },
    move(trigger) {
      state = nextAgentState(state, trigger);
    },
    end(reason, by, closingId) {
      if (state === 'DISCONNECTED') return;
      session.move('terminated');
      session.event({ type: 'call.terminated', reason, by });
      for (const id of [...open]) {
        if (id !== closingId) session.fail(id, 'CALL_ENDED', 'The call has ended.');
      }
      if (closingId !== undefined) session.succeed(closingId);
      link.ended();
    },
  };
  return session;
}
