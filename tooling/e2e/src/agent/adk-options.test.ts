import { adkAgent, type AdkAgentOptions } from '@agentao/adk';
import { LlmAgent } from '@google/adk';
import { expect, it } from 'vitest';

const agent = new LlmAgent({ name: 'desk', model: 'gemini-live-2.5-flash-preview' });
// The kit is not needed before a call comes.
const runner = { agent } as unknown as NonNullable<AdkAgentOptions['runner']>;
const wrongTime = 'setupTimeoutMs: a positive number of milliseconds';

const wrong: readonly (readonly [string, AdkAgentOptions, string])[] = [
  ['neither agent nor runner', {}, 'adkAgent: one of agent and runner'],
  ['both of them', { agent, runner }, 'adkAgent: one of agent and runner'],
  ['no time for the set-up', { agent, setupTimeoutMs: 0 }, wrongTime],
  ['a time that is over', { agent, setupTimeoutMs: -1 }, wrongTime],
  ['a time that is no number', { agent, setupTimeoutMs: Number.NaN }, wrongTime],
  ['a time without end', { agent, setupTimeoutMs: Number.POSITIVE_INFINITY }, wrongTime],
  ['a text for a time', { agent, setupTimeoutMs: '1000' as unknown as number }, wrongTime],
  ['a silence that is no time', { runner, silenceTimeoutMs: -1 }, 'silenceTimeoutMs: milliseconds, 0 for never'],
  [
    'a greeting that is none',
    { runner, greeting: {} as unknown as string },
    'greeting: a text for the model, or { play: audio }',
  ],
];

it.each(wrong)('refuses %s', (_, options, message) => {
  expect(() => adkAgent(options)).toThrow(new TypeError(message));
});

it('takes an agent or a runner, with a time for the set-up or without', () => {
  for (const options of [{ agent }, { runner }, { agent, setupTimeoutMs: 1 }]) {
    expect(adkAgent(options)).toBeTypeOf('function');
  }
});
