import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createLab } from './create-lab.ts';

it('loses no sound of a lab in real time when the process stands still', async () => {
  await using lab = await createLab({
    clock: 'system',
    handler: async (call) => {
      await call.answer();
      await call.connect({ ringTimeSeconds: 10 });
      await call.ended;
    },
  });
  const call = await lab.phone('+15550001').call();
  const callee = await lab.phone(lab.number).rung();
  callee.answer();
  await call.answered();
  await callee.answered();
  await lab.pass(200);
  const said = call.says('congratulations');
  for (let stall = 0; stall < 3; stall++) {
    await wait(100);
    const endMs = performance.now() + 400;
    while (performance.now() < endMs);
  }
  await said;
  await callee.hears('congratulations');
  call.hangUp();
  expect(await callee.ended()).toMatchObject({ by: 'caller' });
});
