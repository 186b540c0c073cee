import type { CallEnd } from '@agentao/calls';
import type { EarReport } from './ear.ts';

/** What happens on one line of a phone. */
export interface LineReport {
  /** How often it dialled or was rung. */
  readonly calls: number;
  /** `ended` as often as it came. */
  readonly ends: readonly CallEnd[];
  /** Who closed the socket before the phone did; `cut` is this bench. */
  readonly lost: 'cut' | 'gone' | undefined;
  /** What should not have happened. */
  readonly anomalies: readonly string[];
  /** One for each time. */
  readonly ears: readonly EarReport[];
}

/** What a caller and the callee do. */
export interface PairPlan {
  readonly serial: number;
  readonly slot: number;
  /** The digit of the connector. */
  readonly line: number;
  readonly lifeMs: number;
  readonly callee: 'answers' | 'rejects' | 'ignores' | 'absent';
  readonly answerAfterMs: number;
  /** After how long in the call the callee hangs up; left out = never. */
  readonly calleeTalkMs?: number;
  /** After how long the caller presses a key; left out = never. */
  readonly pressAfterMs?: number;
}

/** What came of it. */
export interface PairReport {
  readonly type: 'pair';
  readonly serial: number;
  /** Left out: the call was refused, or a phone did not get that far. */
  readonly callId?: string;
  readonly refusal?: string;
  readonly caller?: LineReport;
  readonly callee?: LineReport;
}

/** A call as the switch had it. */
export interface CallLog {
  readonly type: 'call';
  readonly callId: string;
  readonly calleeNumber: string;
  /** On the shared clock. */
  readonly arrivedMs: number;
  /** Three numbers for each change of who hears whom: when, on the shared clock; how late the switch was then; and who, see `hearing.ts`. */
  readonly changes: readonly number[];
  readonly ends: readonly CallEnd[];
  readonly owners: number;
  readonly resumes: number;
  readonly faults: readonly string[];
}

/** A handler has begun. `part` is unique in its process. */
export interface PartBegun {
  readonly type: 'begun';
  readonly part: number;
  readonly callId: string;
  readonly takenOver: boolean;
}

/** What an agent has heard since the last such message. */
export interface PartHeard {
  readonly type: 'heard';
  readonly part: number;
  readonly callId: string;
  readonly track: 'mix' | 'caller' | 'callee';
  readonly ear: EarReport;
}

/** A handler has come to its end. */
export interface PartOver {
  readonly type: 'part';
  readonly part: number;
  readonly ended: CallEnd | undefined;
  readonly endEvents: number;
  readonly anomalies: readonly string[];
}

/** How things stand in a process. */
export interface Status {
  readonly type: 'status';
  /** Calls that are live: in the switch, of a client, on the phones. */
  readonly calls: number;
  /** Sockets of the switch, handlers of an agent. */
  readonly busy: number;
  /** Errors that were logged. */
  readonly errors: readonly string[];
  readonly rssMb: number;
}

/** Everything a process may tell. */
export type Told =
  | { readonly type: 'ready'; readonly url?: string }
  | { readonly type: 'draining' }
  /** The last thing that is told. */
  | { readonly type: 'done' }
  | PairReport
  | CallLog
  | PartBegun
  | PartHeard
  | PartOver
  | Status;

/** Everything a process may be asked. */
export type Asked =
  | { readonly type: 'status' }
  /** Keep the event loop busy. */
  | { readonly type: 'block'; readonly ms: number }
  /** Set the wall clock. */
  | { readonly type: 'step'; readonly ms: number }
  | { readonly type: 'place'; readonly plan: PairPlan }
  /** Lose the socket of a line, if there is one: any number picks one. */
  | { readonly type: 'cut'; readonly pick: number }
  /** Everybody hangs up within `withinMs`. */
  | { readonly type: 'finish'; readonly withinMs: number };

/** The reasons of the table. */
export const endReasons: ReadonlySet<string> = new Set<CallEnd['reason']>([
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
]);
