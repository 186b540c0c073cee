/** The quietest level that a meter shows. */
export const floorDb = -60;

/** How fast a bar falls after a peak. */
const fallDbPerSecond = 40;

/** How much of a meter is lit at a level in dBFS: 0 at -60 and below, 1 at full scale. */
export function litFraction(db: number): number {
  return Math.min(1, Math.max(0, 1 - db / floorDb));
}

/** What the bar shows next: it rises at once and falls at a steady pace. */
export function nextShownDb(shownDb: number, db: number, elapsedMs: number): number {
  const fallen = Math.max(floorDb, shownDb) - (fallDbPerSecond * elapsedMs) / 1_000;
  return Math.max(db, fallen);
}

/** A level in words, whole decibels: `-21 dB`, or `silence` where there is nothing to speak of. */
export function showLevel(db: number): string {
  return db <= floorDb ? 'silence' : `${Math.round(db)} dB`;
}
