import type { CallMode, MonitorHearing } from '@agentao/protocol';

/** A gain of the matrix: not heard, heard, or (ring-back only) heard 12 dB below the agent's voice. */
export type Gain = 0 | 1 | 0.25;

/** Who hears whom, as speaker -> hearer -> gain. A mode is such a matrix; a change takes effect on one tick for all. */
export interface Matrix {
  readonly caller: { readonly callee: Gain; readonly agent: Gain };
  readonly callee: { readonly caller: Gain; readonly agent: Gain };
  readonly agent: { readonly caller: Gain; readonly callee: Gain };
  readonly ringback: { readonly caller: Gain };
}

/** What decides who hears whom. `stage` is that of the call; `mode` counts in `connected` only. */
export interface Situation {
  readonly stage: 'waiting' | 'answered' | 'connected' | 'ended';
  readonly ringing: boolean;
  readonly agentPresent: boolean;
  readonly mode: CallMode | null;
}

const nobody = {
  caller: { callee: 0, agent: 0 },
  callee: { caller: 0, agent: 0 },
  agent: { caller: 0, callee: 0 },
  ringback: { caller: 0 },
} as const;

const conference = {
  caller: { callee: 1, agent: 1 },
  callee: { caller: 1, agent: 1 },
  ringback: { caller: 0 },
} as const;
const answered = { ...nobody, caller: { callee: 0, agent: 1 }, agent: { caller: 1, callee: 0 } } as const;

/** Every matrix there is (the design's table "who hears whom"). */
export const matrices: {
  readonly [Name in 'nobody' | 'ringing' | 'answered' | 'answeredRinging' | 'people' | CallMode]: Matrix;
} = {
  /** The caller is not answered, or the call has ended. */
  nobody,
  /** The callee is rung, and no agent talks to the caller. */
  ringing: { ...nobody, ringback: { caller: 1 } },
  /** Caller and agent. */
  answered,
  /** Caller and agent, the ring-back under the agent's voice. */
  answeredRinging: { ...answered, ringback: { caller: 0.25 } },
  /** Caller and callee; the agent has left. */
  people: { ...nobody, caller: { callee: 1, agent: 0 }, callee: { caller: 1, agent: 0 } },
  barge: { ...conference, agent: { caller: 1, callee: 1 } },
  whisper: { ...conference, agent: { caller: 0, callee: 1 } },
  spy: { ...conference, agent: { caller: 0, callee: 0 } },
};

/** The matrix of a situation. */
export function matrixOf({ stage, ringing, agentPresent, mode }: Situation): Matrix {
  switch (stage) {
    case 'waiting':
      return ringing ? matrices.ringing : matrices.nobody;
    case 'answered':
      if (!agentPresent) return ringing ? matrices.ringing : matrices.nobody;
      return ringing ? matrices.answeredRinging : matrices.answered;
    case 'connected':
      return agentPresent ? matrices[mode ?? 'barge'] : matrices.people;
    case 'ended':
      return matrices.nobody;
  }
}

/** Whether somebody hears the agent in `after` who does not in `before`. */
export function admitsListener(before: Matrix, after: Matrix): boolean {
  return after.agent.caller > before.agent.caller || after.agent.callee > before.agent.callee;
}

const hearings: ReadonlyMap<Matrix, MonitorHearing> = new Map(
  Object.values(matrices).map((matrix) => [matrix, toHearing(matrix)]),
);

/** Who hears each speaker, as monitors show it; the same object for the same matrix of {@link matrices}. */
export function hearingOf(matrix: Matrix): MonitorHearing {
  return hearings.get(matrix) ?? toHearing(matrix);
}

function toHearing({ caller, callee, agent }: Matrix): MonitorHearing {
  return { caller: hearersOf(caller), callee: hearersOf(callee), agent: hearersOf(agent) };
}

function hearersOf<Hearer extends string>(gains: { readonly [Name in Hearer]: Gain }): Hearer[] {
  const names = Object.keys(gains) as Hearer[];
  return names.filter((name) => gains[name] !== 0);
}
