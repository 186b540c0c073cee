/** A duration as a clock shows it: `0:07`, `12:45`, `1:02:03`. Negative ones, as from clocks that differ, count as none. */
export function showDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const two = (count: number): string => String(count).padStart(2, '0');
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** Milliseconds as seconds with three decimals: `12.345`. */
export function showSeconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

/** The local time of day of a Unix time in milliseconds, 24 hours: `09:05:59`. */
export function showTimeOfDay(unixMs: number): string {
  return new Date(unixMs).toLocaleTimeString('en-GB');
}
