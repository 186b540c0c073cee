import { speech } from '@agentao/audio/speech';
import { sleep } from '@agentao/clock';
import type { Switch } from '@agentao/switch';
import { placeCall } from '../call/greeting.ts';
import { audibleDb, type Stage, waitFor } from '../call/stage.ts';
import { showDuration } from '../output/units.ts';
import { PhoneError } from '../phone/phone-error.ts';
import { type FollowedNotes, followNotes } from './follow-notes.ts';

const replyWithinMs = 15_000;
/** So much silence at the ear is the end of what the agent says. */
const quietMs = 900;
const longestReplyMs = 40_000;
const endWithinMs = 4_000;
const loud = { thresholdDb: audibleDb };
/** A tool that was used, and nothing said after so long, is the whole answer. */
const inSilenceMs = 4_000;
/** So long after the caller has said something the callee may hear it, and no agent answers. */
const tailMs = 500;
const pickUpMs = 1_500;
/** What an agent takes to say that nobody answers. */
const outcomeMs = 2_000;
const direction = /^\((.+)\)$/;

/**
 * A call to an app: the caller says the lines of its demonstration in tone-coded speech, each when the agent has finished, and hangs up after the last one
 * unless the agent does. Lines in brackets are what somebody does: `(callee answers)`, `(presses 1)`, `(hangs up)`.
 */
export async function playDemo(stage: Stage, lines: readonly string[], sw: Pick<Switch, 'onTimeline'>): Promise<void> {
  const { clock, report, caller } = stage;
  let answeredMs = 0;
  const notes = followNotes(stage, sw, { notBeforeMs: () => answeredMs });
  let over = false;
  const ended = caller.next('ended', Number.MAX_SAFE_INTEGER).then(
    ({ receivedMs, reason, by }) => {
      over = true;
      const isMishap = ['media_lost', 'failed', 'timeout'].includes(reason);
      const event = {
        who: 'caller',
        what: 'is told that the call is over',
        detail: `${reason}, by the ${by}`,
      } as const;
      if (isMishap) report.check(receivedMs, { ...event, ok: false });
      else report.note(receivedMs, event);
    },
    () => {
      over = true;
    },
  );
  const callee: Attendance = { habit: 'ignores', rings: false, talks: false, tellsUntilMs: 0 };
  void attendCallee(stage, callee);
  const isOver = (): boolean => over;
  const attitude = (doing: string | undefined): boolean => {
    if (doing === 'callee answers') callee.habit = 'answers';
    else if (doing === 'callee rejects') callee.habit = 'rejects';
    else return false;
    return true;
  };
  try {
    // What stands first holds before it rings for the first time.
    attitude(direction.exec(lines[0] ?? '')?.[1]);
    const placed = await placeCall(stage);
    ({ answeredMs } = placed);
    const firstMs = await hearReply(stage, answeredMs, { isOver, callee, notes });
    if (firstMs !== undefined) report.figure('firstAudioMs', firstMs - placed.dialledMs);
    for (const line of lines) {
      if (isOver()) break;
      const doing = direction.exec(line)?.[1];
      if (doing === undefined) await speak(stage, line, { isOver, callee, notes });
      else if (doing === 'hangs up') break;
      else if (!attitude(doing)) press(stage, doing.replace(/^presses /, ''));
    }
    // The goodbye is still to be heard, and the agent may hang up.
    await Promise.race([ended, sleep(clock, lines.at(-1) === '(hangs up)' ? 0 : endWithinMs)]);
    if (!isOver()) {
      report.note(clock.now(), { who: 'caller', what: 'hangs up' });
      caller.hangUp();
      await ended;
    }
    report.figure('turns', notes.turns);
    report.figure('tools', notes.tools);
    if (notes.turns > 0) report.figure('replyMs', notes.medianReplyMs);
  } finally {
    notes.stop();
  }
}

/** How the callee's phone is attended to. */
interface Attendance {
  habit: 'ignores' | 'answers' | 'rejects';
  /** It rings: what the caller hears meanwhile is ring-back. */
  rings: boolean;
  /** It is in the call. */
  talks: boolean;
  /** The agent may still say how the ringing came out. */
  tellsUntilMs: number;
}

