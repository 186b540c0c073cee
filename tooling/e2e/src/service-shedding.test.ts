import { sleep } from '@agentao/clock';
import { createApiKey, createSwitch } from '@agentao/switch';
import { createScriptedPhones } from '@agentao/switch/testing';
import { expect, it } from 'vitest';
import { clock, eventually } from './production-line.ts';

/** Keeps the event loop busy, as a program does that computes where it should not. */
function block(ms: number): void {
  const untilMs = clock.now() + ms;
  while (clock.now() < untilMs);
}

it('sheds new calls while the event loop is blocked, keeps the running one, and takes calls again afterwards', async () => {
  const phones = createScriptedPhones({ clock });
  const connectors = [{ uuid: 'e2e', numbers: ['*'], keys: [createApiKey().stored] }];
  const sw = createSwitch({
    clock,
    legs: [phones],
    connectors,
    shedding: { windowMs: 2_000, recoverMs: 500, missedShare: 0.5, wellShare: 0.4 },
  });
  sw.start();
  const caller = phones.phone('+15550001');
  phones.phone('+15559999', { answerAfterMs: 0 });
  expect(caller.dial('+15559999')).toMatchObject({ accepted: true });
  await caller.until('answered');

  for (let round = 0; round < 40 && sw.readiness === 'ready'; round++) {
    block(120);
    await sleep(clock, 30);
  }
  expect(sw.readiness).toBe('shedding');
  expect(phones.phone('+15550002').dial('+15558888')).toMatchObject({ accepted: false, code: 'LIMIT_REACHED' });
  expect(sw.calls).toHaveLength(1);
  expect(caller.state).toBe('answered');

  const heardMs = caller.heardMs;
  await sleep(clock, 1_000);
  expect(caller.heardMs - heardMs, 'the running call has its ticks').toBeGreaterThan(400);
  await eventually(() => sw.readiness === 'ready', 'it does not take calls again');
  phones.phone('+15558888');
  expect(phones.phone('+15550003').dial('+15558888')).toMatchObject({ accepted: true });
  await sw.close();
});
