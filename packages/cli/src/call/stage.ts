import { type Clock, sleep } from '@agentao/clock';
import { findSpeech, type Likeness, recognised } from '../measure/likeness.ts';
import type { Actor, Report } from '../output/report.ts';
import { showDuration, showLevel } from '../output/units.ts';
import type { Span } from '../phone/mouth.ts';
import type { Phone } from '../phone/phone.ts';

/** What a simulated call is played with. */
export interface Stage {
  readonly clock: Clock;
  readonly report: Report;
  readonly caller: Phone;
  readonly callee: Phone;
  /** What each says, at the rate of its phone. */
  readonly lines: { readonly caller: Int16Array; readonly callee: Int16Array };
  /** When the switch last dropped what the agent had queued; known only in the switch's own process. */
  readonly clearedMs: () => number | undefined;
}

/** A step without which the rest of the call makes no sense. It is in the report already. */
export class CallStopped extends Error {
  override readonly name = 'CallStopped';
}

/** Anything at least this loud counts as heard. */
export const audibleDb = -50;
/** Anything below this counts as silence. */
const silentDb = -70;

/** How speech gets from a mouth to an ear: the delays at which to look for it, and the one after which it has arrived. */
export interface Path {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly arrivedMs: number;
}
/** Through the switch. */
export const directly: Path = { minDelayMs: 0, maxDelayMs: 600, arrivedMs: 300 };
/** By way of the agent, which repeats what it hears one second later. */
export const repeated: Path = { minDelayMs: 850, maxDelayMs: 1_800, arrivedMs: 1_400 };

/** Waits until `probe` finds something; `undefined` after `withinMs`. */
export async function waitFor<T>(clock: Clock, probe: () => T | undefined, withinMs: number): Promise<T | undefined> {
  const endMs = clock.now() + withinMs;
  for (;;) {
    const found = probe();
    if (found !== undefined || clock.now() >= endMs) return found;
    await sleep(clock, 20);
  }
}

/** Waits until a moment of the clock. */
export async function waitUntil(clock: Clock, atMs: number): Promise<void> {
  await sleep(clock, Math.max(0, atMs - clock.now()));
}

/** A stretch of speech that one phone's ear should have recognised. */
export interface Hearing {
  readonly from: Phone;
  readonly to: Phone;
  readonly span: Span;
  readonly path: Path;
}

/** A check's line without its outcome. */
export interface Step {
  readonly who: Actor;
  readonly what: string;
  readonly hint: string;
}

/** Checks that the ear of `to` heard what `from` said, once it must have arrived; the detail tells level and delay. */
export async function checkHears(stage: Stage, hearing: Hearing, step: Step): Promise<Likeness> {
  const { from, to, span, path } = hearing;
  await waitUntil(stage.clock, span.toMs + path.arrivedMs);
  const found = await findSpeech(stage.clock, { mouth: from.mouth, ear: to.ear }, { ...span, ...path });
  const ok = found.likeness >= recognised;
  const detail = ok ? `${showLevel(found.levelDb)}, ${showDuration(found.delayMs)} later` : 'not heard';
  stage.report.check(span.fromMs + found.delayMs, { ...step, ok, detail });
  return found;
}

/** Checks that an ear heard nothing at all in a span; returns the level. */
export function checkSilence(stage: Stage, { to, span }: Pick<Hearing, 'to' | 'span'>, step: Step): number {
  const levelDb = to.ear.levelDb(span.fromMs, span.toMs);
  stage.report.check(span.toMs, { ...step, ok: levelDb < silentDb, detail: showLevel(levelDb) });
  return levelDb;
}
