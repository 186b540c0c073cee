import { businessHours } from '@agentao/business/hours';
import { createAppLab, type NotifierFault, type Step } from '@agentao/testing/app';
import { describe, expect, it } from 'vitest';
import { createApp, type FrontDeskParts } from './app.ts';
import { openStore, type SlotStore } from './store.ts';

const eleven = '2026-01-05T11:00:00.000Z';
const noon = '2026-01-05T12:00:00.000Z';
const hours = businessHours({ timeZone: 'UTC', week: { monday: '09:00-17:00' } });

/** The lab begins on a Monday, at ten. */
const open = ({
  starts = [eleven, noon],
  notifier,
}: {
  readonly starts?: readonly string[];
  readonly notifier?: NotifierFault;
} = {}) =>
  createAppLab({
    rules: new URL('../model.json', import.meta.url),
    openStore,
    fill: async (store: SlotStore) => {
      await store.offer(starts.map((start) => new Date(start)));
      await store.remember('+15550001', 'Ada');
    },
    createApp: (parts: Omit<FrontDeskParts, 'hours'>) => createApp({ hours, ...parts }),
    notifier,
  });

const steps: readonly Step[] = [
  (call) => call.hears('How can I help you'),
  (call) => call.says('I need an appointment'),
  (call) => call.hears('I have Monday at 11:00'),
  (call) => call.hears('Which one'),
  (call) => call.says('The first one'),
  (call) => call.hears('You are booked for Monday at 11:00'),
];

describe('the front desk', () => {
  it('greets by name, books what is chosen, confirms by SMS, and says so only when it is true', async () => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello Ada');
    await lab.walk(call, steps, { count: 5 });
    expect(call.heard()).not.toContain('booked');
    await call.hears('You are booked for Monday at 11:00');
    expect(await lab.store.bookings()).toEqual([{ start: eleven, caller: '+15550001' }]);
    expect(lab.notified).toEqual([{ to: '+15550001', text: 'Your appointment: Monday at 11:00.' }]);
    await call.says('Thank you bye');
    await call.ended();
  });

  it('sells a slot once where two choose it at the same time, and offers the other one something else', async () => {
    await using lab = await open();
    const calls = [await lab.phone('+15550001').call(), await lab.phone('+15550003').call()];
    for (const step of steps.slice(0, 4)) for (const call of calls) await step(call);
    await Promise.all(calls.map((call) => call.says('The first one')));
    await lab.pass(12_000);
    const heard = calls.map((call) => call.heard());
    expect(heard.filter((words) => words.includes('You are booked for Monday at 11:00'))).toHaveLength(1);
    expect(
      heard.filter((words) => words.includes('that one has just been taken. I have Monday at 12:00')),
    ).toHaveLength(1);
    expect(await lab.store.bookings()).toHaveLength(1);
    for (const call of calls) call.hangUp();
    for (const call of lab.calls) await lab.handled(call);
  });

  it.each([
    ['2026-01-04T10:00:00Z', 'that is in the past'],
    ['2026-01-06T10:00:00Z', 'we are closed then'],
    ['2026-01-05T10:30:00Z', 'there is no such time'],
  ])('refuses %s: %s', async (start, reason) => {
    await using lab = await open();
    const { model } = lab;
    const call = await lab.phone('+15550001').call();
    await call.hears('How can I help you');
    model.sessions[0]?.call('book', { start });
    await call.hears(reason);
    expect(await lab.store.bookings()).toEqual([]);
    call.hangUp();
    await lab.handled();
  });

  it('refuses what is no time, and a tool that there is not, and goes on', async () => {
    await using lab = await open();
    const { model } = lab;
    const call = await lab.phone('+15550001').call();
    await call.hears('How can I help you');
    model.sessions[0]?.call('book', { start: 'tomorrow at noon' });
    await call.hears('I cannot book');
    model.sessions[0]?.call('cancel', {});
    await lab.pass(2_000);
    await lab.walk(call, steps.slice(1));
    call.hangUp();
    await lab.handled();
  });

  it('rings a person where nothing is free', async () => {
    await using lab = await open({ starts: [] });
    const call = await lab.phone('+15550001').call();
    await call.hears('How can I help you');
    await call.says('I need an appointment');
    await call.hears('Nothing is free');
    const person = await lab.phone(lab.number).rung();
    person.answer();
    await call.says('Hello');
    await person.hears('Hello', { from: 'low' });
    call.hangUp();
    await lab.handled();
  });

  it('says goodbye where nobody picks up', async () => {
    await using lab = await open({ starts: [] });
    const call = await lab.phone('+15550001').call();
    await call.hears('How can I help you');
    await call.says('I want a person');
    await call.hears('Nobody picks up', { withinMs: 40_000 });
    await call.ended();
  });

  it.each(steps.map((_, index) => index + 1))(
    'keeps nothing half when the caller hangs up after step %i',
    async (count) => {
      await using lab = await open();
      const call = await lab.phone('+15550001').call();
      await lab.walk(call, steps, { count: count });
      call.hangUp();
      for (const one of lab.calls) await lab.handled(one);
      const booked = (await lab.store.bookings()).length;
      if (count < 5) expect(booked).toBe(0);
      if (count > 5) expect(booked).toBe(1);
      expect((await lab.store.bookings()).length + (await lab.store.free(new Date(0), 9)).length).toBe(2);
    },
  );

  it('says that it cannot book while its store is locked, and books afterwards', async () => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps, { count: 4 });
    const other = lab.lockStore();
    await call.says('The first one');
    await call.hears('I cannot book at the moment');
    expect(call.heard()).not.toContain('booked for');
    other[Symbol.dispose]();
    await call.says('The second one');
    await call.hears('You are booked for Monday at 12:00');
    call.hangUp();
    await lab.handled();
  });

  it.each(['down', 'hangs'] as const)('books also where no SMS can be sent: notifier %s', async (notifier) => {
    await using lab = await open({ notifier });
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps);
    call.hangUp();
    await lab.handled();
    expect(await lab.store.bookings()).toHaveLength(1);
  });
});
