import type { ActiveCall } from '@agentao/calls';
import { createVirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ToolRun } from '../conversation.ts';
import type { ToolAnswer } from '../live-model.ts';
import { defineTool } from './define-tool.ts';
import { ToolRunner } from './tool-runner.ts';

interface Setup {
  readonly ending: AbortController;
  readonly runs: readonly ToolRun[];
  run(request?: {
    readonly name?: string;
    readonly args?: unknown;
    readonly signal?: AbortSignal;
  }): Promise<ToolAnswer>;
}

function setUp(execute: (args: unknown, context: { readonly signal: AbortSignal }) => unknown): Setup {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const ending = new AbortController();
  const runs: ToolRun[] = [];
  const tool = defineTool({
    name: 'status',
    description: 'Looks it up.',
    input: z.object({ ticket: z.string() }),
    timeoutMs: 1_000,
    execute,
  });
  const runner = new ToolRunner({
    call: { clock, signal: ending.signal } as unknown as ActiveCall,
    tools: [tool],
    afterGoodbye: () => false,
    callMs: () => clock.now(),
    onRun: (run) => runs.push(run),
  });
  const run: Setup['run'] = (request = {}) =>
    clock.runUntil(runner.run({ id: 'a', name: 'status', args: { ticket: '42' }, ...request }), { maxMs: 5_000 });
  return { ending, runs, run };
}

const one = (): number => 1;

describe('a tool that a model calls', () => {
  it('answers with what it returns', async () => {
    const { run, runs } = setUp((args) => ({ of: args }));
    expect(await run()).toEqual({ output: { of: { ticket: '42' } } });
    expect(runs).toMatchObject([{ id: 'a', name: 'status', outcome: 'ok' }]);
  });

  it('answers null where it returns nothing', async () => {
    expect(await setUp(() => undefined).run()).toEqual({ output: null });
  });

  it.each([
    ['of another name', one, { name: 'other' }, 'unknown-tool', /There is no tool other. There are: status/],
    ['with wrong arguments', one, { args: { ticket: 7 } }, 'bad-arguments', /ticket: /],
    ['without arguments', one, { args: undefined }, 'bad-arguments', /ticket: /],
    ['that throws', (): Promise<never> => Promise.reject(new Error('locked')), {}, 'failed', /status failed: locked/],
    ['that never ends', (): Promise<never> => new Promise(() => {}), {}, 'timeout', /takes too long/],
    ['whose answer is no JSON', (): unknown => 1n, {}, 'failed', /no JSON/],
    ['whose answer is too long', (): string => 'x'.repeat(300_000), {}, 'failed', /too long/],
  ] as const)('%s is answered with an error in words', async (_what, execute, request, outcome, error) => {
    const { run, runs } = setUp(execute);
    expect(await run(request)).toEqual({ error: expect.stringMatching(error) as unknown });
    expect(runs).toMatchObject([{ outcome }]);
  });

  it.each(['model', 'call'] as const)('is told when it is cancelled by the %s', async (by) => {
    const cancelling = new AbortController();
    let isTold = false;
    const { run, ending, runs }: Setup = setUp((_args, { signal }) => {
      signal.addEventListener('abort', () => {
        isTold = true;
      });
      queueMicrotask(() => (by === 'model' ? cancelling : ending).abort());
      return new Promise(() => {});
    });
    expect(await run({ signal: cancelling.signal })).toEqual({ error: 'Cancelled.' });
    expect(runs).toMatchObject([{ outcome: 'cancelled' }]);
    expect(isTold).toBe(true);
  });
});
