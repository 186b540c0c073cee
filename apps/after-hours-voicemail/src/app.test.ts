import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { decodeWav } from '@agentao/audio';
import { wordsOf } from '@agentao/audio/speech';
import { businessHours } from '@agentao/business/hours';
import type { ActiveCall } from '@agentao/calls';
import { type AppLab, createAppLab, type NotifierFault, type Step } from '@agentao/testing/app';
import { map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createApp, type OfficeParts } from './app.ts';
import { officeHours } from './office-hours.ts';
import { type MessageStore, openStore } from './store.ts';

const monday = '2026-01-05T10:00:00Z';
const night = '2026-01-05T22:00:00Z';
const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];
const week = Object.fromEntries(weekdays.map((day) => [day, '09:00-17:00']));
const hours = businessHours({ timeZone: 'UTC', week, holidays: ['2026-01-12'] });
type Parts = Omit<OfficeParts, 'hours'>;
const app = {
  rules: new URL('../model.json', import.meta.url),
  openStore,
  createApp: (parts: Parts) => createApp({ hours, ...parts }),
};
type OfficeLab = AppLab<MessageStore>;
const open = (startAt: string, { notifier }: { readonly notifier?: NotifierFault } = {}): Promise<OfficeLab> =>
  createAppLab({ ...app, startAt: new Date(startAt), notifier });

const greeting = 'Hello, the office is closed. Press the hash key at the end. Please leave a message now.';
const confirmation = 'Thank you, your message is kept, and somebody will call you back. Goodbye.';

/** The sound of the first message that was kept: its words, and the silence around and between them. */
async function keptSound(lab: OfficeLab): Promise<{
  readonly words: string;
  readonly beforeMs: number;
  readonly longestPauseMs: number;
  readonly afterMs: number;
}> {
  const [message] = await lab.store.all();
  const wav = await lab.store.wav(message?.callId ?? '');
  const { samples, sampleRateHz } = decodeWav(wav ?? new Uint8Array());
  const ms = (count: number): number => (count * 1000) / sampleRateHz;
  expect(message?.durationMs).toBeCloseTo(ms(samples.length), -1);
  const words = wordsOf(samples, { sampleRateHz });
  return {
    words: words.map(({ text, complete }) => (complete ? text : `${text}-`)).join(' '),
    beforeMs: ms(words[0]?.startSample ?? 0),
    longestPauseMs: ms(Math.max(...words.slice(1).map((word, i) => word.startSample - (words[i]?.endSample ?? 0)))),
    afterMs: ms(samples.length - (words.at(-1)?.endSample ?? 0)),
  };
}

