import { readFile } from 'node:fs/promises';
import { tone } from '@agentao/audio';
import { expect, it } from 'vitest';
import { calleeNumber, hears, openRealLine } from './real-line.ts';

it('runs the agent of the README against a real switch: it answers, says back what it hears, connects and ends the call', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  const source = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  // Fifteen lines of code; blank ones are for the eye.
  expect(source.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(15);

  await using line = await openRealLine(source);
  const caller = line.phones.phone('+15550001');
  const callee = line.phones.phone(calleeNumber, { answerAfterMs: 100 });
  caller.dial(calleeNumber);
  await caller.until('answered');
  caller.say(tone({ frequencyHz: 700, durationMs: 2_000, sampleRateHz: 24_000, levelDb: -15 }));
  await hears(caller, 700);
  caller.press('1');
  await callee.until('answered');
  caller.press('#');
  expect(await caller.until('ended')).toMatchObject({ reason: 'disconnected', by: 'agent' });
  expect(line.complaints).toBe('');
});
