import { describe, expect, it } from 'vitest';
import { type BusinessHours, businessHours, type BusinessHoursOptions, type Weekday } from './hours.ts';

const office: BusinessHoursOptions = {
  timeZone: 'Europe/Berlin',
  week: {
    monday: ['09:00-12:00', '13:00-17:00'],
    tuesday: '09:00-17:00',
    friday: '22:00-24:00',
    saturday: '00:00-02:00',
    sunday: '02:00-03:30',
  },
  holidays: ['2026-12-25'],
};

describe('opening hours', () => {
  const hours = businessHours(office);
  it.each([
    ['2026-01-05T08:00:00Z', true, 'Monday, nine o’clock in Berlin'],
    ['2026-01-05T07:59:59Z', false, 'a second before'],
    ['2026-01-05T11:00:00Z', false, 'the end is exclusive'],
    ['2026-01-05T12:00:00Z', true, 'after lunch'],
    ['2026-07-06T07:00:00Z', true, 'nine o’clock in summer'],
    ['2026-07-06T06:59:00Z', false, 'a minute before'],
    ['2026-01-09T22:59:00Z', true, 'the last minute of a Friday'],
    ['2026-01-09T23:30:00Z', true, 'past midnight'],
    ['2026-01-10T01:00:00Z', false, 'at two in the night'],
    ['2026-12-25T21:30:00Z', false, 'a Friday that is a holiday'],
    ['2026-01-07T10:00:00Z', false, 'a Wednesday'],
  ])('%s: %s, %s', (at, expected) => {
    expect(hours.isOpen(new Date(at))).toBe(expected);
  });

  it.each([
    ['2026-01-05T08:30:00Z', '2026-01-05T08:30:00.000Z'],
    ['2026-01-05T11:15:00Z', '2026-01-05T12:00:00.000Z'],
    ['2026-01-06T17:00:00Z', '2026-01-09T21:00:00.000Z'],
    // The hour that summer time leaves out.
    ['2026-03-28T12:00:00Z', '2026-03-29T01:00:00.000Z'],
    ['2026-12-23T12:00:00Z', '2026-12-25T23:00:00.000Z'],
  ])('after %s it opens at %s', (at, expected) => {
    expect(hours.nextOpening(new Date(at))?.toISOString()).toBe(expected);
  });

  it('never opens where it is never open', () => {
    expect(businessHours({ timeZone: 'UTC', week: {} }).nextOpening(new Date(0))).toBeUndefined();
  });

  it.each([
    ['2026-10-25T00:45:00Z', '2026-10-25T01:15:00.000Z', 'the second quarter past two'],
    ['2026-10-25T00:10:00Z', '2026-10-25T00:15:00.000Z', 'the first'],
    ['2026-10-25T00:15:30.500Z', '2026-10-25T00:15:30.500Z', 'open'],
    ['2026-10-25T00:30:00.001Z', '2026-10-25T01:15:00.000Z', 'a millisecond past the first end'],
  ])('after %s, where clocks go back in Berlin, it opens at %s: %s', (at, expected) => {
    const night = businessHours({ timeZone: 'Europe/Berlin', week: { sunday: '02:15-02:30' } });
    expect(night.nextOpening(new Date(at))?.toISOString()).toBe(expected);
  });

  describe.each([
    ['Europe/Berlin', '2026-03-29T01:00:00Z', '2026-10-25T01:00:00Z'],
    ['America/New_York', '2026-11-01T06:00:00Z', '2026-03-08T07:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T15:00:00Z', '2026-10-03T15:30:00Z'],
    ['America/St_Johns', '2026-03-08T05:30:00Z', '2026-11-01T04:30:00Z'],
    ['Africa/Cairo', '2026-04-23T22:00:00Z', '2026-10-29T21:00:00Z'],
    ['America/Santiago', '2026-04-05T03:00:00Z', '2026-09-06T04:00:00Z'],
    ['Africa/Casablanca', '2026-02-15T02:00:00Z', '2026-03-22T02:00:00Z'],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-09-24T11:00:00Z'],
    ['UTC', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  ])('in %s', (timeZone, ...changes) => {
    const night = ['00:00-00:10', '00:20-00:50', '01:10-01:35', '01:50-02:20', '02:45-03:05', '23:10-23:40'];
    const rare = ['01:40-01:45', '23:55-24:00'];
    it.each(
      changes.flatMap((change) => [night, rare, '00:30-01:30', '02:00-02:30'].map((day) => [change, day] as const)),
    )('opens when a walk minute by minute finds it open, around %s: %s', (change, day) => {
      const [week, holidays] = [Object.fromEntries(days.map((name) => [name, day])), ['2026-03-30']];
      expectAsWalked(businessHours({ timeZone, week, holidays }), Date.parse(change));
    });
  });
});

const days: readonly Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const minuteMs = 60_000;

/** Each minute of six hours around a change is asked, and a walk backwards from two days later answers. */
function expectAsWalked(hours: BusinessHours, changeMs: number): void {
  const [firstMs, lastMs] = [changeMs - 180 * minuteMs, changeMs + 180 * minuteMs];
  const wrong: string[] = [];
  let opens: number | undefined;
  for (let atMs = changeMs + 2 * 1_440 * minuteMs; atMs >= firstMs; atMs -= minuteMs) {
    const at = new Date(atMs);
    if (hours.isOpen(at)) opens = atMs;
    if (atMs <= lastMs && hours.nextOpening(at)?.getTime() !== opens) wrong.push(at.toISOString());
  }
  expect(wrong).toEqual([]);
}

it.each([
  [{ timeZone: 'Mars/Olympus' }, 'timeZone: '],
  [{ week: { funday: '09:00-17:00' } }, 'week: '],
  [{ week: { monday: '9-17' } }, 'week.monday: '],
  [{ week: { monday: '17:00-09:00' } }, 'week.monday: '],
  [{ week: { monday: '09:60-10:00' } }, 'week.monday: '],
  [{ week: { monday: '09:00-24:01' } }, 'week.monday: '],
  [{ week: { monday: ['09:00-12:00', '11:00-13:00'] } }, 'week.monday: '],
  [{ holidays: ['2026-02-30'] }, 'holidays: '],
  [{ holidays: ['25.12.'] }, 'holidays: '],
])('refuses %j with the option that is wrong', (wrong, message) => {
  expect(() => businessHours({ ...office, ...(wrong as Partial<BusinessHoursOptions>) })).toThrow(
    expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(message) as string }),
  );
});

it('refuses a date that is none', () => {
  expect(() => businessHours(office).isOpen(new Date('no'))).toThrow(/^at: /);
});
