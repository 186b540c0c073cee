import type { Clock, Wheel } from '@agentao/clock';
import type { IncomingCall, Leg } from '../legs/leg.ts';
import type { CallRecord } from '../records/call-records.ts';
import type { Call, CallEnding, TimelineEntry } from './call.ts';
import type { CallPrompts } from './prompts.ts';

/** Deadlines of a connector's calls. */
export interface CallLimits {
  /** Longest PENDING, default 120,000. */
  readonly maxPendingMs: number;
  /** Longest call, default 14,400,000. */
  readonly maxCallMs: number;
  /** Ring time when the callee is rung without an agent, default 60,000. */
  readonly agentlessRingMs: number;
}

/** When a call is offered to somebody who takes it over. */
export interface TakeoverPolicy {
  /**
   * Whether a call in which caller and callee talk to each other is offered to another client when its agent is gone. Default false: they
   * talk on by themselves.
   */
  readonly connected: boolean;
}

/** What a call needs from its surroundings. */
export interface CallOptions {
  readonly callId: string;
  readonly connectorUuid: string;
  readonly incoming: IncomingCall;
  readonly clock: Clock;
  readonly wheel: Wheel;
  readonly limits: CallLimits;
  readonly takeover: TakeoverPolicy;
  readonly prompts: CallPrompts;
  /** Rings the callee at the first provider that knows the number. */
  readonly ring: (number: string, from: string) => Leg | undefined;
  /**
   * The call wants an agent: on arrival is the switch's own doing; again after a decline or a loss in PENDING, and in mid-call, where
   * `call.takeover` tells what is taken over. What comes of it is told by `attach` or `nobodyReady`.
   */
  readonly onWantsAgent: (call: Call) => void;
  readonly onTimeline: (entry: TimelineEntry) => void;
  /** State, ringing, mode or who hears whom may be another. Must not throw. */
  readonly onChanged: (call: Call) => void;
  readonly onEnded: (call: Call, ending: CallEnding) => void;
  /** Where the call is written down; nowhere if left out. */
  readonly record?: CallRecord | undefined;
}
