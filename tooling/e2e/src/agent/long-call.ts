import type { AgentResult } from '@agentao/agent';
import type { CallHandler } from '@agentao/calls';
import { createLab, type ModelRules } from '@agentao/testing';
import type { LiveServer } from '@agentao/testing/live';
import { expect } from 'vitest';
import { z } from 'zod';

const long = 'One two three four five six seven eight nine ten eleven twelve.';

/** What the model of the long call says and does. */
export const longCallRules: ModelRules = {
  rules: [
    { hears: 'greet', say: 'Hello caller.' },
    { hears: 'slow', call: { name: 'slow_lookup', args: { ticket: '42' } } },
    { after: 'slow_lookup', say: 'It is {result.state}.' },
    { hears: 'long|story', say: long },
    { hears: 'weather', say: 'It is sunny.' },
    { hears: 'broken', call: { name: 'broken_lookup' } },
    { after: 'broken_lookup', result: { error: true }, say: 'That did not work.' },
    { hears: 'hurry', say: 'Let me see.', call: { name: 'endless_lookup' }, fault: 'cancel-tools' },
    { hears: 'nothing', call: { name: 'no_such_tool' } },
    { after: 'no_such_tool', result: { error: true }, say: 'I cannot do that.' },
    { hears: 'person', call: { name: 'hand_off' } },
    { after: 'hand_off', say: 'One moment.' },
    { hears: 'nobody answered', say: 'Nobody is there.' },
  ],
};

/** What the tools of the long call did. */
export interface ToolEffects {
  readonly effects: string[];
}

/** One tool of it, for whichever framework. */
export interface LongCallTool {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodObject;
  execute(args: Readonly<Record<string, unknown>>, context?: CancelContext): unknown;
}

/** By what a tool learns that its answer is not wanted: `signal` in ours, `abortSignal` in those of the kit. */
interface CancelContext {
  readonly signal?: AbortSignal | undefined;
  readonly abortSignal?: AbortSignal | undefined;
}

/** Three tools: one takes 3 s, one throws, one never ends. */
export function longCallTools({ effects }: ToolEffects): readonly LongCallTool[] {
  return [
    {
      name: 'slow_lookup',
      description: 'Looks a ticket up, slowly.',
      input: z.object({ ticket: z.string() }),
      execute: async ({ ticket }) => {
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        effects.push(`looked up ${String(ticket)}`);
        return { state: 'ready' };
      },
    },
    {
      name: 'broken_lookup',
      description: 'Looks a ticket up, in vain.',
      input: z.object({}),
      execute: () => {
        effects.push('broke');
        throw new Error('the database is gone');
      },
    },
    {
      name: 'endless_lookup',
      description: 'Looks a ticket up, for ever.',
      input: z.object({}),
      execute: (_args, { signal, abortSignal } = {}) => {
        effects.push('began without end');
        (signal ?? abortSignal)?.addEventListener('abort', () => effects.push('was told to end'));
        return new Promise(() => {});
      },
    },
  ];
}

/** How the tools of the agent are to come out, in order. */
const outcomes = [
  ['slow_lookup', 'ok'],
  ['broken_lookup', 'failed'],
  ['endless_lookup', 'cancelled'],
  ['no_such_tool', 'unknown-tool'],
  ['hand_off', 'ok'],
  ['hand_off', 'ok'],
];

/**
 * A call of thirteen turns with an agent that has these tools and `handOff({ ringTimeSeconds: 2 })`, over real sockets: two interruptions, a slow tool, one that
 * throws, one that is cancelled, one that does not exist, the server going away in mid-sentence, a person who does not answer and then does.
 */
export async function longCall(handler: CallHandler, server: LiveServer, { effects }: ToolEffects): Promise<void> {
  await using lab = await createLab({ handler, clock: 'system' });
  const call = await lab.phone('+15550001').call();
  const callee = lab.phone(lab.number);
  /** A person waits until the other one has finished. */
  const says = async (text: string): Promise<void> => {
    await lab.pass(400);
    await call.says(text);
  };
  await call.hears('Hello caller');
  await says('slow');
  await call.hears('It is ready');
  await says('long');
  await call.hears('one two');
  await call.says('weather');
  await call.hears('It is sunny');
  await says('broken');
  await call.hears('That did not work');
  await says('hurry');
  await call.hears('Let me see');
  await says('nothing');
  await call.hears('I cannot do that');
  await says('story');
  await call.hears('one two');
  server.sessions[0]?.goAway(2_200);
  await call.hears('three four five six seven eight nine ten eleven twelve');
  await says('long');
  await call.hears('two');
  await call.says('weather');
  await call.hears('It is sunny');
  await says('person');
  await call.hears('One moment');
  await callee.rung();
  await call.hears('Nobody is there');
  await says('person');
  await call.hears('One moment');
  const human = await callee.rung();
  human.answer();
  const [connected] = lab.calls;
  await expect.poll(() => connected?.state, { timeout: 5_000 }).toBe('DISCONNECTED');
  await call.says('here I am');
  await human.hears('here I am');
  await human.says('good morning');
  await call.hears('good morning');
  const words = call.heard('high').toLowerCase();
  expect(words.match(/twelve/g)).toHaveLength(1);
  expect(human.heard('high')).toBe('');
  call.hangUp();
  await human.ended();

  const result = (await lab.handled()) as AgentResult;
  expect(result.outcome).toBe('handed-off');
  expect(result.tools.map(({ name, outcome }) => [name, outcome])).toEqual(outcomes);
  expect(effects).toEqual(['looked up 42', 'broke', 'began without end', 'was told to end']);
  expect(server.sessions.flatMap(({ toolAnswers }) => toolAnswers.map(({ name }) => name))).toEqual(
    outcomes.map(([name]) => name).filter((name) => name !== 'endless_lookup'),
  );
  const agent = result.transcript.filter(({ speaker }) => speaker === 'agent');
  expect(agent.map(({ text }) => text)).toEqual([
    'Hello caller.',
    'It is ready.',
    expect.stringMatching(/^One two/),
    'It is sunny.',
    'That did not work.',
    'Let me see.',
    'I cannot do that.',
    long,
    expect.stringMatching(/^One two/),
    'It is sunny.',
    'One moment.',
    'Nobody is there.',
    'One moment.',
  ]);
  expect(agent.flatMap(({ cutOff }, index) => (cutOff === undefined ? [] : [index]))).toEqual([2, 8]);
  expect(result.transcript.filter(({ speaker }) => speaker === 'caller').map(({ text }) => text)).toEqual([
    'slow',
    'long',
    'weather',
    'broken',
    'hurry',
    'nothing',
    'story',
    'long',
    'weather',
    'person',
    'person',
  ]);
  expect(result.turns).toHaveLength(13);
  expect(result.turns.map(({ interrupted }, index) => (interrupted ? index : -1)).filter((at) => at >= 0)).toEqual([
    2, 8,
  ]);
  expect(server.sessions).toHaveLength(1);
  expect(server.sessions[0]?.connections).toBe(2);
  await expect.poll(() => server.connections).toBe(0);
}
