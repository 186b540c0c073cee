import { afterAll, expect, it } from 'vitest';
import { calleeNumber } from '../virtual-switch.ts';
import { readPage } from './page.ts';
import { heardLately, openProgramLine, speech } from './program-line.ts';

const installation = readPage('docs/installation.md');
const onboarding = readPage('docs/onboarding.md');
const quickStart = readPage('docs/quick-start.md');
afterAll(() => {
  for (const page of [installation, onboarding, quickStart]) page.expectAllRun();
});

it('prints after the installation what the page says, and not the key', async () => {
  await using line = openProgramLine();
  await line.run(installation.code('Check it'));
  expect(line.printed).toHaveLength(1);
  expect(installation.text).toContain(`It prints \`${line.printed[0]}\``);
});

it('runs the agent of the onboarding: it echoes, rings at 1 and ends at #', async () => {
  await using line = openProgramLine();
  await line.start(onboarding.code('The agent'));
  const { clock, phones, settled } = line;
  const caller = phones.phone('+15550001');
  const callee = phones.phone(calleeNumber, { answerAfterMs: 1_000 });
  caller.dial(calleeNumber);
  await settled(caller.until('answered'));
  caller.say(speech(440, 1_000));
  await clock.advance(800);
  expect(heardLately(caller, 440)).toBeGreaterThan(-25);
  caller.press('1');
  await settled(callee.until('answered'));
  caller.press('#');
  expect(await settled(caller.until('ended'))).toMatchObject({ reason: 'disconnected', by: 'agent' });
  expect(line.printed.join()).toMatch(/^call \S+ is ANSWERED$/);
});

it('echoes, and ends by SIGTERM when its call is over', async () => {
  await using line = openProgramLine();
  const { ended } = await line.start(quickStart.code('Answer and echo'));
  const { clock, phones, settled } = line;
  const caller = phones.phone('+15550001');
  caller.dial(calleeNumber);
  await settled(caller.until('answered'));
  caller.say(speech(440, 1_000));
  await clock.advance(800);
  expect(heardLately(caller, 440)).toBeGreaterThan(-25);
  process.emit('SIGTERM');
  await clock.advance(5_000);
  expect(caller.state).toBe('answered');
  caller.hangUp();
  await settled(ended);
});

it('greets until it is interrupted', async () => {
  await using line = openProgramLine();
  await line.start(quickStart.code('Greet, and stop when interrupted'));
  const { clock, phones, settled } = line;
  const caller = phones.phone('+15550001');
  caller.dial(calleeNumber);
  await settled(caller.until('answered'));
  await clock.advance(2_000);
  expect(heardLately(caller, 600)).toBeGreaterThan(-25);
  caller.say(speech(300, 500));
  await clock.advance(1_000);
  expect(heardLately(caller, 600)).toBe(-120);
  expect(line.printed).toEqual(['cleared']);
});

it.each([
  ['answers', { answerAfterMs: 2_000 }, []],
  ['rejects', { reject: true }, ['CALL_REJECTED']],
  ['does not answer', {}, ['CALL_UNANSWERED']],
])('rings the person who was called, who %s', async (_, habit, printed) => {
  await using line = openProgramLine();
  await line.start(quickStart.code('Ring the person who was called'));
  const { clock, phones } = line;
  const caller = phones.phone('+15550001');
  const callee = phones.phone(calleeNumber, habit);
  caller.dial(calleeNumber);
  await clock.advance(25_000);
  expect(line.printed).toEqual(printed);
  expect(caller.state).toBe(printed.length === 0 ? 'answered' : 'idle');
  if (printed.length > 0) return;
  callee.say(speech(1_000, 500));
  await clock.advance(400);
  expect(heardLately(caller, 1_000), 'the two talk on').toBeGreaterThan(-25);
});
