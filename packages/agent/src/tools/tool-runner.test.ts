import type { ActiveCall } from '@agentao/calls';
import { createVirtualClock } from '@agentao/clock';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ToolRun } from '../conversation.ts';
import type { ToolAnswer } from '../live-model.ts';
import { defineTool } from './define-tool.ts';
import { ToolRunner } from './tool-runner.ts';

interface Setup {
  readonly runner: ToolRunner;
  readonly ending: AbortController;
  readonly runs: readonly ToolRun[];
  run(request?: {
    readonly name?: string;
    readonly args?: unknown;
    readonly signal?: AbortSignal;
  }): Promise<ToolAnswer>;
}

function setUp(
  execute: (args: unknown, context: { readonly signal: AbortSignal }) => unknown,
  input: z.ZodType = z.object({ ticket: z.string() }),
): Setup {
  const clock = createVirtualClock({ settle: () => new Promise((resolve) => setImmediate(resolve)) });
  const ending = new AbortController();
  const runs: ToolRun[] = [];
  const tool = defineTool({
    name: 'status',
    description: 'Looks it up.',
    input,
    timeoutMs: 1_000,
    execute,
  });
  const runner = new ToolRunner({
    call: { clock, signal: ending.signal } as unknown as ActiveCall,
    tools: [tool],
    afterGoodbye: () => false,
    isEnding: () => false,
    callMs: () => clock.now(),
    onRun: (run) => runs.push(run),
  });
  const run: Setup['run'] = (request = {}) =>
    clock.runUntil(runner.run({ id: 'a', name: 'status', args: { ticket: '42' }, ...request }), { maxMs: 5_000 });
  return { runner, ending, runs, run };
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

  it.each([
    ['an object without a text', (): unknown => Object.create(null) as unknown],
    [
      'an error whose message has none',
      (): unknown => Object.assign(new Error(), { message: Object.create(null) as string }),
    ],
  ])('may throw %s, and is over all the same', async (_, thrown) => {
    const { run, runs, runner } = setUp(() => {
      throw thrown();
    });
    expect(await run()).toEqual({ error: 'status failed: no reason was given' });
    expect(runs).toMatchObject([{ outcome: 'failed' }]);
    expect(runner.busy).toBe(false);
  });

  it('tells the model no more of an error than it can read', async () => {
    const { run } = setUp(() => {
      throw new Error('x'.repeat(5_000_000));
    });
    expect(JSON.stringify(await run()).length).toBeLessThan(1_100);
  });

  it.each([
    ['never ends', (): Promise<boolean> => new Promise(() => {}), 'timeout', /takes too long/],
    [
      'throws',
      (): boolean => {
        throw new Error('the schema is broken');
      },
      'failed',
      /^status failed: the schema is broken$/,
    ],
  ] as const)('has its deadline and its place on the record where its schema %s', async (_, check, outcome, error) => {
    const { run, runs, runner } = setUp(one, z.object({ ticket: z.string() }).refine(check));
    expect(await run()).toEqual({ error: expect.stringMatching(error) as unknown });
    expect(runs).toMatchObject([{ outcome }]);
    expect(runner.busy).toBe(false);
  });
});
