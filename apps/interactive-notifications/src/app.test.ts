import { createAppLab, type NotifierFault, type Step } from '@agentao/testing/app';
import { describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { type NotificationStore, openStore } from './store.ts';

const ada = '+12125550101';
const grace = '+12125550102';

const open = ({ notifier }: { readonly notifier?: NotifierFault } = {}) =>
  createAppLab({
    rules: new URL('../model.json', import.meta.url),
    openStore,
    fill: async (store: NotificationStore) => {
      await store.add(ada, 'Your parcel arrives tomorrow');
      await store.add(ada, 'Your invoice is due');
      await store.add(grace, 'Your visa is ready');
    },
    createApp,
    notifier,
  });

const steps: readonly Step[] = [
  (call) => call.hears('Shall I read'),
  (call) => call.says('Yes'),
  (call) => call.hears('parcel arrives tomorrow'),
  (call) => call.hears('follow up'),
  (call) => call.says('Okay got it'),
  (call) => call.hears('Noted'),
  (call) => call.hears('invoice is due'),
  (call) => call.hears('follow up'),
  (call) => call.says('Please follow up'),
  (call) => call.hears('Somebody will see to it'),
  (call) => call.hears('nothing new. Goodbye'),
];

/** What is settled when the caller hangs up after so many steps. */
const settledAfter = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2];

