import { DateTime, IANAZone } from 'luxon';

/** A day of the week. */
export type Weekday = 'monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday';

/** When a business is open, in its own time. */
export interface BusinessHoursOptions {
  /** IANA, such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** `09:00-17:00`, or several of them in order; a day that is left out is closed. `24:00` is the end of a day. */
  readonly week: Readonly<Partial<Record<Weekday, string | readonly string[]>>>;
  /** Days on which it is closed: `2026-12-25`. */
  readonly holidays?: readonly string[];
}

/** Answers about opening hours. */
export interface BusinessHours {
  isOpen(at: Date): boolean;
  /** When it opens next, `at` itself if it is open; `undefined` where it does not within a year. */
  nextOpening(at: Date): Date | undefined;
}

/** Minutes of a day, from inclusive, to exclusive. */
interface Range {
  readonly from: number;
  readonly to: number;
}

const weekdays: readonly Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const lookAheadDays = 366;

/** Makes opening hours. Throws `TypeError` with the option that is wrong. Hours over midnight are two: `22:00-24:00` and `00:00-02:00` of the next day. */
export function businessHours({ timeZone, week, holidays = [] }: BusinessHoursOptions): BusinessHours {
  if (!IANAZone.isValidZone(timeZone)) throw new TypeError(`timeZone: IANA, such as Europe/Berlin; not ${timeZone}`);
  for (const day of Object.keys(week)) {
    if (!weekdays.includes(day as Weekday)) throw new TypeError(`week: ${weekdays.join(', ')}; not ${day}`);
  }
  const ranges = weekdays.map((day) => rangesOf(day, week[day]));
  const closed = new Set(holidays.map(holiday));

  const rangesAt = (day: DateTime): readonly Range[] =>
    closed.has(day.toISODate() ?? '') ? [] : (ranges[day.weekday - 1] ?? []);

  const isOpen = (at: Date): boolean => {
    const local = localTime(at, timeZone);
    const minute = local.hour * 60 + local.minute;
    return rangesAt(local).some(({ from, to }) => minute >= from && minute < to);
  };

  return {
    isOpen,
    nextOpening: (at) => {
      if (isOpen(at)) return at;
      const today = localTime(at, timeZone).startOf('day');
      for (let days = 0; days <= lookAheadDays; days++) {
        const day = today.plus({ days });
        for (const { from } of rangesAt(day)) {
          // In the hour that a change of clocks leaves out it opens when that hour is over.
          const opens = day.set({ hour: Math.floor(from / 60), minute: from % 60 }).toJSDate();
          if (opens > at && isOpen(opens)) return opens;
        }
      }
      return undefined;
    },
  };
}

function localTime(at: Date, zone: string): DateTime {
  if (Number.isNaN(at.getTime())) throw new TypeError('at: a valid Date');
  return DateTime.fromJSDate(at, { zone });
}

function rangesOf(day: Weekday, hours: string | readonly string[] = []): readonly Range[] {
  const texts = typeof hours === 'string' ? [hours] : hours;
  const ranges = texts.map((text) => rangeOf(day, text));
  for (const [index, { from }] of ranges.entries()) {
    if (from < (ranges[index - 1]?.to ?? 0)) throw new TypeError(`week.${day}: hours in order that do not overlap`);
  }
  return ranges;
}

function rangeOf(day: Weekday, text: string): Range {
  const match = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(text);
  const [fromHour = 99, fromMinute = 0, toHour = 99, toMinute = 0] = match?.slice(1).map(Number) ?? [];
  const range = { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute };
  const isTime = fromMinute < 60 && toMinute < 60 && range.to <= 24 * 60;
  if (!isTime || range.from >= range.to) {
    throw new TypeError(`week.${day}: 09:00-17:00, within one day; not ${JSON.stringify(text)}`);
  }
  return range;
}

function holiday(text: string): string {
  const date = DateTime.fromISO(text, { zone: 'utc' });
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || !date.isValid)
    throw new TypeError(`holidays: 2026-12-25; not ${JSON.stringify(text)}`);
  return text;
}
