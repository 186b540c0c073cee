import { readFile } from 'node:fs/promises';
import { createLab, readModelRules, scriptedModel } from '@agentao/testing';
import { expect, it } from 'vitest';
import { createApp } from './app.ts';

const file = new URL('../model.json', import.meta.url);
const rules = readModelRules(JSON.parse(await readFile(file, 'utf8')), 'model.json');
const app = () => createApp({ model: scriptedModel(rules) });

it('looks a repair up, and rings a person when asked', async () => {
  await using lab = await createLab({ app });
  const call = await lab.phone('+15550001').call();
  await call.hears('How can I help you');
  await call.says('Is the bicycle with ticket 42 ready');
  await call.hears('the red tandem is ready');
  await call.says('Can I speak to a person');
  await call.hears('I will ring the workshop');
  const mechanic = await lab.phone(lab.number).rung();
  mechanic.answer();
  await call.says('Hello');
  await mechanic.hears('Hello', { from: 'low' });
  call.hangUp();
  expect(await lab.handled()).toMatchObject({ outcome: 'handed-off' });
});

it('goes on where nobody picks up, and says goodbye', async () => {
  await using lab = await createLab({ app });
  const call = await lab.phone('+15550001').call();
  await call.hears('How can I help you');
  await call.says('I want to speak to a person');
  await call.hears('They do not pick up');
  await call.hears('anything else');
  await call.says('No thank you');
  await call.hears('Goodbye');
  expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
});
