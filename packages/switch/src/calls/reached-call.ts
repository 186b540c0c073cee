import type { CallMode } from '@agentao/protocol';
import { type BenchOptions, type CallBench, createCallBench, marked, type TestAgent } from './test-bench.ts';

/** A call in a state that a test starts from, with the agent that brought it there. */
export interface ReachedCall {
  readonly bench: CallBench;
  readonly agent: TestAgent;
}

/** Where a call may be when something happens to it: `rung_pending` and `rung_answered` ring the callee. */
export type Situation = 'PENDING' | 'ANSWERED' | 'rung_pending' | 'rung_answered' | 'CONNECTED';

/** How long the callee is rung in these. */
export const ringTimeMs = 5_000;

/** Makes a call and brings it there. */
export async function reach(
  situation: Situation,
  { mode = 'barge', ...options }: BenchOptions & { readonly mode?: CallMode } = {},
): Promise<ReachedCall> {
  const bench = createCallBench(options);
  const agent = bench.attach();
  if (situation !== 'PENDING' && situation !== 'rung_pending') {
    agent.run({ type: 'answer' });
    await bench.clock.advance(50);
  }
  if (situation === 'PENDING' || situation === 'ANSWERED') return { bench, agent };
  agent.run({ type: 'connect', ringTimeMs, mode });
  await bench.clock.advance(50);
  if (situation === 'CONNECTED') {
    bench.callee.answer();
    await bench.clock.advance(50);
  }
  return { bench, agent };
}

/** Whether caller and callee hear each other and nothing else, from now on. */
export async function twoTalk({ caller, callee, clock }: CallBench): Promise<boolean> {
  const from = { caller: caller.heardMs, callee: callee.heardMs };
  caller.say(marked(0, 4_800));
  callee.say(marked(10_000, 4_800));
  await clock.advance(400);
  const sounds = (samples: Int16Array): string =>
    samples
      .filter((sample) => sample !== 0)
      .subarray(200)
      .join();
  return (
    sounds(callee.heard({ fromMs: from.callee })) === marked(200, 4_600).join() &&
    sounds(caller.heard({ fromMs: from.caller })) === marked(10_200, 4_600).join()
  );
}
