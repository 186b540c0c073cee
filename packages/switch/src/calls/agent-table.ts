import type { AgentState, MediaCommand } from '@agentao/protocol';

/** A command by its wire name. */
export type AgentVerb = MediaCommand['type'];

/** What moves the agent from state to state. */
export type AgentTrigger =
  | 'accepted'
  | 'taken_over_answered'
  | 'taken_over_connected'
  | 'answered'
  | 'answer_failed'
  | 'connected'
  | 'connect_failed'
  | 'mode_changed'
  | 'terminated';

/** One row: in `from`, `trigger` leads to `to`. `from` is `null` before the agent has the call. */
export interface AgentTransition {
  readonly from: AgentState | null;
  readonly trigger: AgentTrigger;
  readonly to: AgentState;
}

/** The table "what the agent sees". */
export const agentTransitions: readonly AgentTransition[] = [
  { from: null, trigger: 'accepted', to: 'PENDING' },
  { from: null, trigger: 'taken_over_answered', to: 'ANSWERED' },
  { from: null, trigger: 'taken_over_connected', to: 'CONNECTED' },
  { from: 'PENDING', trigger: 'answered', to: 'ANSWERED' },
  { from: 'PENDING', trigger: 'answer_failed', to: 'PENDING' },
  { from: 'PENDING', trigger: 'connected', to: 'CONNECTED' },
  { from: 'PENDING', trigger: 'connect_failed', to: 'PENDING' },
  { from: 'ANSWERED', trigger: 'connected', to: 'CONNECTED' },
  { from: 'ANSWERED', trigger: 'connect_failed', to: 'ANSWERED' },
  { from: 'CONNECTED', trigger: 'mode_changed', to: 'CONNECTED' },
  { from: 'PENDING', trigger: 'terminated', to: 'DISCONNECTED' },
  { from: 'ANSWERED', trigger: 'terminated', to: 'DISCONNECTED' },
  { from: 'CONNECTED', trigger: 'terminated', to: 'DISCONNECTED' },
];

/** Where a verb is allowed. `whileRinging`: also, not, or only while a `connect` rings the callee. */
export interface VerbRule {
  readonly in: readonly AgentState[];
  readonly whileRinging: 'too' | 'not' | 'only';
}

const alive = { in: ['PENDING', 'ANSWERED', 'CONNECTED'], whileRinging: 'too' } as const;

/** The verbs of each state. A verb that is not allowed is answered `INVALID_STATE`. */
export const agentVerbs: { readonly [Verb in AgentVerb]: VerbRule } = {
  answer: { in: ['PENDING'], whileRinging: 'too' },
  connect: { in: ['PENDING', 'ANSWERED'], whileRinging: 'not' },
  'connect.cancel': { in: ['PENDING', 'ANSWERED'], whileRinging: 'only' },
  mode: { in: ['CONNECTED'], whileRinging: 'not' },
  clear: alive,
  dtmf: { in: ['ANSWERED', 'CONNECTED'], whileRinging: 'too' },
  disconnect: alive,
  close: alive,
  tracks: alive,
  context: alive,
  annotate: alive,
};

/** Whether the table allows `verb`. */
export function allowsVerb(verb: AgentVerb, state: AgentState, ringing: boolean): boolean {
  const rule = agentVerbs[verb];
  if (!rule.in.includes(state)) return false;
  return rule.whileRinging === 'too' || ringing === (rule.whileRinging === 'only');
}

/** The state that follows. Throws `Error` where the table has no such row: a fault of the switch, never of a peer. */
export function nextAgentState(from: AgentState | null, trigger: AgentTrigger): AgentState {
  const row = agentTransitions.find((transition) => transition.from === from && transition.trigger === trigger);
  if (row === undefined) throw new Error(`the agent table has no row for ${trigger} in ${from}`);
  return row.to;
}
