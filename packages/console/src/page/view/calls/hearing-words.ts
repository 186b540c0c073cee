import type { MonitorHearing } from '@agentao/protocol';
import { endingWords } from '../ending-words.ts';
import type { WatchedCall } from '../../monitor/monitor.ts';

/** Everybody in a call. */
export type CallParty = 'caller' | 'callee' | 'agent';

/** In the order in which they are shown. */
export const callParties: readonly CallParty[] = ['caller', 'callee', 'agent'];

/** Their names. */
export const partyNames: Readonly<Record<CallParty, string>> = { caller: 'Caller', callee: 'Callee', agent: 'Agent' };

/** Whom a party hears: `caller and agent`, or `nobody`. */
export function hearsWords(hearing: MonitorHearing, hearer: CallParty): string {
  const speakers = callParties.filter((speaker) => hears(hearing, speaker, hearer));
  return speakers.length === 0 ? 'nobody' : speakers.join(' and ');
}

/** Whether `hearer` hears `speaker`. */
export function hears(hearing: MonitorHearing, speaker: CallParty, hearer: CallParty): boolean {
  const hearers: readonly CallParty[] = hearing[speaker];
  return hearers.includes(hearer);
}

/** The situation in one sentence: what the mode means, or who is waited for. */
export function situationWords({ ending, state, ringing, mode, hearing }: WatchedCall): string {
  if (ending !== undefined) return `The call has ended: ${endingWords(ending.reason, ending.by)}.`;
  if (ringing) {
    return state === 'ANSWERED'
      ? 'Caller and agent talk while the callee is rung.'
      : 'The callee is rung; the caller hears the ring-back tone.';
  }
  switch (state) {
    case 'PENDING':
      return 'The caller waits to be answered.';
    case 'ANSWERED':
      return 'Caller and agent talk.';
    case 'CONNECTED':
      if (mode === 'whisper') return 'Whisper: only the callee hears the agent.';
      if (mode === 'spy') return 'Spy: the agent listens, nobody hears it.';
      return 'Barge: everybody hears everybody.';
    case 'DISCONNECTED':
      return hears(hearing, 'caller', 'callee') ? 'Caller and callee talk without an agent.' : 'There is no agent.';
  }
}

/** What stands beside a party that is not on the line: `rings`, `waits`, `gone`; nothing for one that is. */
export function absenceWords({ ending, state, ringing, hearing }: WatchedCall, party: CallParty): string {
  if (ending !== undefined) return '';
  switch (party) {
    case 'caller':
      return state === 'PENDING' ? 'waits' : '';
    case 'callee':
      return ringing ? 'rings' : '';
    case 'agent':
      return state === 'DISCONNECTED' && hearing.agent.length === 0 ? 'gone' : '';
  }
}
