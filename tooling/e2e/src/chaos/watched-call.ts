import type { ActiveCall, AgentState, AnyCallEvent, CallEnd, CallMode } from '@agentao/calls';
import type { Ledger } from './ledger.ts';
import { voices } from './witness.ts';

/** One call as one client has it, with all that was seen of it. */
export interface WatchedCall {
  readonly call: ActiveCall;
  /** Which client's. */
  readonly client: number;
  readonly events: readonly AnyCallEvent[];
  readonly states: readonly AgentState[];
  readonly modes: ReadonlySet<CallMode>;
  /** When it was last resumed, on the clock; `undefined` if it never was. */
  readonly resumedMs: number | undefined;
  readonly end: CallEnd | undefined;
  /** Times that the mix it hears has jumped ahead, or back. */
  readonly jumps: { readonly ahead: number; readonly back: number };
  /** It was torn down from the client's side. */
  forced: boolean;
  /** Verbs that succeeded, by name. */
  readonly done: Map<string, number>;
}

/** What a state may be followed by, by event: the agent's table of the design. */
const after: { readonly [event: string]: readonly (readonly [AgentState, AgentState])[] } = {
  'call.answered': [['PENDING', 'ANSWERED']],
  'call.answer_failed': [['PENDING', 'PENDING']],
  'call.connected': [
    ['PENDING', 'CONNECTED'],
    ['ANSWERED', 'CONNECTED'],
  ],
  'call.connect_failed': [
    ['PENDING', 'PENDING'],
    ['ANSWERED', 'ANSWERED'],
  ],
  'call.mode_changed': [['CONNECTED', 'CONNECTED']],
};

/** The state behind an event, or `undefined` where the table has no such row. */
export function stateAfter(state: AgentState, event: string): AgentState | undefined {
  if (event === 'call.terminated') return state === 'DISCONNECTED' ? undefined : 'DISCONNECTED';
  const rows = after[event];
  if (rows === undefined) return state;
  return rows.find(([from]) => from === state)?.[1];
}

/** What a call is watched with. */
export interface WatchOptions {
  readonly ledger: Ledger;
  readonly nowMs: () => number;
  /** The number that was last known to be stored as the context of each call. */
  readonly contexts: ReadonlyMap<string, number>;
}

/** Watches `call` from now on, which must be the moment at which its handler is given it. */
export function watchCall(call: ActiveCall, client: number, { ledger, nowMs, contexts }: WatchOptions): WatchedCall {
  const { complaints, track } = ledger;
  const events: AnyCallEvent[] = [];
  const states: AgentState[] = [];
  const modes = new Set<CallMode>(call.mode === null ? [] : [call.mode]);
  const name = `${call.callId} at client ${client}`;
  let end: CallEnd | undefined;
  let resumedMs: number | undefined;
  let state = call.state;
  if (call.takenOver ? state === 'DISCONNECTED' : state !== 'PENDING') complaints.push(`${name} begins in ${state}`);

  if ((state === 'CONNECTED') !== (call.mode !== null)) complaints.push(`${name} begins as ${state} in ${call.mode}`);
  const { number = 0 } = (call.context ?? {}) as { readonly number?: number };
  const stored = contexts.get(call.callId) ?? 0;
  if (call.takenOver && number < stored) complaints.push(`${name} finds the context ${number}, not ${stored}`);

  call.state$.subscribe((next) => states.push(next));
  call.events$.subscribe((event) => {
    events.push(event);
    if (event.type === 'call.resumed') resumedMs = nowMs();
    const next = stateAfter(state, event.type);
    if (next === undefined) complaints.push(`${name}: ${event.type} in ${state}`);
    else if (next !== call.state) complaints.push(`${name}: ${event.type} in ${state} leads to ${call.state}`);
    state = call.state;
    if ((state === 'CONNECTED') !== (call.mode !== null)) complaints.push(`${name} is ${state} in ${call.mode}`);
    if (call.mode !== null) modes.add(call.mode);
  });
  const jumps = { ahead: 0, back: 0 };
  let nextPosition: number | undefined;
  for (const party of ['mix', 'callee'] as const) {
    call.audio$({ party }).subscribe(({ samples, positionSamples }) => {
      if (party === 'mix') {
        if (nextPosition !== undefined && positionSamples > nextPosition) jumps.ahead++;
        if (nextPosition !== undefined && positionSamples < nextPosition) jumps.back++;
        nextPosition = positionSamples + samples.length;
      }
      // Ringing of a resampler comes on top.
      const most = party === 'mix' ? 1.2 * (voices.caller + voices.callee) : 1.2 * voices.callee;
      if (samples.some((sample) => Math.abs(sample) > most)) complaints.push(`${name} hears somebody else as ${party}`);
    });
  }
  const succeeded = (told: CallEnd): void => {
    end = told;
  };
  track({ client, what: `ended of ${name}`, succeeded }, call.ended);
  return {
    call,
    client,
    events,
    states,
    modes,
    get resumedMs() {
      return resumedMs;
    },
    get end() {
      return end;
    },
    jumps,
    forced: false,
    done: new Map(),
  };
}

/** What is wrong with a call that should be over. */
export function judgeWatched({ call, client, events, states, end, done, jumps }: WatchedCall): string[] {
  const name = `${call.callId} at client ${client}`;
  const wrong: string[] = [];
  const terminal = events.filter(({ type }) => type === 'call.terminated');
  const last = events.at(-1);
  if (end === undefined || !call.signal.aborted) wrong.push(`${name} has not ended`);
  if (terminal.length !== 1 || last?.type !== 'call.terminated') {
    wrong.push(`${name} was told ${events.map(({ type }) => type).join(', ')}`);
  } else if (last.reason !== end?.reason || last.by !== end.by) {
    wrong.push(`${name} ended as ${JSON.stringify(end)} and was told ${JSON.stringify(last)}`);
  }
  if (call.state !== 'DISCONNECTED' || states.at(-1) !== 'DISCONNECTED' || new Set(states).size !== states.length) {
    wrong.push(`${name} went through ${states.join(', ')} and is ${call.state}`);
  }
  if (call.getSendAudioBufferSize() !== 0) wrong.push(`${name} holds ${call.getSendAudioBufferSize()} bytes`);
  const overflows = events.filter((event) => event.type === 'call.audio_overflow' && event.party === 'mix').length;
  if (jumps.back > 0 || jumps.ahead > overflows) {
    wrong.push(
      `${name}: its mix jumps ${jumps.ahead} times ahead, ${overflows} of them told, and ${jumps.back} times back`,
    );
  }
  if (call.playedSamples > call.queuedSamples) wrong.push(`${name} has heard more than was said`);
  for (const verb of ['answer', 'connect']) {
    const event = verb === 'answer' ? 'call.answered' : 'call.connected';
    const times = done.get(verb) ?? 0;
    if (times > 1) wrong.push(`${name}: ${verb} succeeded ${times} times`);
    if (times > 0 && !events.some(({ type }) => type === event))
      wrong.push(`${name}: ${verb} succeeded without ${event}`);
  }
  return wrong;
}