/** What a line makes of its caller: so much quieter. */
function quieter(call: ActiveCall, db: number): ActiveCall {
  const gain = 10 ** (-db / 20);
  const audio$: ActiveCall['audio$'] = (options) =>
    call
      .audio$(options)
      .pipe(map((chunk) => ({ ...chunk, samples: chunk.samples.map((sample) => Math.round(sample * gain)) })));
  return new Proxy(call, {
    get: (target, name): unknown => {
      if (name === 'audio$') return audio$;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

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
      createApp: (parts: Omit<OfficeParts, 'hours'>) => createApp({ hours: berlin, ...parts }),
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

  it('keeps a little silence around what is said, and all of it in between', async () => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    await call.hears('message now');
    await lab.pass(5_000);
    const saidAtMs = lab.clock.wallTime();
    await call.says('Please call');
    await lab.pass(2_000);
    await call.says('me back');
    await call.ended();
    const { words, beforeMs, longestPauseMs, afterMs } = await keptSound(lab);
    expect(words).toBe('Please call me back');
    for (const silenceMs of [beforeMs, afterMs]) expect(Math.abs(silenceMs - 350)).toBeLessThan(50);
    expect(Math.abs(longestPauseMs - 2_000)).toBeLessThan(200);
    const [message] = await lab.store.all();
    expect(Math.abs((message?.atMs ?? 0) - saidAtMs)).toBeLessThan(200);
  });

  it.each(['Hello', 'closed', 'key', 'leave a message'])(
    'greets once more whoever interrupts it after "%s", and keeps what is said then',
    async (heard) => {
      await using lab = await open(night);
      const call = await lab.phone('+15550001').call();
      await call.hears(heard);
      await call.says('Is anybody there');
      await call.hears(greeting);
      await call.says('Please call me back');
      await call.ended();
      expect(call.heard()).toMatch(new RegExp(`^Hello.* ${greeting} ${confirmation}$`));
      expect(await lab.store.all()).toMatchObject([{ transcript: 'Please call me back' }]);
      expect(await keptSound(lab)).toMatchObject({ words: 'Please call me back' });
    },
  );

  it('leaves out what is said while the greeting is made once more', async () => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello');
    await call.says('Is anybody there');
    await lab.pass(400);
    await call.says('Well');
    await call.hears(greeting);
    await call.says('Please call me back');
    await call.ended();
    expect(await lab.store.all()).toMatchObject([{ transcript: 'Please call me back' }]);
    expect(await keptSound(lab)).toMatchObject({ words: 'Please call me back' });
  });

  it('takes the message of whoever speaks over three greetings', async () => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    for (const words of ['No thanks', 'Not again', 'I hate machines']) {
      await call.hears('Hello');
      await call.says(words);
    }
    await call.hears(confirmation);
    await call.ended();
    expect(call.heard().match(/Hello/g)).toHaveLength(3);
    expect(await lab.store.all()).toMatchObject([{ transcript: 'I hate machines' }]);
    expect(await keptSound(lab)).toMatchObject({ words: 'I hate machines' });
  });

  it.each([0, 200, 600, 1_000])(
    'keeps nothing of whoever interrupts the greeting and hangs up %i ms later',
    async (ms) => {
      await using lab = await open(night);
      const call = await lab.phone('+15550001').call();
      await call.hears('Hello');
      await call.says('Is anybody there');
      await lab.pass(ms);
      call.hangUp();
      await lab.handled();
      expect(await lab.store.all()).toEqual([]);
      expect(lab.notified).toEqual([]);
    },
  );

  it('hears a caller who speaks softly', async () => {
    await using lab = await createAppLab({
      ...app,
      startAt: new Date(night),
      createApp: (parts: Parts) => {
        const { handler } = createApp({ hours, ...parts });
        return { handler: (call: ActiveCall) => handler(quieter(call, 28)) };
      },
    });
    const call = await lab.phone('+15550001').call();
    await call.hears('message now');
    await lab.pass(5_000);
    await call.says('Please call me back');
    await call.hears(confirmation);
    await call.ended();
    expect(await lab.store.all()).toMatchObject([{ transcript: 'Please call me back' }]);
    expect(await keptSound(lab)).toMatchObject({ words: 'Please call me back' });
  });

  it('ends a message at once when the hash key is pressed, and at no other key', async () => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    await call.hears('message now');
    await call.says('My number is');
    call.press('42*');
    await lab.pass(1_000);
    await call.says('forty two');
    call.press('#');
    await lab.pass(300);
    await call.says('Bye');
    await call.hears('Thank you', { withinMs: 2_500 });
    await call.ended();
    expect(await lab.store.all()).toMatchObject([{ transcript: 'My number is forty two' }]);
    expect(await keptSound(lab)).toMatchObject({ words: 'My number is forty two' });
  });

  it('ends a message at two minutes', async () => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    await call.hears('message now');
    const saying = call.says('word '.repeat(360)).catch(() => {});
    await call.hears('your message is kept', { withinMs: 140_000 });
    await saying;
    const [message] = await lab.store.all();
    expect(Math.abs((message?.durationMs ?? 0) - 120_000)).toBeLessThan(1_000);
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

describe('the hours of the operator', () => {
  const at = (env: Readonly<Record<string, string>>, time: string): boolean => officeHours(env).isOpen(new Date(time));

  it('are those of weekdays that are no holidays, in UTC', () => {
    const env = { OFFICE_HOURS: '09:00-17:00' };
    expect(at(env, '2026-01-05T09:00:00Z')).toBe(true);
    expect(at(env, '2026-01-09T16:59:00Z')).toBe(true);
    expect(at(env, '2026-01-09T17:00:00Z')).toBe(false);
    expect(at(env, '2026-01-10T12:00:00Z')).toBe(false);
    expect(at(env, '2026-01-11T12:00:00Z')).toBe(false);
    expect(at(env, '2026-12-25T12:00:00Z')).toBe(false);
  });

  it('are by the clocks of TZ', () => {
    const env = { OFFICE_HOURS: '09:00-17:00', TZ: 'Europe/Berlin' };
    expect(at(env, '2026-01-05T08:00:00Z')).toBe(true);
    expect(at(env, '2026-01-05T16:30:00Z')).toBe(false);
  });

  it('are none where nothing is set', () => {
    expect(at({}, monday)).toBe(false);
    expect(at({ OFFICE_HOURS: '', TZ: '' }, monday)).toBe(false);
  });

  it.each([
    [{ OFFICE_HOURS: 'nonsense' }, 'OFFICE_HOURS: hours within a day such as 09:00-17:00, not "nonsense"'],
    [{ TZ: 'Nowhere' }, 'TZ: a time zone such as Europe/Berlin, not "Nowhere"'],
  ])('are told by name in one line where they are wrong: %j', (env, line) => {
    const main = fileURLToPath(new URL('main.ts', import.meta.url));
    const { status, stdout, stderr } = spawnSync(process.execPath, [main], { env, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: `TypeError: ${line}\n` });
  });
});
