import type { CallLog } from './messages.ts';
import { type Voice, voiceOf } from './voices.ts';

/** Who is listening. An agent may listen to one party alone. */
export type Hearer = 'caller' | 'callee' | 'agent' | 'agent:caller' | 'agent:callee';

/** Who hears each speaker, as a call of the switch tells it. */
export interface Hearing {
  readonly caller: readonly string[];
  readonly callee: readonly string[];
  readonly agent: readonly string[];
}

const bits = {
  callerToCallee: 1,
  callerToAgent: 2,
  calleeToCaller: 4,
  calleeToAgent: 8,
  agentToCaller: 16,
  agentToCallee: 32,
} as const;

/** Who hears whom as one number. */
export function packHearing({ caller, callee, agent }: Hearing): number {
  return (
    (caller.includes('callee') ? bits.callerToCallee : 0) |
    (caller.includes('agent') ? bits.callerToAgent : 0) |
    (callee.includes('caller') ? bits.calleeToCaller : 0) |
    (callee.includes('agent') ? bits.calleeToAgent : 0) |
    (agent.includes('caller') ? bits.agentToCaller : 0) |
    (agent.includes('callee') ? bits.agentToCallee : 0)
  );
}

/**
 * How much longer, and how much sooner, a change may be heard than it was told. Sooner by two ticks, and as much as the switch was behind;
 * later by a tick on its way to the mix, and by what the least delayed sample of an ear was delayed.
 */
const soonerMs = 60;
const laterMs = 200;

/** The voices that `hearer` may hear in the call that has `slot`, at any moment between two on the shared clock. The coach is for the callee alone. */
export function voicesFor(
  hearer: Hearer,
  slot: number,
  { changes }: Pick<CallLog, 'changes'>,
): (fromMs: number, toMs: number) => readonly Voice[] {
  const [caller, callee, agent, coach] = (['caller', 'callee', 'agent', 'coach'] as const).map((role) =>
    voiceOf(slot, role),
  ) as [Voice, Voice, Voice, Voice];
  const known = new Map<number, readonly Voice[]>();

  const voicesOf = (heard: number): readonly Voice[] => {
    const voices: Voice[] = [];
    const add = (bit: number, ...those: readonly Voice[]): void => {
      if ((heard & bit) !== 0) voices.push(...those);
    };
    if (hearer === 'caller') {
      add(bits.calleeToCaller, callee);
      add(bits.agentToCaller, agent);
    } else if (hearer === 'callee') {
      add(bits.callerToCallee, caller);
      add(bits.agentToCallee, agent, coach);
    } else {
      if (hearer !== 'agent:callee') add(bits.callerToAgent, caller);
      if (hearer !== 'agent:caller') add(bits.calleeToAgent, callee);
    }
    return voices;
  };

  return (fromMs, toMs) => {
    let heard = 0;
    for (let i = 0; i < changes.length; i += 3) {
      const beganMs = (changes[i] as number) - (changes[i + 1] as number) - soonerMs;
      const endedMs = i + 3 < changes.length ? (changes[i + 3] as number) + laterMs : Number.POSITIVE_INFINITY;
      if (beganMs <= toMs && endedMs >= fromMs) heard |= changes[i + 2] as number;
    }
    let voices = known.get(heard);
    if (voices === undefined) known.set(heard, (voices = voicesOf(heard)));
    return voices;
  };
}
