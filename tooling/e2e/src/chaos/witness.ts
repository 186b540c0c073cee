import type { Leg, LegProvider, TimelineEntry } from '@agentao/switch';

/** What a person or an agent says: always the same sample, so that every ear can tell who is heard. */
export const voices = { caller: 300, callee: 40, agent: 16_384 } as const;

/** The tones of the switch stay below. */
const tonePeak = 5_000;

/** What the switch last said of a call. */
interface Situation {
  readonly stage: string;
  readonly ringing: boolean;
  readonly state: string;
  readonly mode: string | null;
  /** There is no agent, though the state is what one would find. */
  readonly alone: boolean;
  /** The switch itself speaks to people, which is the last thing it does. */
  readonly prompted: boolean;
}

/** Listens in at every phone, and complains of what the design's table "who hears whom" forbids there. */
export interface Witness {
  /** Ticks that were listened to. */
  readonly ticks: number;
  /** `phones`, with an ear at each. */
  listenIn(phones: LegProvider): LegProvider;
  /** What happens in the calls, as it happens. */
  timeline(entry: TimelineEntry): void;
}

/** Makes a witness who tells `complain`. */
export function createWitness(complain: (text: string) => void): Witness {
  const situations = new Map<string, Situation>();
  const alone = new Set<string>();
  const prompted = new Set<string>();
  let ticks = 0;

  const hear = (party: 'caller' | 'callee', callId: string, samples: Int16Array): void => {
    const now = situations.get(callId);
    if (now === undefined) return;
    ticks++;
    const { other, agent, tones } = heardBy(party, now);
    const most = (other ? voices[party === 'caller' ? 'callee' : 'caller'] : 0) + tones * tonePeak;
    for (const sample of samples) {
      if (Math.abs(sample) <= most) continue;
      // At another rate a resampler swings beyond what is said.
      if (agent && Math.abs(sample) < 1.2 * voices.agent + most) continue;
      const { stage, ringing, state, mode } = now;
      complain(`${callId}: the ${party} hears ${sample} in ${stage}${ringing ? ', ringing' : ''}, ${state}, ${mode}`);
      return;
    }
  };

  const at = (leg: Leg, party: 'caller' | 'callee', callId: () => string | undefined): Leg => ({
    ...leg,
    play: (samples) => {
      const id = callId();
      if (id !== undefined) hear(party, id, samples);
      leg.play(samples);
    },
  });

  return {
    get ticks() {
      return ticks;
    },
    listenIn: (phones) => ({
      name: phones.name,
      start: (host) =>
        phones.start({
          incoming: (call) => {
            let callId: string | undefined;
            const outcome = host.incoming({ ...call, caller: at(call.caller, 'caller', () => callId) });
            if (outcome.accepted) callId = outcome.callId;
            return outcome;
          },
        }),
      ring: (request) => {
        const leg = phones.ring(request);
        return leg === undefined ? undefined : at(leg, 'callee', () => request.callId);
      },
      close: () => phones.close(),
    }),
    timeline: (entry) => {
      const { callId, kind } = entry;
      if (kind === 'seeking') alone.add(callId);
      else if (kind === 'attached') alone.delete(callId);
      else if (kind === 'prompt') prompted.add(callId);
      else if (kind === 'state') {
        const { stage, ringing, state, mode } = entry as TimelineEntry & Situation;
        const noted = { alone: alone.has(callId), prompted: prompted.has(callId) };
        situations.set(callId, { stage, ringing, state, mode, ...noted });
      }
    },
  };
}

/** The design's table, read by hearer. */
function heardBy(party: 'caller' | 'callee', now: Situation): { other: boolean; agent: boolean; tones: number } {
  const together = now.stage === 'connected';
  const modes = party === 'caller' ? ['barge'] : ['barge', 'whisper'];
  const spokenTo = together
    ? now.mode !== null && modes.includes(now.mode)
    : party === 'caller' && now.state === 'ANSWERED';
  return {
    other: together,
    agent: spokenTo && !now.alone,
    tones: Number(now.prompted) + Number(party === 'caller' && now.ringing),
  };
}