describe('the reader of notifications', () => {
  it('reads one after another, keeps the answers, and says goodbye', async () => {
    await using lab = await open();
    const call = await lab.phone(ada).call();
    await lab.walk(call, steps, { pauseMs: 400 });
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
    expect(await lab.store.states(ada)).toEqual(['acknowledged', 'follow-up']);
    const text = `${ada} wants a follow-up on "Your invoice is due": please call back`;
    expect(lab.notified).toEqual([{ text, data: { number: ada, id: 2 } }]);
    expect(await lab.store.states(grace)).toEqual(['pending']);
    expect(call.heard()).not.toContain('visa');
  });

  it('reads again what was cut off, and keeps it pending until it was heard', async () => {
    await using lab = await open();
    const call = await lab.phone(ada).call();
    await call.hears('Shall I read');
    await call.says('Yes');
    await call.hears('Your parcel');
    await call.says('got it');
    await call.hears('I read it again');
    expect(await lab.store.states(ada)).toEqual(['pending', 'pending']);
    await call.hears('parcel arrives tomorrow');
    await call.hears('follow up');
    await lab.pass(400);
    await call.says('got it');
    await call.hears('Noted');
    expect(await lab.store.states(ada)).toEqual(['acknowledged', 'pending']);
    call.hangUp();
    await lab.handled();
  });

  it('takes what was heard of one for no other, and an answer for one only', async () => {
    await using lab = await open();
    const call = await lab.phone(ada).call();
    await lab.walk(call, steps, { count: 5, pauseMs: 400 });
    await call.hears('Noted Your invoice');
    await call.says('Got it');
    await call.hears('I read it again');
    expect(await lab.store.states(ada)).toEqual(['acknowledged', 'pending']);
    await call.hears('follow up');
    await lab.pass(400);
    const session = lab.model.sessions[0];
    const answered = session?.answers.length ?? 0;
    for (let i = 0; i < 2; i++) {
      session?.call('acknowledge', {});
      await lab.pass(100);
    }
    await lab.pass(3_000);
    const answers = session?.answers.slice(answered).map(({ answer }) => JSON.stringify(answer));
    expect(answers?.[0]).toContain('true');
    expect(answers).toContainEqual(expect.stringContaining('nothing has been read yet'));
    call.hangUp();
    await lab.handled();
  });

  it('does not take what it says instead for what it was to read', async () => {
    await using lab = await open();
    const call = await lab.phone(ada).call();
    await call.hears('Shall I read');
    await call.says('Yes');
    await call.hears('Your');
    await call.says('Hm');
    await call.hears('Sorry have you got it');
    await lab.pass(400);
    await call.says('Got it');
    await call.hears('I read it again');
    expect(await lab.store.states(ada)).toEqual(['pending', 'pending']);
    call.hangUp();
    await lab.handled();
  });

  it('takes an answer into its question: what there was to read has been heard', async () => {
    await using lab = await open();
    const call = await lab.phone(ada).call();
    await call.hears('Shall I read');
    await call.says('Yes');
    await call.hears('tomorrow Have you');
    await call.says('Got it');
    await call.hears('Noted');
    expect(call.heard()).not.toContain('follow up');
    expect(await lab.store.states(ada)).toEqual(['acknowledged', 'pending']);
    call.hangUp();
    await lab.handled();
  });

  it('is used by its keys', async () => {
    await using lab = await open();
    const call = await lab.phone(ada).call();
    const pressed: readonly (readonly [string, string])[] = [
      ['1', 'parcel arrives tomorrow'],
      ['3', 'parcel arrives tomorrow'],
      ['1', 'invoice is due'],
      ['2', 'nothing new'],
    ];
    await call.hears('Shall I read what is new for you');
    for (const [key, answer] of pressed) {
      call.press(key);
      await call.hears(answer);
      await lab.pass(4_000);
    }
    await call.ended();
    expect(await lab.store.states(ada)).toEqual(['acknowledged', 'follow-up']);
  });

  it('knows a caller whose number comes without its country', async () => {
    await using lab = await open();
    const call = await lab.phone('(212) 555-0101').call();
    await call.hears('Shall I read');
    await call.says('Yes');
    await call.hears('parcel arrives tomorrow');
    call.hangUp();
  });

  it('keeps an answer once, and tells of it once, where somebody calls twice at once', async () => {
    await using lab = await open();
    const calls = [await lab.phone(grace).call(), await lab.phone('(212) 555-0102').call()] as const;
    for (const call of calls) await call.hears('Shall I read');
    for (const call of calls) await call.says('Yes');
    for (const call of calls) await call.hears('follow up');
    await lab.pass(400);
    for (const call of calls) await call.says('Please follow up');
    for (const call of calls) await call.hears('nothing new. Goodbye');
    expect(await lab.store.states(grace)).toEqual(['follow-up']);
    expect(lab.notified).toHaveLength(1);
  });

  it('goes on in the next call where the last one ended', async () => {
    await using lab = await open();
    const first = await lab.phone(ada).call();
    await lab.walk(first, steps, { count: 6, pauseMs: 400 });
    first.hangUp();
    await first.ended();
    const second = await lab.phone(ada).call();
    await second.hears('Shall I read');
    await lab.pass(400);
    await second.says('Yes');
    await second.hears('invoice is due');
    expect(second.heard()).not.toContain('parcel');
    second.hangUp();
  });

  it.each(steps.map((_, index) => index + 1))(
    'keeps nothing wrong when the caller hangs up after step %i',
    async (count) => {
      await using lab = await open();
      const call = await lab.phone(ada).call();
      await lab.walk(call, steps, { count: count, pauseMs: 400 });
      call.hangUp();
      for (const one of lab.calls) await lab.handled(one);
      const settled = (await lab.store.states(ada)).filter((state) => state !== 'pending');
      expect(settled).toHaveLength(settledAfter[count] ?? 2);
    },
  );

  it('has nothing for a number that is withheld', async () => {
    await using lab = await open();
    const call = await lab.phone('anonymous').call();
    await call.hears('Shall I read');
    await lab.pass(400);
    await call.says('Yes');
    await call.hears('nothing new');
    await call.ended();
  });

  it('answers a model that acknowledges what was not read, calls a wrong tool, or gives wrong arguments', async () => {
    await using lab = await open();
    const { model } = lab;
    const call = await lab.phone(ada).call();
    await call.hears('Shall I read');
    for (const [name, args] of [
      ['acknowledge', {}],
      ['settle', { id: 3 }],
      ['follow_up', { wish: '' }],
    ] as const) {
      model.sessions[0]?.call(name, args);
      await lab.pass(3_000);
    }
    call.hangUp();
    expect(await lab.store.states(ada)).toEqual(['pending', 'pending']);
    await lab.handled();
    const notes = lab.annotations(lab.calls[0]?.callId ?? '').filter(({ kind }) => kind === 'tool');
    const outcomes = notes.map(({ data }) => (data as { readonly outcome: string }).outcome);
    expect(outcomes).toEqual(expect.arrayContaining(['failed', 'unknown-tool', 'bad-arguments']));
  });

  it('says what is wrong while its store is locked, and goes on afterwards', async () => {
    await using lab = await open();
    const { model } = lab;
    const call = await lab.phone(ada).call();
    await call.hears('Shall I read');
    const other = lab.lockStore();
    await lab.pass(400);
    await call.says('Yes');
    await call.hears('I cannot look at the moment. Shall I try again');
    other[Symbol.dispose]();
    expect(JSON.stringify(model.sessions[0]?.answers)).toContain('next_notification failed');
    await lab.pass(400);
    await call.says('Yes please');
    await call.hears('parcel');
    call.hangUp();
    await lab.handled();
  });

  it.each(['down', 'hangs'] as const)(
    'keeps a follow-up also where nobody can be told: notifier %s',
    async (notifier) => {
      await using lab = await open({ notifier });
      const call = await lab.phone(grace).call();
      await call.hears('Shall I read');
      await lab.pass(400);
      await call.says('Yes');
      await call.hears('follow up');
      await lab.pass(400);
      await call.says('Please follow up');
      await call.hears('Somebody will see to it');
      call.hangUp();
      await lab.handled();
      expect(await lab.store.states(grace)).toEqual(['follow-up']);
    },
  );

  it('keeps two calls at once apart', async () => {
    await using lab = await open();
    const one = await lab.phone(ada).call();
    const two = await lab.phone(grace).call();
    await one.hears('Shall I read');
    await two.hears('Shall I read');
    await lab.pass(400);
    await one.says('Yes');
    await two.says('Yes');
    await one.hears('parcel');
    await two.hears('visa');
    expect(one.heard()).not.toContain('visa');
    expect(two.heard()).not.toContain('parcel');
    one.hangUp();
    two.hangUp();
    for (const call of lab.calls) await lab.handled(call);
  });
});
