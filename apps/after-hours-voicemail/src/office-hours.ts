import { type BusinessHours, businessHours } from '@agentao/business/hours';

const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'];
const holidays = ['2026-12-25', '2027-01-01'];

/**
 * The hours of `OFFICE_HOURS`, on weekdays, by the clocks of `TZ`, else of UTC. Closed at all times unless told otherwise, so that there is something to
 * try. Throws `TypeError` that names the variable that is wrong.
 */
export function officeHours(env: Readonly<Record<string, string | undefined>>): BusinessHours {
  const { OFFICE_HOURS: hours = '', TZ: zone = '' } = env;
  const timeZone = zone === '' ? 'UTC' : zone;
  const week = hours === '' ? {} : Object.fromEntries(days.map((day) => [day, hours]));
  check(`TZ: a time zone such as Europe/Berlin, not ${JSON.stringify(zone)}`, () =>
    businessHours({ timeZone, week: {} }),
  );
  check(`OFFICE_HOURS: hours within a day such as 09:00-17:00, not ${JSON.stringify(hours)}`, () =>
    businessHours({ timeZone, week }),
  );
  return businessHours({ timeZone, week, holidays });
}

/** What is wrong is told by the name that the operator has set. */
function check(problem: string, use: () => unknown): void {
  try {
    use();
  } catch (cause) {
    throw new TypeError(problem, { cause });
  }
}
