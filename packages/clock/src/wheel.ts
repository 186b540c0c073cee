import type { Clock, Timer } from './clock.ts';

/** What a wheel drives. Both methods run on the wheel's turn and must not block; a throw removes the member. */
export interface WheelMember {
  /** One tick of `tickMs`; called in order, as often as ticks have fallen due. */
  tick(): void;
  /** `ticks` ticks were left out after a stall: advance positions by them. */
  skipped(ticks: number): void;
}

/** Counters over all members since the start or the last reset. */
export interface WheelStats {
  /** Ticks delivered. */
  readonly ticks: number;
  /** Ticks delivered more than one tick after they were due. */
  readonly lateTicks: number;
  /** Ticks left out. */
  readonly skippedTicks: number;
  /** The most that a delivered tick was behind its due time. */
  readonly maxLatenessMs: number;
}

/** The one pacing device: absolute due times, no drift, members spread evenly over the tick. */
export interface Wheel {
  readonly tickMs: number;
  /** Members now. */
  readonly size: number;
  /** Puts `member` into the least full slot, at whose next due time it gets its first tick. Disposing takes it out. */
  add(member: WheelMember): Disposable;
  stats(): WheelStats;
  resetStats(): void;
}

/** What a wheel is made of. */
export interface WheelOptions {
  readonly clock: Clock;
  /** Default 20. */
  readonly tickMs?: number;
  /** How many moments of a tick members are spread over. Default 10. */
  readonly slots?: number;
  /** Ticks of a member that are made up for after a stall; the rest is skipped. Default 5. */
  readonly maxCatchUpTicks?: number;
  /** Told of a member that threw and was therefore removed. Must not throw. */
  readonly onError: (error: unknown, member: WheelMember) => void;
  /** Told, once for all members that share a moment, by how much their tick is late. Must not throw. */
  readonly onLateness?: (latenessMs: number) => void;
}

/** A member's place. `next` is the step at which it is due. */
interface Entry {
  readonly member: WheelMember;
  next: number;
  present: boolean;
}

/** Creates a wheel that starts at `clock.now()` and sleeps while it has no members. */
export function createWheel(options: WheelOptions): Wheel {
  const { clock, tickMs = 20, slots = 10, maxCatchUpTicks = 5, onError, onLateness } = options;
  checkPositive('tickMs', tickMs > 0 && Number.isFinite(tickMs));
  checkPositive('slots', slots > 0 && Number.isSafeInteger(slots));
  checkPositive('maxCatchUpTicks', maxCatchUpTicks > 0 && Number.isSafeInteger(maxCatchUpTicks));

  // Step g is slot g % slots of tick floor(g / slots). Arrays of entries are replaced, never changed, so that
  // members may come and go while one is walked.
  const originMs = clock.now();
  const bySlot: (readonly Entry[])[] = Array.from({ length: slots }, () => []);
  let size = 0;
  /** The first step that has not been taken. */
  let cursor = 0;
  let turning = false;
  let timer: Timer | undefined;
  let armedStep = Number.POSITIVE_INFINITY;

  let ticks = 0;
  let lateTicks = 0;
  let skippedTicks = 0;
  let maxLatenessMs = 0;

  const dueMs = (step: number): number => originMs + (step * tickMs) / slots;

  /** The last step due at `nowMs`; rounding is settled by `dueMs` itself. */
  const lastDueStep = (nowMs: number): number => {
    let step = Math.floor(((nowMs - originMs) * slots) / tickMs);
    while (dueMs(step + 1) <= nowMs) step++;
    while (dueMs(step) > nowMs) step--;
    return step;
  };

  const entriesAt = (step: number): readonly Entry[] => bySlot[step % slots] ?? [];

  const arm = (): void => {
    let step = cursor;
    while (step < cursor + slots && entriesAt(step).length === 0) step++;
    const wanted = size === 0 ? Number.POSITIVE_INFINITY : step;
    if (wanted === armedStep) return;
    timer?.cancel();
    armedStep = wanted;
    timer = size === 0 ? undefined : clock.setTimer(dueMs(step), turn);
  };

  const remove = (entry: Entry, slot: number): void => {
    if (!entry.present) return;
    entry.present = false;
    bySlot[slot] = (bySlot[slot] ?? []).filter((other) => other !== entry);
    size--;
    if (!turning) arm();
  };

  const tickStep = (step: number): void => {
    const entries = entriesAt(step);
    if (entries.length === 0) return;
    const latenessMs = clock.now() - dueMs(step);
    onLateness?.(latenessMs);
    for (const entry of entries) {
      if (!entry.present || entry.next > step) continue;
      entry.next = step + slots;
      ticks++;
      if (latenessMs > tickMs) lateTicks++;
      if (latenessMs > maxLatenessMs) maxLatenessMs = latenessMs;
      try {
        entry.member.tick();
      } catch (error) {
        remove(entry, step % slots);
        onError(error, entry.member);
      }
    }
  };

  const skipSlot = (slot: number, lastStep: number): void => {
    for (const entry of bySlot[slot] ?? []) {
      if (!entry.present || entry.next > lastStep) continue;
      const count = Math.floor((lastStep - entry.next) / slots) + 1;
      entry.next += count * slots;
      skippedTicks += count;
      try {
        entry.member.skipped(count);
      } catch (error) {
        remove(entry, slot);
        onError(error, entry.member);
      }
    }
  };

  const turn = (): void => {
    turning = true;
    armedStep = Number.POSITIVE_INFINITY;
    try {
      const lastStep = lastDueStep(clock.now());
      const lastTickStep = Math.min(lastStep, cursor + maxCatchUpTicks * slots - 1);
      while (cursor <= lastTickStep) tickStep(cursor++);
      if (cursor <= lastStep) {
        cursor = lastStep + 1;
        for (let slot = 0; slot < slots; slot++) skipSlot(slot, lastStep);
      }
    } finally {
      turning = false;
      arm();
    }
  };

  const add = (member: WheelMember): Disposable => {
    let slot = 0;
    for (let other = 1; other < slots; other++) {
      if ((bySlot[other]?.length ?? 0) < (bySlot[slot]?.length ?? 0)) slot = other;
    }
    const soonest = lastDueStep(clock.now()) + 1;
    const next = soonest + ((slot - (soonest % slots) + slots) % slots);
    const entry: Entry = { member, next, present: true };
    // Everything before the armed step is empty, and would only wake the wheel for nothing.
    if (!turning) cursor = Math.min(soonest, armedStep);
    bySlot[slot] = [...(bySlot[slot] ?? []), entry];
    size++;
    if (!turning) arm();
    return { [Symbol.dispose]: () => remove(entry, slot) };
  };

  return {
    tickMs,
    get size() {
      return size;
    },
    add,
    stats: () => ({ ticks, lateTicks, skippedTicks, maxLatenessMs }),
    resetStats: () => {
      ticks = lateTicks = skippedTicks = maxLatenessMs = 0;
    },
  };
}

function checkPositive(name: string, ok: boolean): void {
  if (!ok) throw new RangeError(`createWheel: ${name} must be positive`);
}
