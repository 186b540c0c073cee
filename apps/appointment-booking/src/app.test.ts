import type { AgentResult } from '@agentao/agent';
import { businessHours } from '@agentao/business/hours';
import { createAppLab, type NotifierFault, type Step } from '@agentao/testing/app';
import { describe, expect, it } from 'vitest';
import { createApp, type FrontDeskParts } from './app.ts';
import { openStore, type SlotStore } from './store.ts';

const eleven = '2026-01-05T11:00:00.000Z';
const noon = '2026-01-05T12:00:00.000Z';

interface LabOptions {
  readonly starts?: readonly string[];
  readonly notifier?: NotifierFault;
  readonly timeZone?: string;
}

/** The lab begins on a Monday, at ten. */
const open = ({ starts = [eleven, noon], notifier, timeZone = 'UTC' }: LabOptions = {}) =>
  createAppLab({
    rules: new URL('../model.json', import.meta.url),
    openStore,
    fill: async (store: SlotStore) => {
      await store.offer(starts.map((start) => new Date(start)));
      await store.remember('+15550001', 'Ada');
    },
    createApp: (parts: Omit<FrontDeskParts, 'hours'>) =>
      createApp({ hours: businessHours({ timeZone, week: { monday: '09:00-17:00' } }), ...parts }),
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

  it('has a slot that is the caller’s already booked again, with one row and one message', async () => {
    await using lab = await open();
    for (const from of ['+12125550101', '(212) 555-0101']) {
      const call = await lab.phone(from).call();
      await lab.walk(call, steps.slice(0, 2));
      await call.hears('Which one');
      lab.model.sessions.at(-1)?.call('book', { start: eleven });
      await call.hears('You are booked for Monday at 11:00. You get a message');
      call.hangUp();
      await call.ended();
    }
    expect(await lab.store.bookings()).toHaveLength(1);
    expect(lab.notified).toHaveLength(1);
  });

  it('books for somebody whose number is withheld, without a message, and takes the next one for somebody else', async () => {
    await using lab = await open();
    const call = await lab.phone('anonymous').call();
    await call.hears('Hello caller');
    await lab.walk(call, steps);
    await call.says('The first one');
    await call.hears('You are booked for Monday at 11:00');
    expect(call.heard()).not.toContain('message');
    call.hangUp();
    await call.ended();
    const other = await lab.phone('private').call();
    await other.hears('How can I help');
    lab.model.sessions.at(-1)?.call('book', { start: eleven });
    await other.hears('that one has just been taken');
    expect(await lab.store.bookings()).toEqual([{ start: eleven, caller: null }]);
    expect(lab.notified).toEqual([]);
    other.hangUp();
  });

  it('knows the caller, and where the message goes, by a number without its country', async () => {
    await using lab = await open();
    await lab.store.remember('+12125550101', 'Grace');
    const call = await lab.phone('2125550101').call();
    await call.hears('Hello Grace');
    await lab.walk(call, steps);
    expect(lab.notified).toMatchObject([{ to: '+12125550101' }]);
    call.hangUp();
  });

  it('says times in the zone of its hours', async () => {
    await using lab = await open({ timeZone: 'Asia/Kolkata' });
    const call = await lab.phone('+15550001').call();
    await call.hears('How can I help you');
    await call.says('I need an appointment');
    // Half past five in the afternoon is after hours there, and is not offered.
    await call.hears('I have Monday at 16:30. Which one');
    await call.says('The first one');
    await call.hears('You are booked for Monday at 16:30');
    call.hangUp();
  });

  it('is used by its keys', async () => {
    await using lab = await open({ starts: [eleven, noon, '2026-01-05T13:00:00.000Z'] });
    const call = await lab.phone('+15550001').call();
    for (const [key, time] of [
      ['3', '13:00'],
      ['2', '12:00'],
      ['1', '11:00'],
    ] as const) {
      await call.says('I need an appointment');
      await call.hears('Which one');
      call.press(key);
      await call.hears(`booked for Monday at ${time}`);
      await lab.pass(3_000);
    }
    expect(await lab.store.bookings()).toHaveLength(3);
    call.press('0');
    await call.hears('I will connect you');
    await lab.phone(lab.number).rung();
    call.hangUp();
  });

  it('rings a person where the last slot was sold in between', async () => {
    await using lab = await open({ starts: [eleven] });
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps, { count: 4 });
    await lab.store.book(new Date(eleven), { callId: 'another', caller: '+15550003' });
    await call.says('The first one');
    await call.hears('that one has just been taken and nothing else is free');
    await lab.phone(lab.number).rung();
    call.hangUp();
    await lab.handled();
    expect(lab.notified).toEqual([]);
  });

  it('says that it cannot look while its store is locked, and looks afterwards', async () => {
    await using lab = await open();
    const other = lab.lockStore();
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello caller');
    await call.hears('How can I help you');
    await call.says('I need an appointment');
    await call.hears('I cannot look at the moment. Please ask again');
    other[Symbol.dispose]();
    await lab.walk(call, steps.slice(1));
    call.hangUp();
    await lab.handled();
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
    expect(lab.notified).toEqual([]);
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
    const { tools } = (await lab.handled()) as AgentResult;
    expect(tools.map(({ outcome }) => outcome)).toEqual(['bad-arguments', 'unknown-tool', 'ok', 'ok']);
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
    await lab.phone(lab.number).rung();
    await call.hears('Nobody picks up', { withinMs: 40_000 });
    await call.ended();
  });

  it.each(steps.map((_, index) => index + 1))(
    'keeps nothing half when the caller hangs up after step %i',
    async (count) => {
      await using lab = await open();
      const call = await lab.phone('+15550001').call();
      await lab.walk(call, steps, { count });
      call.hangUp();
      for (const one of lab.calls) expect(await lab.handled(one)).toMatchObject({ outcome: 'hung-up' });
      const booked = count < steps.length ? [] : [{ start: eleven, caller: '+15550001' }];
      expect(await lab.store.bookings()).toEqual(booked);
      expect(lab.notified).toHaveLength(booked.length);
      expect(await lab.store.free(new Date(0))).toHaveLength(2 - booked.length);
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
