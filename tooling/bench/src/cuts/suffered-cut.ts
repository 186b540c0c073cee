import type { Cut } from './cut-plan.ts';
import type { Gap } from './ear-log.ts';

/** A cut that was made, and when the agent was there again, on one clock. */
export interface SufferedCut extends Cut {
  readonly brokenMs: number;
  readonly resumedMs: number;
}

/** What a cut did to the caller's ear. */
export interface CutEffect {
  /** From the cut to the resume. */
  readonly outageMs: number;
  /** Silence at the caller's ear. */
  readonly gapMs: number;
  /** From the moment at which a resume was possible, and known to be needed, to the resume. */
  readonly resumeMs: number;
}

/** After so long without a frame a media connection counts as dead (PROTOCOL.md). */
const mediaDeadMs = 2_000;

/** What the cut did; `gaps` are those between it and the next one. */
export function effectOf({ breakage, downMs, brokenMs, resumedMs }: SufferedCut, gaps: readonly Gap[]): CutEffect {
  const outageMs = resumedMs - brokenMs;
  const blockedMs = breakage.kind === 'half-open' ? Math.max(mediaDeadMs, downMs) : downMs;
  const gapMs = gaps.reduce((sum, { samples }) => sum + samples, 0) / 24;
  return { outageMs, gapMs, resumeMs: outageMs - blockedMs };
}

/** The value that `share` of all are not above; `NaN` of none. */
export function percentile(all: readonly number[], share: number): number {
  const sorted = all.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
