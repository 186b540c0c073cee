import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { businessHours, type BusinessHoursOptions } from './hours.ts';

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

  it('opens next when a walk minute by minute finds it open, also where clocks change', () => {
    const start = fc.constantFrom(
      '2026-03-27T12:00:00Z',
      '2026-10-23T12:00:00Z',
      '2026-03-06T12:00:00Z',
      '2026-10-30T12:00:00Z',
    );
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC');
    fc.assert(
      fc.property(start, zone, fc.integer({ min: 0, max: 2 * 1_440 }), (from, timeZone, minutes) => {
        const some = businessHours({ ...office, timeZone });
        const at = new Date(Date.parse(from) + minutes * 60_000);
        let walked = at;
        while (!some.isOpen(walked)) walked = new Date(walked.getTime() + 60_000);
        expect(some.nextOpening(at)?.toISOString()).toBe(walked.toISOString());
      }),
      { numRuns: 60 },
    );
  });
});

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
