import type { ActiveCall } from '@agentao/calls';
import { createAppLab } from '@agentao/testing/app';
import { describe, expect, it } from 'vitest';
import { createApp } from './app.ts';
import { app, confirmation, greeting, hours, keptSound, night, open, type Parts, quieter } from './test-office.ts';

describe('a message', () => {
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

  it.each([60, 70, 80, 400])('keeps nothing of whoever hangs up %i ms into a word over the greeting', async (ms) => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello');
    const saying = call.says('Is anybody there').catch(() => {});
    await lab.pass(ms);
    call.hangUp();
    await saying;
    await lab.handled();
    expect(await lab.store.all()).toEqual([]);
  });

  it('waits for a caller who goes on and on over the greeting, and asks once more', async () => {
    await using lab = await open(night);
    const call = await lab.phone('+15550001').call();
    await call.hears('Hello');
    await call.says('word '.repeat(35));
    await call.hears(greeting);
    await call.says('Please call me back');
    await call.ended();
    expect(await lab.store.all()).toMatchObject([{ transcript: 'Please call me back' }]);
    expect(await keptSound(lab)).toMatchObject({ words: 'Please call me back' });
  });

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
});
