import { type Clock, sleep } from '@agentao/clock';
import { type AgentChild, startAgentChild } from '../agent-child.ts';
import type { BenchRow } from '../bench-report.ts';
import { waitUntil } from '../wait-until.ts';
import { type Footprint, footprint } from './footprint.ts';
import type { AgentFootprint } from './serve-calls.ts';
import type { TalkingPhone } from './talking-phones.ts';

/** How many calls are placed, and what is left of one at most. */
export interface CallPlan {
  readonly warmUp: number;
  readonly sequential: number;
  /** Callers who place the sequential ones, each one after another. */
  readonly lanes: number;
  readonly concurrent: number;
  /** How often the concurrent ones are placed. */
  readonly rounds: number;
  readonly mostBytesPerCall: number;
}

/** An agent that is measured. */
export interface MeasuredAgent {
  readonly name: string;
  readonly file: URL;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly plan: CallPlan;
  /** Resolves when its process takes calls. */
  readonly ready: () => Promise<void>;
  readonly dial: () => TalkingPhone;
  /** Conversations that the model has. */
  readonly conversations: () => number;
}

/** Between two of the calls that are up at once: all of them are up within a second, the shortest time that one takes. */
const betweenMs = 10;

interface Held {
  readonly agent: AgentFootprint;
  readonly here: Footprint;
}

/** Places the calls of the plan, each with a greeting, a caller's word, a tool, an answer and a hang-up, and tells what is left of them. */
export async function measureAgent(measured: MeasuredAgent): Promise<readonly BenchRow[]> {
  const { name, file, env, plan, ready, conversations } = measured;
  using agent = await startAgentChild(file, { flags: ['--expose-gc', '--no-flush-bytecode'], env });
  await ready();
  const calls = new Calls(measured, agent);
  const { warmUp, sequential, lanes, concurrent, rounds, mostBytesPerCall } = plan;
  console.log(`  ${name}: ${warmUp} calls to warm up`);
  await calls.inLanes(warmUp, Math.max(lanes, Math.ceil(concurrent / 2)));
  const before = await calls.held();
  console.log(`  ${name}: ${sequential} calls of ${lanes} callers, one after another`);
  await calls.inLanes(sequential, lanes);
  const after = await calls.held();
  console.log(`  ${name}: ${1 + rounds} times ${concurrent} calls at once`);
  // Once, so that what grows with the most calls at once has grown.
  await calls.atOnce(concurrent);
  const beforeMany = await calls.held();
  for (let round = 0; round < rounds; round++) await calls.atOnce(concurrent);
  const afterMany = await calls.held();
  const rows = (what: string, from: Footprint, to: Footprint, count: number): BenchRow[] => {
    const bytes = (to.heapBytes - from.heapBytes) / count;
    const none = (of: 'handles' | 'sockets'): BenchRow => {
      const more = to[of] - from[of];
      return { name: `${name}: ${what}: more ${of}`, value: more, target: '<= 0', ok: more <= 0 };
    };
    const target = { target: `< ${mostBytesPerCall}`, ok: bytes < mostBytesPerCall };
    return [
      { name: `${name}: ${what}: heap`, value: bytes, unit: 'B a call', ...target },
      none('handles'),
      none('sockets'),
    ];
  };
  const { tools, heapBytes } = afterMany.agent;
  const placed = calls.placed;
  const left = conversations();
  const oneByOne = `${sequential} calls of ${lanes} callers`;
  const many = `${rounds} x ${concurrent} at once`;
  return [
    {
      name: `${name}: tool calls, one or more in each call`,
      value: tools,
      target: `>= ${placed}`,
      ok: tools >= placed,
    },
    { name: `${name}: agent: heap`, value: heapBytes / 1e6, unit: 'MB' },
    ...rows(`${oneByOne}, agent`, before.agent, after.agent, sequential),
    ...rows(`${oneByOne}, switch and model`, before.here, after.here, sequential),
    ...rows(`${many}, agent`, beforeMany.agent, afterMany.agent, rounds * concurrent),
    ...rows(`${many}, switch and model`, beforeMany.here, afterMany.here, rounds * concurrent),
    { name: `${name}: conversations that the model still has`, value: left, target: '0', ok: left === 0 },
  ];
}

/** The calls to one agent. */
class Calls {
  readonly #measured: MeasuredAgent;
  readonly #agent: AgentChild;
  placed = 0;

  constructor(measured: MeasuredAgent, agent: AgentChild) {
    this.#measured = measured;
    this.#agent = agent;
  }

  /** What is held when every call is over. */
  async held(): Promise<Held> {
    for (;;) {
      const asked = this.#agent.ask<AgentFootprint>('footprint', 'heapBytes');
      const [agent, here] = await Promise.all([asked, footprint()]);
      if (agent.done >= this.placed) return { agent, here };
    }
  }

  /** So many calls of callers who place one after another. */
  async inLanes(count: number, lanes: number): Promise<void> {
    let left = count;
    const lane = async (): Promise<void> => {
      while (left-- > 0) await this.#one();
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  async atOnce(count: number): Promise<void> {
    const { clock, conversations } = this.#measured;
    const calls: Promise<void>[] = [];
    for (let placed = 0; placed < count; placed++) {
      calls.push(this.#one());
      await sleep(clock, betweenMs);
    }
    await Promise.all(calls);
    await waitUntil(clock, () => conversations() === 0, 'the conversations of a round are over');
  }

  async #one(): Promise<void> {
    this.placed += 1;
    const phone = this.#measured.dial();
    await waitUntil(this.#measured.clock, () => phone.over, 'the answer is heard');
  }
}
