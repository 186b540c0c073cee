/** A level for people; -120 dBFS is digital silence. */
export function showLevel(levelDb: number): string {
  return levelDb <= -119.5 ? 'silence' : `${levelDb.toFixed(1)} dBFS`;
}

/** A duration for people: whole milliseconds below a second, else seconds with two decimals. */
export function showDuration(durationMs: number): string {
  return durationMs < 999.5 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1000).toFixed(2)} s`;
}

/** `1 gap`, `2 gaps`. */
export function showCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
