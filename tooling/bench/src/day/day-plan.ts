/** What a caller and the people around it will do in one call. */
export interface DayCall {
  /** Since midnight. */
  readonly atMs: number;
  /** How long the caller stays at most, from dialling on. */
  readonly patienceMs: number;
  readonly agent: AgentManner;
  readonly callee: CalleeManner;
  /** After how long the agent, or the callee, does what it does. */
  readonly paceMs: number;
}

/** What the agent does that gets the call. `pass` declines it once, and whoever gets it then answers. */
export type AgentManner = 'talk' | 'disconnect' | 'hand_off' | 'coach' | 'pass' | 'tear_down' | 'throw';

/** What a callee does that is rung. */
export type CalleeManner = 'answers' | 'rejects' | 'ignores' | 'leaves';

/** Calls of the hours of a day, midnight first: quiet nights, a peak in the morning and a smaller one in the afternoon. */
const hourlyShares = [2, 1, 1, 1, 1, 2, 5, 12, 26, 38, 42, 40, 30, 28, 36, 38, 34, 26, 18, 12, 8, 6, 4, 3];
const dayMs = 86_400_000;

const agentManners: readonly (readonly [AgentManner, number])[] = [
  ['talk', 52],
  ['disconnect', 15],
  ['hand_off', 16],
  ['coach', 8],
  ['pass', 5],
  ['tear_down', 2],
  ['throw', 2],
];
const calleeManners: readonly (readonly [CalleeManner, number])[] = [
  ['answers', 60],
  ['leaves', 15],
  ['rejects', 15],
  ['ignores', 10],
];

/** `count` calls of a day, the earliest first: Poisson arrivals whose rate follows the hours, and stays of 10 s on average. */
export function planDay(count: number, random: () => number): DayCall[] {
  const total = hourlyShares.reduce((sum, share) => sum + share, 0);
  const arrivals = Float64Array.from({ length: count }, () => {
    let left = random() * total;
    const hour = hourlyShares.findIndex((share) => (left -= share) < 0);
    return ((Math.max(0, hour) + random()) * dayMs) / 24;
  }).sort();
  return Array.from(arrivals, (atMs) => ({
    atMs,
    patienceMs: 1_000 + exponential(11_500, random),
    agent: pick(agentManners, random),
    callee: pick(calleeManners, random),
    paceMs: 500 + exponential(4_000, random),
  }));
}

function exponential(meanMs: number, random: () => number): number {
  return -Math.log(1 - random()) * meanMs;
}

function pick<Choice>(choices: readonly (readonly [Choice, number])[], random: () => number): Choice {
  let left = random() * choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [choice, weight] of choices) if ((left -= weight) < 0) return choice;
  throw new RangeError('there is nothing to choose from');
}
