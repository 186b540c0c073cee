import { type CallMode, limits, type TakeoverState } from '@agentao/protocol';
import type { AgentSession } from './agent-session.ts';
import type { CallCore } from './call-core.ts';
import type { CallEnding } from './call.ts';
import { aftermaths, type Departure } from './call-table.ts';
import type { RingWish } from './callee-line.ts';
import { type AttemptFailure, failedEnding } from './leg-endings.ts';
import { playPrompt } from './prompts.ts';

/** So many agents in a row may leave right after they have come; then nobody else is sought (PROTOCOL.md R-10). */
const mostBriefAgents = 8;

/** What a call does without an agent, by the table of what it does when one goes. */
export interface Succession {
  /** Whether an agent may have the call now: a first one, or one that takes over. */
  readonly open: boolean;
  /** What an agent takes over; `undefined` unless one is sought in mid-call. */
  readonly takeover: TakeoverState | undefined;
  /** The search is over: an agent has the call. */
  found(): void;
  /** The search was in vain. */
  nobodyReady(): void;
  /** The agent goes. `closingId` is the command with which it does. */
  depart(agent: AgentSession, how: Departure, closingId?: number): void;
  /** The caller was answered for an agent that has gone meanwhile. */
  answeredAlone(): void;
  /** The callee was rung in vain, and there is no agent to be told. */
  rungInVain(wish: RingWish, failure: AttemptFailure): void;
  /** The call is over. */
  stop(): void;
}

/** Makes the succession of a call that has had no agent yet. */
export function createSuccession(core: CallCore): Succession {
  const { options, timeline, notes, caller, callee } = core;
  let seeking = false;
  /** The mode that the agent leaves behind. */
  let mode: CallMode | null = null;
  /** How the agent went for which the callee is rung. */
  let departed: Departure = 'close';
  let prompt: Disposable | undefined;
  /** Agents in a row that have left an answered call sooner than after the time for which one is sought, and when the last one came. */
  let briefAgents = 0;
  let foundMs = 0;

  const seek = (): void => {
    seeking = true;
    timeline.note('seeking');
    core.changed();
    if (briefAgents < mostBriefAgents) core.wantAgent();
    else nobodyReady();
  };

  /** The end of a call in which nobody is left for the caller; it is told so if its line is open. */
  const giveUp = (ending: CallEnding): void => {
    if (core.stage !== 'answered') return core.end(ending);
    timeline.note('prompt');
    core.changed();
    prompt = playPrompt(core, options.prompts.nobodyLeft, () => core.end(ending));
  };

  const ringAlone = (): void => {
    const ringTimeMs = options.limits.agentlessRingMs;
    if (callee.ring({ connectId: undefined, mode: 'barge', ringTimeMs })) core.changed();
    else giveUp(failedEnding('CALLEE_UNREACHABLE'));
  };

  const nobodyReady = (): void => {
    if (core.agent || core.ringing || !(seeking || core.stage === 'waiting')) return;
    seeking = false;
    if (core.stage === 'connected') core.changed();
    else ringAlone();
  };

  return {
    get open() {
      return seeking || (core.stage === 'waiting' && !core.ringing && !caller.answering);
    },

    get takeover(): TakeoverState | undefined {
      if (!seeking) return undefined;
      const { context } = notes;
      if (core.stage === 'connected') return { state: 'CONNECTED', mode, context };
      return { state: 'ANSWERED', mode: null, context };
    },

    found() {
      seeking = false;
      foundMs = options.clock.now();
    },

    nobodyReady,

    depart(agent, how, closingId) {
      const { stage, ringing } = core;
      if (stage === 'ended') return;
      const aftermath = aftermaths[how][ringing ? 'ringing' : stage];
      if (aftermath === 'end') return core.end({ reason: 'left', by: 'agent' }, closingId);
      ({ mode } = core);
      departed = how;
      const brief = stage !== 'waiting' && options.clock.now() - foundMs < limits.takeoverWindowMs;
      briefAgents = brief ? briefAgents + 1 : 0;
      core.agent = undefined;
      core.mode = null;
      core.changed();
      if (how === 'lost') agent.lost();
      else agent.end(stage === 'waiting' && !ringing ? 'declined' : 'left', 'agent', closingId);
      if (aftermath === 'seek') seek();
      // With an answer under way, its outcome decides what comes next.
      else if (aftermath === 'offer' && !caller.answering) core.wantAgent();
      else if (stage === 'connected' && how !== 'close' && options.takeover.connected) seek();
    },

    answeredAlone: seek,

    rungInVain({ connectId }, { code }) {
      if (connectId === undefined || departed === 'close') return giveUp(failedEnding(code));
      if (core.stage === 'answered') return seek();
      core.changed();
      if (core.pendingOverdue) core.end({ reason: 'timeout', by: 'switch' });
      else core.wantAgent();
    },

    stop() {
      seeking = false;
      prompt?.[Symbol.dispose]();
    },
  };
}
