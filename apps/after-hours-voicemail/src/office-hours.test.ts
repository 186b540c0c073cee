import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { officeHours } from './office-hours.ts';

const monday = '2026-01-05T10:00:00Z';

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
