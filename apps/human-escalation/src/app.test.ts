import { createAppLab, type NotifierFault, type Step } from '@agentao/testing/app';
import { describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { openStore } from './store.ts';

const kept = { reason: 'router', summary: 'The router does not work, also after a restart.' };
const open = ({ notifier }: { readonly notifier?: NotifierFault } = {}) =>
  createAppLab({ rules: new URL('../model.json', import.meta.url), openStore, createApp, notifier });

/** The steps of a call up to the ringing, each by what the caller does. */
const steps: readonly Step[] = [
  () => Promise.resolve(),
  (call) => call.hears('What does not work'),
  (call) => call.says('My router'),
  (call) => call.hears('Does it work now'),
  (call) => call.says('It still does not work'),
  (call) => call.hears('Shall I connect you'),
  (call) => call.says('Yes a person please'),
  (call) => call.hears('I will connect you'),
];

describe('the help desk', () => {
  it('keeps why before the person rings, tells them, and leaves the two alone', async () => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps);
    const person = await lab.phone(lab.number).rung();
    const { callId = '' } = lab.calls[0] ?? {};
    expect(await lab.store.all()).toEqual([{ callId, caller: '+15550001', ...kept, outcome: 'open' }]);
    expect(lab.notified).toEqual([{ to: lab.number, text: `+15550001: router. ${kept.summary}`, data: { callId } }]);
    person.answer();
    await call.says('Hello there');
    await person.hears('Hello there', { from: 'low' });
    expect(await lab.handled()).toMatchObject({ outcome: 'handed-off' });
    expect(await lab.store.all()).toMatchObject([{ outcome: 'handed-off' }]);
    call.hangUp();
    await person.ended();
  });

  it('returns to the caller with what it kept when nobody answers, and rings again when asked', async () => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps);
    await lab.phone(lab.number).rung();
    await call.hears('Nobody picks up', { withinMs: 40_000 });
    expect(await lab.store.all()).toMatchObject([{ ...kept, outcome: 'unanswered' }]);
    await call.says('Please try the person again');
    await call.hears('I will connect you');
    const person = await lab.phone(lab.number).rung();
    person.answer();
    await call.says('At last');
    await person.hears('At last', { from: 'low' });
    call.hangUp();
    expect(await lab.store.all()).toMatchObject([{ outcome: 'handed-off' }]);
  });

  it('takes a person who rejects for one who does not answer', async () => {
    await using lab = await open();
    lab.phone(lab.number, { whenRung: 'rejects' });
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps);
    await call.hears('Nobody picks up');
    call.hangUp();
    await lab.handled();
    expect(await lab.store.all()).toMatchObject([{ outcome: 'unanswered' }]);
  });

  it('rings once, however often the model escalates', async () => {
    await using lab = await open();
    const { model } = lab;
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps, { count: 7 });
    for (let i = 0; i < 3; i++) model.sessions[0]?.call('escalate', { ...kept });
    await lab.phone(lab.number).rung();
    call.hangUp();
    await lab.handled();
    expect(await lab.store.all()).toHaveLength(1);
    expect(lab.notified).toHaveLength(1);
    const statuses = model.sessions[0]?.answers.map(({ answer }) => JSON.stringify(answer));
    expect(statuses?.filter((text) => text.includes('accepted'))).toHaveLength(1);
  });

  it.each([0, ...steps.map((_, index) => index + 1)])('survives a caller who hangs up after step %i', async (count) => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps, { count: count });
    call.hangUp();
    for (const one of lab.calls) expect(await lab.handled(one)).toMatchObject({ outcome: 'hung-up' });
    expect(await lab.store.all()).toMatchObject(count === steps.length ? [{ ...kept, outcome: 'abandoned' }] : []);
  });

  it('ends the ringing when the caller hangs up meanwhile, with why kept', async () => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps);
    const person = await lab.phone(lab.number).rung();
    call.hangUp();
    await person.ended();
    for (const one of lab.calls) await lab.handled(one);
    expect(await lab.store.all()).toMatchObject([{ ...kept, outcome: 'abandoned' }]);
    expect(lab.notified).toHaveLength(1);
  });

  it('rings nobody when the caller talks into the announcement, and leaves the row open until the call is over', async () => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    const person = lab.phone(lab.number);
    await lab.walk(call, steps, { count: 7 });
    await call.hears('One moment');
    await call.says('My router');
    await call.hears('Please unplug');
    await expect(person.rung()).rejects.toThrow('did not ring');
    expect(await lab.store.all()).toMatchObject([{ outcome: 'open' }]);
    call.hangUp();
    await lab.handled();
    expect(await lab.store.all()).toMatchObject([{ outcome: 'abandoned' }]);
  });

  it('keeps what came of it: an unanswered one is not abandoned, one that was handed off stays so', async () => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps);
    (await lab.phone(lab.number).rung()).reject();
    await call.hears('Nobody picks up');
    await call.hears('anything else');
    await call.says('Goodbye');
    await call.ended();
    await lab.handled();
    expect(await lab.store.all()).toMatchObject([{ outcome: 'unanswered' }]);
  });

  it.each(['answer', 'reject'] as const)('goes on when the person does %s while its store is locked', async (does) => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps);
    const person = await lab.phone(lab.number).rung();
    using _ = lab.lockStore();
    person[does]();
    if (does === 'reject') await call.hears('Nobody picks up');
    else {
      await lab.pass(6_000);
      await call.says('Hello there');
      await person.hears('Hello there', { from: 'low' });
      expect(await lab.handled()).toMatchObject({ outcome: 'handed-off' });
    }
    call.hangUp();
  });

  it('is used by its keys', async () => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    await call.hears('What does not work');
    call.press('0');
    await call.hears('I will connect you');
    await lab.phone(lab.number).rung();
    call.hangUp();
    await lab.handled();
  });

  it('answers a model that calls a wrong tool, or the right one wrongly, and rings nobody', async () => {
    await using lab = await open();
    const { model } = lab;
    const call = await lab.phone('+15550001').call();
    await call.hears('What does not work');
    model.sessions[0]?.call('transfer', {});
    model.sessions[0]?.call('escalate', { reason: '' });
    await lab.pass(2_000);
    await call.says('My router');
    await call.hears('Does it work now');
    expect(await lab.store.all()).toEqual([]);
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ tools: [{ outcome: 'unknown-tool' }, { outcome: 'bad-arguments' }] });
  });

  it('keeps two calls at once apart', async () => {
    await using lab = await open();
    const one = await lab.phone('+15550001').call();
    const two = await lab.phone('+15550002').call();
    await lab.walk(one, steps);
    await two.hears('What does not work');
    await two.says('My router');
    await two.hears('Does it work now');
    expect(await lab.store.all()).toMatchObject([{ caller: '+15550001' }]);
    two.hangUp();
    one.hangUp();
    for (const call of lab.calls) await lab.handled(call);
    expect(await lab.store.all()).toHaveLength(1);
  });

  it('says that it cannot ring anybody while its store is locked, and rings when it is not', async () => {
    await using lab = await open();
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps, { count: 6 });
    const other = lab.lockStore();
    await call.says('Yes a person please');
    await call.hears('I cannot ring anybody');
    other[Symbol.dispose]();
    await call.says('A person please');
    await call.hears('I will connect you');
    const person = await lab.phone(lab.number).rung();
    person.reject();
    await call.hears('Nobody picks up');
    call.hangUp();
    await lab.handled();
  });

  it.each(['down', 'hangs'] as const)('rings also where nobody can be told: notifier %s', async (notifier) => {
    await using lab = await open({ notifier });
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps);
    const person = await lab.phone(lab.number).rung();
    person.answer();
    await call.says('Hello');
    await person.hears('Hello', { from: 'low' });
    call.hangUp();
    await lab.handled();
  });
});
