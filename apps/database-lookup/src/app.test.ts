import { createAppLab, type NotifierFault, type Step } from '@agentao/testing/app';
import { describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { type CustomerStore, openStore } from './store.ts';

const ada = '+12125550101';
const stranger = '+12125550199';

const open = ({ notifier }: { readonly notifier?: NotifierFault } = {}) =>
  createAppLab({
    rules: new URL('../model.json', import.meta.url),
    openStore,
    fill: async (store: CustomerStore) => {
      await store.addCustomer(ada, { name: 'Ada', openTickets: ['a slow export', 'a wrong invoice'] });
      await store.addCustomer('+12125550102', { name: 'Grace', openTickets: [] });
    },
    createApp,
    notifier,
  });

const steps: readonly Step[] = [
  () => Promise.resolve(),
  (call) => call.hears('Hello Ada'),
  (call) => call.hears('How can I help'),
  (call) => call.says('What about the first ticket'),
  (call) => call.hears('Shall I connect you'),
  (call) => call.says('Yes please'),
  (call) => call.hears('I will connect you'),
];

describe('the service desk', () => {
  it('knows who calls, and what is open, before it answers', async () => {
    await using lab = await open();
    const { model } = lab;
    const call = await lab.phone(ada).call();
    await call.hears('Hello Ada. You have 2 open tickets: a slow export a wrong invoice');
    expect(model.sessions[0]?.instruction).toContain('Ada, who has 2 open tickets: a slow export, a wrong invoice.');
    await lab.walk(call, steps.slice(2));
    const person = await lab.phone(lab.number).rung();
    person.answer();
    await call.says('Hello');
    await person.hears('Hello', { from: 'low' });
    call.hangUp();
    await lab.handled();
    expect(await lab.store.leads()).toEqual([]);
  });

  it('knows somebody by a number that is written otherwise', async () => {
    await using lab = await open();
    const call = await lab.phone('2125550102').call();
    await call.hears('Hello Grace. You have no open ticket');
    call.hangUp();
    await lab.handled();
  });

  it('keeps a stranger as one lead, however often they call', async () => {
    await using lab = await open();
    for (let i = 0; i < 2; i++) {
      const call = await lab.phone(stranger).call();
      await call.hears('we do not know you yet');
      call.hangUp();
      await call.ended();
    }
    expect(await lab.store.leads()).toEqual([stranger]);
    expect(lab.notified).toContainEqual({ text: `Somebody new has called: ${stranger}` });
  });

  it('makes no lead of a number that is withheld, or none', async () => {
    await using lab = await open();
    const call = await lab.phone('anonymous').call();
    await call.hears('we do not know you yet');
    call.hangUp();
    await lab.handled();
    expect(await lab.store.leads()).toEqual([]);
  });

  it('ends the call when nobody picks up, with that said', async () => {
    await using lab = await open();
    const call = await lab.phone(stranger).call();
    await call.hears('Shall I connect you');
    await call.says('Yes please');
    await call.hears('I will connect you');
    await call.hears('Somebody will call you back', { withinMs: 40_000 });
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
  });

  it.each(steps.map((_, index) => index))('survives a caller who hangs up after step %i', async (count) => {
    await using lab = await open();
    const call = await lab.phone(ada).call();
    await lab.walk(call, steps, { count: count });
    call.hangUp();
    for (const one of lab.calls) await lab.handled(one);
  });

  it('answers as for a stranger while its store is locked, and keeps nothing wrong', async () => {
    await using lab = await open();
    const other = lab.lockStore();
    const call = await lab.phone(ada).call();
    await call.hears('we do not know you yet');
    other[Symbol.dispose]();
    call.hangUp();
    await lab.handled();
    expect(await lab.store.leads()).toEqual([]);
    expect(lab.notified).toEqual([{ text: `The look-up of ${ada} failed.` }]);
  });

  it.each(['down', 'hangs'] as const)('answers where nobody can be told of a lead: notifier %s', async (notifier) => {
    await using lab = await open({ notifier });
    const call = await lab.phone(stranger).call();
    await call.hears('we do not know you yet');
    call.hangUp();
    await lab.handled();
    expect(await lab.store.leads()).toEqual([stranger]);
  });

  it('answers a model that calls a wrong tool', async () => {
    await using lab = await open();
    const { model } = lab;
    const call = await lab.phone(ada).call();
    await call.hears('How can I help');
    model.sessions[0]?.call('look_up', { number: '*' });
    await lab.pass(500);
    await call.says('What about my ticket');
    await call.hears('we are working on them');
    call.hangUp();
    await lab.handled();
  });

  it('keeps two calls at once apart', async () => {
    await using lab = await open();
    const one = await lab.phone(ada).call();
    const two = await lab.phone('+12125550102').call();
    await one.hears('Hello Ada');
    await two.hears('Hello Grace');
    expect(one.heard()).not.toContain('Grace');
    expect(two.heard()).not.toContain('Ada');
    one.hangUp();
    two.hangUp();
    for (const call of lab.calls) await lab.handled(call);
  });
});
