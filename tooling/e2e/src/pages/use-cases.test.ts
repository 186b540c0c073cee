import { afterAll, expect, it } from 'vitest';
import { readPage } from './page.ts';
import { runBlock } from './run-block.ts';

const page = readPage('docs/use-cases.md');
const voicemail = readPage('docs/use-cases/after-hours-voicemail.md');
const booking = readPage('docs/use-cases/appointment-booking.md');
const coaching = readPage('docs/use-cases/call-coaching.md');
const lookUp = readPage('docs/use-cases/database-lookup.md');
const escalation = readPage('docs/use-cases/human-escalation.md');
const notifications = readPage('docs/use-cases/interactive-notifications.md');
afterAll(() => {
  for (const one of [page, voicemail, booking, coaching, lookUp, escalation, notifications]) one.expectAllRun();
});

it('makes an app as the page on use cases says', async () => {
  expect(await runBlock(page.code('How they are tested'))).toEqual({ callers: ['+15550001'], notified: 'somebody' });
});

it('rings by day and not by night, as the page on voicemail says', async () => {
  const byDayAndNight = { byDay: '', atNight: 'Hello, nobody is here. Please call again.' };
  expect(await runBlock(voicemail.code('What it takes'))).toEqual(byDayAndNight);
});

it('sells a slot once, as the page on booking says', async () => {
  const answers = ['I am sorry that one has just been taken.', 'You are booked.'];
  expect(await runBlock(booking.code('What it takes'))).toEqual({ answers });
});

it('whispers and spies again, as the page on coaching says', async () => {
  expect(await runBlock(coaching.code('What it takes'))).toEqual({ mode: 'spy', overheard: '' });
});

it('looks up while it rings, as the page on look-ups says', async () => {
  expect(await runBlock(lookUp.code('What it takes'))).toEqual({ states: ['PENDING', 'PENDING'] });
});

it('keeps why before it rings, as the page on escalation says', async () => {
  expect(await runBlock(escalation.code('What it takes'))).toEqual({ kept: ['wants a person'] });
});

it('acknowledges only what was heard, as the page on notifications says', async () => {
  expect(await runBlock(notifications.code('What it takes'))).toEqual({ outcomes: ['failed', 'ok'] });
});
