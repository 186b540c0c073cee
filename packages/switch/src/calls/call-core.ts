import type { CallMode } from '@agentao/protocol';
import { type Conference, type ConferenceEvents, createConference } from '../media/conference.ts';
import type { AgentSession } from './agent-session.ts';
import type { CallEnding } from './call.ts';
import { type CallNotes, createCallNotes } from './call-notes.ts';
import type { CallOptions } from './call-options.ts';
import { type CallScope, createCallScope } from './call-scope.ts';
import { type CallStage, type CallTrigger, nextCallStage } from './call-table.ts';
import { type CallTimeline, createCallTimeline } from './call-timeline.ts';
import { type CalleeLine, type CalleeLineEvents, createCalleeLine } from './callee-line.ts';
import { type CallerLine, type CallerLineEvents, createCallerLine } from './caller-line.ts';

/** What the parts of one call share: who is on it, what it is now, and how a change is told. */
export interface CallCore {
  readonly options: CallOptions;
  readonly scope: CallScope;
  readonly timeline: CallTimeline;
  readonly notes: CallNotes;
  readonly conference: Conference;
  readonly caller: CallerLine;
  readonly callee: CalleeLine;
  readonly stage: CallStage;
  /** Whether the callee is being rung. */
  readonly ringing: boolean;
  /** Who has the call; setting it gives and takes its place in the conference. */
  agent: AgentSession | undefined;
  mode: CallMode | null;
  /** The longest PENDING is over; a ringing that was under way goes on to its end. */
  pendingOverdue: boolean;
  /** Moves along the call table. */
  advance(trigger: CallTrigger): void;
  /** Brings the matrix in line with what the call is now, and tells whoever watches. */
  changed(): void;
  /** Asks for an agent, or for one that takes over. */
  wantAgent(): void;
  /** Ends the call for all; `closingId` is the command of the agent that asked for it. */
  end(ending: CallEnding, closingId?: number): void;
}

/** What a core tells its call. */
export interface CallCoreEvents extends Pick<CallCore, 'changed' | 'wantAgent' | 'end'> {
  readonly conference: ConferenceEvents;
  readonly caller: CallerLineEvents;
  readonly callee: CalleeLineEvents;
  /** Something of this call threw. */
  fault(error: unknown): void;
}

/** Makes the core of a call that has just arrived. Throws `RangeError` where the caller's rate cannot be served. */
export function createCallCore(
  options: CallOptions,
  { atMs, events }: { readonly atMs: () => number; readonly events: CallCoreEvents },
): CallCore {
  const scope = createCallScope(options.clock, events.fault);
  const conference = createConference(events.conference);
  conference.tap = options.record?.tap;
  const edge = { scope, conference };
  const { caller: incoming, calleeNumber } = options.incoming;
  const caller = createCallerLine(incoming, { ...edge, events: events.caller });
  const callee = createCalleeLine({
    ...edge,
    find: () => options.ring(calleeNumber, incoming.number),
    events: events.callee,
  });
  let stage: CallStage = 'waiting';
  let agent: AgentSession | undefined;
  const timeline = createCallTimeline(options.callId, { atMs, write: options.onTimeline });
  return {
    ...edge,
    options,
    timeline,
    notes: createCallNotes((annotation) => {
      options.record?.annotated(annotation);
      // Nothing follows the end of a call in its timeline.
      if (stage !== 'ended') timeline.annotated(annotation);
    }),
    caller,
    callee,
    get stage() {
      return stage;
    },
    get ringing() {
      return callee.wish !== undefined;
    },
    get agent() {
      return agent;
    },
    set agent(next) {
      agent = next;
      conference.agent = next?.port;
    },
    mode: null,
    pendingOverdue: false,
    advance(trigger) {
      stage = nextCallStage(stage, trigger);
    },
    changed: events.changed,
    wantAgent: events.wantAgent,
    end: events.end,
  };
}
