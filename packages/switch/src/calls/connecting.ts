import type { ConnectCommand } from '@agentao/protocol';
import type { AgentSession } from './agent-session.ts';
import type { CallCore } from './call-core.ts';
import type { RingWish } from './callee-line.ts';
import { type AttemptFailure, attemptFailure } from './leg-endings.ts';
import type { Succession } from './succession.ts';

/** How a call gets from a caller who waits to one who is answered, and to three in conference. */
export interface Connecting {
  answer(agent: AgentSession, id: number): void;
  connect(agent: AgentSession, command: ConnectCommand): void;
  cancel(agent: AgentSession, id: number, connectId: number): void;
  callerAnswered(): void;
  callerAnswerFailed(message: string): void;
  calleePickedUp(): void;
  ringingFailed(wish: RingWish, failure: AttemptFailure): void;
  /** The longest PENDING is over. A ringing goes on to its end. */
  pendingTooLong(): void;
}

/** Makes it; what comes of an attempt whose agent has gone is left to `succession`. */
export function createConnecting(core: CallCore, succession: Succession): Connecting {
  const { caller, callee } = core;

  const connectFailed = (agent: AgentSession, connectId: number, { code, message }: AttemptFailure): void => {
    agent.move('connect_failed');
    agent.event({ type: 'call.connect_failed', errorCode: code, errorMessage: message });
    agent.fail(connectId, code, message);
  };

  const connected = (): void => {
    const { wish } = callee;
    if (wish === undefined) return;
    const { agent } = core;
    callee.connected();
    core.advance('callee_connected');
    core.mode = agent ? wish.mode : null;
    agent?.move('connected');
    core.changed();
    if (!agent || wish.connectId === undefined) return;
    agent.event({ type: 'call.connected', mode: wish.mode });
    agent.succeed(wish.connectId);
  };

  const pendingTooLong = (): void => {
    core.pendingOverdue = true;
    if (core.stage === 'waiting' && !core.ringing) core.end({ reason: 'timeout', by: 'switch' });
  };

  const ringingFailed = (wish: RingWish, failure: AttemptFailure): void => {
    const { agent } = core;
    if (!agent || wish.connectId === undefined) return succession.rungInVain(wish, failure);
    core.changed();
    connectFailed(agent, wish.connectId, failure);
    if (core.pendingOverdue) pendingTooLong();
  };

  const stopRinging = (failure: AttemptFailure, by: 'agent' | 'switch'): void => {
    const { wish } = callee;
    if (wish === undefined) return;
    callee.drop('unanswered', by);
    ringingFailed(wish, failure);
  };

  return {
    answer(agent, id) {
      if (agent.answerId !== undefined) return agent.fail(id, 'INVALID_STATE', 'The caller is being answered already.');
      agent.answerId = id;
      caller.answer();
    },

    connect(agent, { id, ringTimeMs, mode }) {
      if (callee.ring({ connectId: id, mode, ringTimeMs })) core.changed();
      else connectFailed(agent, id, attemptFailure('unreachable'));
    },

    cancel(agent, id, connectId) {
      if (callee.wish?.connectId !== connectId) {
        return agent.fail(id, 'BAD_ARGUMENT', 'connectId is not that of the ringing connect.');
      }
      stopRinging({ code: 'CONNECT_CANCELLED', message: 'The agent cancelled the ringing.' }, 'agent');
      agent.succeed(id);
    },

    callerAnswered() {
      if (core.stage !== 'waiting') return;
      const { agent } = core;
      // A `connect` alone leads from PENDING straight to CONNECTED; an `answer` beside it is told first.
      if (callee.pickedUp && agent?.answerId === undefined) return connected();
      core.advance('caller_answered');
      agent?.move('answered');
      core.changed();
      if (agent) {
        agent.event({ type: 'call.answered' });
        if (agent.answerId !== undefined) agent.succeed(agent.answerId);
        agent.answerId = undefined;
      }
      if (callee.pickedUp) connected();
      else if (!agent && !core.ringing) succession.answeredAlone();
    },

    callerAnswerFailed(message) {
      const { agent } = core;
      const id = agent?.answerId;
      if (agent && id !== undefined) {
        agent.answerId = undefined;
        agent.move('answer_failed');
        agent.event({ type: 'call.answer_failed', errorCode: 'ANSWER_FAILED', errorMessage: message });
        agent.fail(id, 'ANSWER_FAILED', message);
      }
      if (callee.pickedUp) stopRinging({ code: 'ANSWER_FAILED', message }, 'switch');
      else if (!agent && !core.ringing) core.wantAgent();
    },

    calleePickedUp() {
      if (core.stage === 'answered') connected();
      else caller.answer();
    },

    ringingFailed,
    pendingTooLong,
  };
}
