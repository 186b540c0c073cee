import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { tone } from '@agentao/audio';
import { expect, it } from 'vitest';
import { typeFaults } from './pages/type-faults.ts';
import { calleeNumber, hears, openRealLine } from './real-line.ts';

/** The code of a package's README; there is one block. */
async function codeOf(name: string): Promise<string> {
  const text = await readFile(new URL(`../../../packages/${name}/README.md`, import.meta.url), 'utf8');
  return /```ts\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
}

const printed = {
  agent: /^Hello, this is the workshop\. It is ready\. Goodbye\.\n$/,
  audio: /^-20\.\d -20\.\d\n8000 8000\n$/,
  clock: /^180000 ticks of 20 ms/,
  console: /^open http:\/\/127\.0\.0\.1:\d+\/#sign-in=\S+\n$/,
  protocol: /"attach".*\n.*upTo: 4800/,
  switch: /^agents connect to ws:\/\/127\.0\.0\.1:\d+ with a key of \d+ characters\n$/,
  testing: /^conforms: \d+ checks\n$/,
  transport: /^you said hello\n$/,
};

it('has only code in its READMEs that type-checks', async () => {
  const modules = new Map<string, string>();
  for (const name of [...Object.keys(printed), 'calls']) modules.set(`readme-of-${name}`, await codeOf(name));
  modules.set('readme', await codeOf('..'));
  expect(typeFaults(modules)).toEqual([]);
});

it.each(Object.entries(printed))('runs the code of the README of %s to its end', async (name, expected) => {
  const program = spawn(process.execPath, ['--input-type=module-typescript', '--eval', await codeOf(name)], {
    cwd: new URL('.', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let complaints = '';
  program.stdout.on('data', (data) => {
    output += String(data);
  });
  program.stderr.on('data', (data) => {
    complaints += String(data);
  });
  const [code] = await once(program, 'close');
  expect(complaints).toBe('');
  expect(code).toBe(0);
  expect(output).toMatch(expected);
});

it('runs the agent of the README of calls: the callee alone hears it, and speaking stops it', async () => {
  await using line = await openRealLine(await codeOf('calls'));
  const caller = line.phones.phone('+15550001');
  const callee = line.phones.phone(calleeNumber, { answerAfterMs: 50 });
  caller.dial(calleeNumber);
  await callee.until('answered');
  const hintHz = 24_000 / (2 * Math.PI * 5);
  await hears(callee, hintHz);
  callee.say(tone({ frequencyHz: 300, durationMs: 1_500, sampleRateHz: 24_000, levelDb: -15 }));
  await hears(caller, 300);
  await line.prints('cleared');
  caller.hangUp();
  await callee.until('ended');
  expect(caller.levelDb({ frequencyHz: hintHz })).toBeLessThan(-60);
  expect(line.complaints).toBe('');
});
