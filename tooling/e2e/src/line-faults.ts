import fc from 'fast-check';
import type { BreakableCall, BreakableLine } from './breakable-line.ts';

/** One thing that goes wrong with the media connection, and how long nobody can connect then. */
export interface LineFault {
  /** The line breaks; dies silently; or carries nothing any more in one direction. */
  readonly kind: 'cut' | 'halfOpen' | 'toClient' | 'toServer';
  /** Since the fault before it. */
  readonly afterMs: number;
  readonly downMs: number;
}

/** Up to three faults, some of them so close that they meet a resume under way. */
export const faultList: fc.Arbitrary<LineFault[]> = fc.array(
  fc.record({
    kind: fc.constantFrom<LineFault['kind']>('cut', 'cut', 'cut', 'halfOpen', 'toClient', 'toServer'),
    afterMs: fc.oneof(
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 900 }),
      fc.integer({ min: 2_000, max: 2_300 }),
    ),
    downMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_500 })),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Lets them happen, one after another. */
export async function suffer(line: BreakableLine, call: BreakableCall, faults: readonly LineFault[]): Promise<void> {
  const { clock } = line.virtual;
  for (const { kind, afterMs, downMs } of faults) {
    await clock.advance(afterMs);
    line.reachable = false;
    const connection = call.media();
    if (kind === 'cut') connection?.cut();
    else if (kind === 'halfOpen') connection?.halfOpen();
    else connection?.stall(kind);
    await clock.advance(downMs);
    line.reachable = true;
  }
}