interface Surroundings {
  readonly isOver: () => boolean;
  readonly callee: Attendance;
  readonly notes: FollowedNotes;
}

async function speak(stage: Stage, line: string, around: Surroundings): Promise<void> {
  const { clock, report, caller } = stage;
  const samples = speech.encode(line, { sampleRateHz: caller.mouth.sampleRateHz, band: 'low' });
  report.note(clock.now(), { who: 'caller', what: line });
  try {
    const { toMs } = await caller.say(samples);
    const repliedMs = await hearReply(stage, toMs, around);
    if (repliedMs !== undefined || around.isOver()) return;
    const hint = 'What the model is to say to this is in the rules of the app.';
    const detail = `silence for ${showDuration(replyWithinMs)}`;
    report.check(clock.now(), { who: 'agent', what: 'answers that', ok: false, detail, hint });
  } catch (error) {
    // The end of the call cuts whoever speaks short.
    if (!around.isOver()) throw error;
  }
}

/** Waits for the agent to speak and to finish. When it began; `undefined` if it said nothing. */
async function hearReply(
  { clock, caller, callee: calleePhone }: Stage,
  fromMs: number,
  { isOver, callee, notes }: Surroundings,
): Promise<number | undefined> {
  // Advice that only the callee hears is an answer, too, and so is what is done in silence.
  const heard = (): number | undefined =>
    caller.ear.firstLoudMs(fromMs, loud) ??
    (callee.talks ? calleePhone.ear.firstLoudMs(fromMs + tailMs, loud) : undefined);
  const before = notes.tools;
  let doneMs: number | undefined;
  const done = (): number | undefined => {
    if (notes.tools > before) doneMs ??= clock.now();
    return doneMs !== undefined && clock.now() - doneMs > inSilenceMs ? doneMs : undefined;
  };
  await waitFor(clock, () => heard() ?? done() ?? (isOver() ? fromMs : undefined), replyWithinMs);
  const firstMs = heard();
  if (firstMs === undefined) return done();
  const isQuiet = (): true | undefined => {
    const lastMs = Math.max(
      callee.tellsUntilMs,
      caller.ear.lastLoudMs(fromMs, loud) ?? firstMs,
      (callee.talks ? calleePhone.ear.lastLoudMs(fromMs, loud) : undefined) ?? firstMs,
    );
    return isOver() || (!callee.rings && clock.now() - lastMs > quietMs) ? true : undefined;
  };
  await waitFor(clock, isQuiet, longestReplyMs);
  return firstMs;
}

function press({ clock, report, caller }: Stage, digit: string): void {
  report.note(clock.now(), { who: 'caller', what: `presses ${digit}` });
  caller.press(digit);
}

/** The callee's phone, each time it rings. */
async function attendCallee({ clock, report, callee, lines }: Stage, attendance: Attendance): Promise<void> {
  for (;;) {
    try {
      const { receivedMs } = await callee.next('incoming', Number.MAX_SAFE_INTEGER);
      attendance.rings = true;
      report.note(receivedMs, { who: 'callee', what: 'rings' });
      await sleep(clock, pickUpMs);
      const { habit } = attendance;
      if (habit !== 'ignores')
        report.note(clock.now(), { who: 'callee', what: habit === 'answers' ? 'picks up' : habit });
      if (habit === 'rejects') callee.reject();
      if (habit === 'answers') {
        callee.answer();
        await callee.next('answered', replyWithinMs);
        attendance.rings = false;
        attendance.talks = true;
        await callee.say(lines.callee);
      }
      const { receivedMs: endedMs, reason, by } = await callee.next('ended', Number.MAX_SAFE_INTEGER);
      report.note(endedMs, { who: 'callee', what: 'is told that it is over', detail: `${reason}, by the ${by}` });
    } catch (error) {
      // Its ringing ended, and it may ring again; at the end of the demonstration the socket is closed.
      if (!(error instanceof PhoneError) || error.code === 'CLOSED') return;
    } finally {
      attendance.rings = false;
      attendance.talks = false;
      attendance.tellsUntilMs = clock.now() + outcomeMs;
    }
  }
}
