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

  it.each(['2125550102', '(212) 555-0102', '+1 212-555-0102'])('knows somebody by %s', async (number) => {
    await using lab = await open();
    const call = await lab.phone(number).call();
    await call.hears('Hello Grace. You have no open ticket');
    call.hangUp();
    await lab.handled();
    expect(await lab.store.leads()).toEqual([]);
  });

  it('looks up while it rings, and answers with what it found', async () => {
    await using lab = await open();
    const other = lab.lockStore();
    const call = await lab.phone(ada).call();
    await lab.pass(1_500);
    expect(lab.calls[0]?.state).toBe('PENDING');
    other[Symbol.dispose]();
    await call.hears('Hello Ada');
    call.hangUp();
    await lab.handled();
  });

  it('tells one open ticket, and none that is closed', async () => {
    await using lab = await open();
    await lab.store.closeTicket(ada, 'a slow export');
    const call = await lab.phone(ada).call();
    await call.hears('Hello Ada. You have 1 open ticket: a wrong invoice. How');
    call.hangUp();
    await lab.handled();
  });

  it('knows a lead by name once they are a customer', async () => {
    await using lab = await open();
    const first = await lab.phone(stranger).call();
    await first.hears('we do not know you yet');
    first.hangUp();
    await first.ended();
    await lab.store.addCustomer(stranger, { name: 'Joan', openTickets: [] });
    const second = await lab.phone(stranger).call();
    await second.hears('Hello Joan');
    second.hangUp();
    expect(await lab.store.leads()).toEqual([]);
  });

  it('ends the call after a goodbye', async () => {
    await using lab = await open();
    const call = await lab.phone(ada).call();
    await call.hears('How can I help');
    await call.says('No thank you');
    await call.hears('Goodbye');
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
    expect(await lab.handled()).toMatchObject({ outcome: 'ended' });
  });

  it('is used by its keys', async () => {
    await using lab = await open();
    const call = await lab.phone(stranger).call();
    await call.hears('Shall I connect you to somebody');
    call.press('0');
    await call.hears('I will connect you');
    await lab.phone(lab.number).rung();
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
    expect(lab.notified).toEqual([{ text: `Somebody new has called: ${stranger}` }]);
  });

  it.each(['anonymous', 'private', '12'])('makes no lead of %s, which is no number', async (from) => {
    await using lab = await open();
    const call = await lab.phone(from).call();
    await call.hears('we do not know you yet');
    call.hangUp();
    await lab.handled();
    expect(await lab.store.leads()).toEqual([]);
    expect(lab.notified).toEqual([]);
  });

  it('ends the call when nobody picks up, with that said', async () => {
    await using lab = await open();
    const call = await lab.phone(stranger).call();
    await call.hears('Shall I connect you');
    await call.says('Yes please');
    await call.hears('I will connect you');
    await call.hears('Please call again later', { withinMs: 40_000 });
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
  });

  it.each([0, ...steps.map((_, index) => index + 1)])('survives a caller who hangs up after step %i', async (count) => {
    await using lab = await open();
    const call = await lab.phone(ada).call();
    await lab.walk(call, steps, { count });
    call.hangUp();
    for (const one of lab.calls) expect(await lab.handled(one)).toMatchObject({ outcome: 'hung-up' });
    expect(await lab.store.find(ada)).toEqual({ name: 'Ada', openTickets: ['a slow export', 'a wrong invoice'] });
    expect(await lab.store.leads()).toEqual([]);
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
    model.sessions[0]?.call('hand_off', 'now' as unknown as Record<string, never>);
    await lab.pass(500);
    await call.says('What about my ticket');
    await call.hears('we are working on them');
    call.hangUp();
    expect(await lab.handled()).toMatchObject({ tools: [{ outcome: 'unknown-tool' }, { outcome: 'bad-arguments' }] });
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
