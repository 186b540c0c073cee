import { businessHours } from '@agentao/business/hours';
import { createAppLab, type Step } from '@agentao/testing/app';
import { describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { app, confirmation, greeting, keptSound, night, type OfficeLab, open, type Parts } from './test-office.ts';

const monday = '2026-01-05T10:00:00Z';

const steps: readonly Step[] = [
  (call) => call.answered(),
  (call) => call.hears('Hello'),
  (call) => call.hears('the office is closed'),
  (call) => call.hears('Press the hash key'),
  (call) => call.hears('leave a message now'),
  (call) => call.says('Please call me back'),
  (call) => call.hears('Thank you'),
  (call) => call.hears('your message is kept'),
  (call) => call.hears('Goodbye'),
];

describe('the office', () => {
  it('is rung while it is open, and left to itself', async () => {
    await using lab = await open(monday);
    const call = await lab.phone('+15550001').call();
    const human = await lab.phone(lab.number).rung();
    human.answer();
    await call.says('Good morning');
    await human.hears('Good morning', { from: 'low' });
    expect(call.heard('high')).toBe('');
    call.hangUp();
    await lab.handled();
    expect(await lab.store.all()).toEqual([]);
  });

  it.each([
    ['at night', night],
    ['on a holiday', '2026-01-12T10:00:00Z'],
    ['on a Saturday at noon', '2026-01-10T12:00:00Z'],
  ])('takes a message %s: only what the caller says, kept, transcribed and told', async (_, at) => {
    await using lab = await open(at);
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps);
    expect(await call.ended()).toEqual({ reason: 'disconnected', by: 'agent' });
    expect(call.heard()).toBe(`${greeting} ${confirmation}`);
    const callId = lab.calls[0]?.callId;
    expect(await lab.store.all()).toMatchObject([{ callId, caller: '+15550001', transcript: 'Please call me back' }]);
    expect(await keptSound(lab)).toMatchObject({ words: 'Please call me back' });
    expect(lab.notified).toEqual([{ text: 'A message of +15550001: Please call me back', data: { callId } }]);
  });

  it('takes a message when nobody picks up', async () => {
    await using lab = await open(monday);
    const call = await lab.phone('+15550001').call();
    await lab.phone(lab.number).rung();
    await call.hears('the office is closed', { withinMs: 40_000 });
    await call.hears('message now');
    await call.says('It is urgent');
    await call.hears('your message is kept');
    await call.ended();
    expect(await lab.store.all()).toMatchObject([{ transcript: 'It is urgent' }]);
  });

  it('keeps what was said by a caller who hangs up in the middle', async () => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    await call.hears('message now');
    const saying = call.says('one two three four five six seven eight nine ten').catch(() => {});
    await lab.pass(1_500);
    call.hangUp();
    await saying;
    await lab.handled();
    expect(await lab.store.all()).toMatchObject([{ caller: '+15550001', transcript: 'one two three four' }]);
    expect(await keptSound(lab)).toMatchObject({ words: 'one two three four f-' });
  });

  it('keeps a message that is not written down: the model that listens is lost', async () => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    await call.hears('message now');
    lab.model.sessions[0]?.lose();
    await call.says('Please call me back');
    await call.hears('your message is kept');
    await call.ended();
    const callId = lab.calls[0]?.callId;
    expect(await lab.store.all()).toMatchObject([{ callId, transcript: null }]);
    expect(await keptSound(lab)).toMatchObject({ words: 'Please call me back' });
    expect(lab.notified).toEqual([{ text: 'A message of +15550001: see the recording', data: { callId } }]);
  });

  it.each([0, 1])('answers conversation %i with the model, which has no tools, that there is none', async (index) => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    await call.hears('message now');
    lab.model.sessions[index]?.call('send_message', { to: 'everybody' });
    await call.says('Please call me back');
    await call.hears('your message is kept');
    await call.ended();
    expect(JSON.stringify(lab.model.sessions[index]?.answers)).toContain('There is no tool send_message');
    expect(await lab.store.all()).toMatchObject([{ transcript: 'Please call me back' }]);
    expect(lab.notified).toHaveLength(1);
  });

  it('goes by the clocks of its zone', async () => {
    const berlin = businessHours({ timeZone: 'Europe/Berlin', week: { monday: '09:00-17:00' } });
    await using lab = await createAppLab({
      ...app,
      createApp: (parts: Parts) => createApp({ hours: berlin, ...parts }),
      startAt: new Date('2026-01-05T16:30:00Z'),
    });
    const call = await lab.phone('+15550001').call();
    await call.hears('the office is closed');
    call.hangUp();
  });

  it('keeps nothing of a caller who says nothing', async () => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    await call.hears('message now');
    await call.hears('I heard nothing');
    await call.ended();
    expect(await lab.store.all()).toEqual([]);
  });

  it.each([0, 1, 2, 3, 4, 5])('keeps nothing of a caller who hangs up after %i steps, before a word', async (count) => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps, { count });
    call.hangUp();
    for (const one of lab.calls) await lab.handled(one);
    expect(await lab.store.all()).toEqual([]);
    expect(lab.notified).toEqual([]);
  });

  it.each([
    // The model that listens has not got the last word when the call ends; the recording has.
    [6, 'Please call me'],
    [7, 'Please call me back'],
    [8, 'Please call me back'],
    [9, 'Please call me back'],
  ])('keeps the message of a caller who hangs up after %i steps', async (count, transcript) => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps, { count });
    call.hangUp();
    await lab.handled();
    const callId = lab.calls[0]?.callId;
    expect(await lab.store.all()).toMatchObject([{ callId, caller: '+15550001', transcript }]);
    expect(await keptSound(lab)).toMatchObject({ words: 'Please call me back' });
    expect(lab.notified).toEqual([{ text: `A message of +15550001: ${transcript}`, data: { callId } }]);
  });

  it('stops ringing when the caller hangs up meanwhile', async () => {
    await using lab = await open(monday);
    const call = await lab.phone('+15550001').call();
    const human = await lab.phone(lab.number).rung();
    call.hangUp();
    await human.ended();
    await lab.handled();
    expect(await lab.store.all()).toEqual([]);
  });

  it('says so when the message cannot be kept', async () => {
    await using lab = await open(night);
    const other = lab.lockStore();
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps, { count: 6 });
    await call.hears('could not be kept');
    await call.ended();
    other[Symbol.dispose]();
    expect(lab.notified).toEqual([{ text: 'A message of +15550001 could not be kept.' }]);
  });

  it.each(['down', 'hangs'] as const)(
    'keeps and confirms a message that nobody can be told of: notifier %s',
    async (notifier) => {
      await using lab = await open(night, { notifier });
      const call = await lab.phone('+15550001').call();
      await lab.walk(call, steps);
      await call.ended();
      expect(await lab.store.all()).toHaveLength(1);
    },
  );

  it('keeps two messages at once apart', async () => {
    await using lab = await open(night);
    const one = await lab.phone('+15550001').call();
    const two = await lab.phone('+15550002').call();
    await one.hears('message now');
    await two.hears('message now');
    await Promise.all([one.says('first caller'), two.says('second caller')]);
    await one.hears('kept');
    await two.hears('kept');
    await one.ended();
    await two.ended();
    const messages = await lab.store.all();
    expect(
      messages.map(({ caller, transcript }) => `${caller}: ${transcript}`).toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['+15550001: first caller', '+15550002: second caller']);
  });

  it('keeps, then writes down, then tells', async () => {
    const order: string[] = [];
    await using lab: OfficeLab = await createAppLab({
      ...app,
      startAt: new Date(night),
      createApp: ({ store, notify, ...parts }: Parts) =>
        app.createApp({
          ...parts,
          store: {
            ...store,
            save: async (...message) => {
              const isHeard = lab.model.sessions[0]?.closed === false;
              await store.save(...message);
              order.push(isHeard ? 'saved while the model listens' : 'saved afterwards');
            },
            transcribe: async (...words) => {
              await store.transcribe(...words);
              order.push('written down');
            },
          },
          notify: {
            ...notify,
            send: (notification) => {
              order.push('told');
              return notify.send(notification);
            },
          },
        }),
    });
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps);
    await call.ended();
    expect(order).toEqual(['saved while the model listens', 'written down', 'told']);
  });

  it('keeps, confirms and tells a message that cannot be written down', async () => {
    let other: Disposable | undefined;
    await using lab: OfficeLab = await createAppLab({
      ...app,
      startAt: new Date(night),
      createApp: ({ store, ...parts }: Parts) =>
        app.createApp({
          ...parts,
          store: {
            ...store,
            transcribe: (...words) => {
              other = lab.lockStore();
              return store.transcribe(...words);
            },
          },
        }),
    });
    const call = await lab.phone('+15550001').call();
    await lab.walk(call, steps);
    await call.ended({ withinMs: 30_000 });
    await lab.handled();
    other?.[Symbol.dispose]();
    const callId = lab.calls[0]?.callId;
    expect(await lab.store.all()).toMatchObject([{ callId, transcript: null }]);
    expect(lab.notified).toEqual([{ text: 'A message of +15550001: Please call me back', data: { callId } }]);
  });
});
