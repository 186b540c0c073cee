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
  /** As it was given: what is said of a time is said in it. */
  readonly timeZone: string;
  /** By what the clocks of the zone show at `at`, also in an hour that they show twice. Throws `TypeError` for a date that is none. */
  isOpen(at: Date): boolean;
  /** When it opens next, `at` itself if it is open, the earlier one where clocks show a time twice; `undefined` where it does not within 366 days. Throws as `isOpen`. */
  nextOpening(at: Date): Date | undefined;
}

/** Minutes of a day, from inclusive, to exclusive. */
interface Range {
  readonly from: number;
  readonly to: number;
}

const weekdays: readonly Weekday[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const lookAheadDays = 366;
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Makes opening hours. Throws `TypeError` with the option that is wrong. Hours over midnight are two: `22:00-24:00` and `00:00-02:00` of the next day. */
export function businessHours({ timeZone, week, holidays = [] }: BusinessHoursOptions): BusinessHours {
  if (!IANAZone.isValidZone(timeZone)) throw new TypeError(`timeZone: IANA, such as Europe/Berlin; not ${timeZone}`);
  for (const day of Object.keys(week)) {
    if (!weekdays.includes(day as Weekday)) throw new TypeError(`week: ${weekdays.join(', ')}; not ${day}`);
  }
  const zone = IANAZone.create(timeZone);
  const ranges = weekdays.map((day) => rangesOf(day, week[day]));
  const closed = new Set(holidays.map(holiday));

  const rangesAt = (day: DateTime): readonly Range[] =>
    closed.has(day.toISODate() ?? '') ? [] : (ranges[day.weekday - 1] ?? []);

  const isOpen = (at: Date): boolean => {
    const local = localTime(at, timeZone);
    const minute = local.hour * 60 + local.minute;
    return rangesAt(local).some(({ from, to }) => minute >= from && minute < to);
  };

  /** Nothing opens between `at` and the next beginning of hours or of a day, or the change of clocks before it. */
  const nextStep = (at: Date): Date => {
    const local = localTime(at, timeZone);
    const timeOfDayMs = (local.hour * 60 + local.minute) * minuteMs + local.second * 1_000 + local.millisecond;
    const later = rangesAt(local).find(({ from }) => from * minuteMs > timeOfDayMs);
    const untilMs = (later === undefined ? dayMs : later.from * minuteMs) - timeOfDayMs;
    return firstChange(zone, at.getTime(), at.getTime() + untilMs);
  };

  return {
    timeZone,
    isOpen,
    nextOpening: (at) => {
      const end = at.getTime() + lookAheadDays * dayMs;
      for (let next = at; !(next.getTime() > end); next = nextStep(next)) {
        if (isOpen(next)) return next;
      }
      return undefined;
    },
  };
}

/** The first millisecond after `fromMs` at which the clocks of a zone differ from what they were, `toMs` at the latest. */
function firstChange(zone: IANAZone, fromMs: number, toMs: number): Date {
  const offset = zone.offset(fromMs);
  if (zone.offset(toMs) === offset) return new Date(toMs);
  let [before, after] = [fromMs, toMs];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (zone.offset(middle) === offset) before = middle;
    else after = middle;
  }
  return new Date(after);
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
