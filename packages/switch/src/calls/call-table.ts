/** What the call is, whoever is on it: nobody answered the caller yet, caller answered, caller and callee together, over. */
export type CallStage = 'waiting' | 'answered' | 'connected' | 'ended';

/** What moves the call from stage to stage. */
export type CallTrigger = 'caller_answered' | 'callee_connected' | 'ended';

/** One row: in `from`, `trigger` leads to `to`. */
export interface CallTransition {
  readonly from: CallStage;
  readonly trigger: CallTrigger;
  readonly to: CallStage;
}

/** The table "what the call is". Ringing the callee is a sub-state of `waiting` and `answered`. */
export const callTransitions: readonly CallTransition[] = [
  { from: 'waiting', trigger: 'caller_answered', to: 'answered' },
  { from: 'waiting', trigger: 'callee_connected', to: 'connected' },
  { from: 'answered', trigger: 'callee_connected', to: 'connected' },
  { from: 'waiting', trigger: 'ended', to: 'ended' },
  { from: 'answered', trigger: 'ended', to: 'ended' },
  { from: 'connected', trigger: 'ended', to: 'ended' },
];

/** The stage that follows. Throws `Error` where the table has no such row: a fault of the switch, never of a peer. */
export function nextCallStage(from: CallStage, trigger: CallTrigger): CallStage {
  const row = callTransitions.find((transition) => transition.from === from && transition.trigger === trigger);
  if (row === undefined) throw new Error(`the call table has no row for ${trigger} in ${from}`);
  return row.to;
}

/** How an agent goes while the call may live on: `close` by its own wish, `hand_over` for another to go on, `lost` with its connection. */
export type Departure = 'close' | 'hand_over' | 'lost';

/** What the call does then: it is offered as a new one, another client is sought that takes over, it ends, or goes on as it is. */
export type Aftermath = 'offer' | 'seek' | 'end' | 'go_on';

/**
 * What the call does without its agent. A ringing that goes on unanswered ends a call whose agent has closed, and is followed by `offer` or
 * `seek` otherwise. In conference, `go_on` is accompanied by a search where the connector asks for it and the agent has not closed.
 */
export const aftermaths: {
  readonly [How in Departure]: { readonly [Where in Exclude<CallStage, 'ended'> | 'ringing']: Aftermath };
} = {
  close: { waiting: 'offer', answered: 'end', ringing: 'go_on', connected: 'go_on' },
  hand_over: { waiting: 'offer', answered: 'seek', ringing: 'go_on', connected: 'go_on' },
  lost: { waiting: 'offer', answered: 'seek', ringing: 'go_on', connected: 'go_on' },
};
