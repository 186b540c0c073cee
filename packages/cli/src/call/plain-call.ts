import { sleep } from '@agentao/clock';
import { showDuration, showLevel } from '../output/units.ts';
import { placeCall } from './greeting.ts';
import { audibleDb, type Stage, waitFor } from './stage.ts';

/** What the simulated callee does when it is rung. */
export const calleeHabits = ['answers', 'rejects', 'ignores'] as const;
/** One of {@link calleeHabits}. */
export type CalleeHabit = (typeof calleeHabits)[number];

/** How a plain call goes. */
export interface PlainCallOptions {
  /** Pressed one after another once the caller has spoken. */
  readonly keys: string;
  readonly callee: CalleeHabit;
}

const firstSoundWithinMs = 3_000;
const listeningMs = 1_500;
const replyMs = 2_500;
const afterKeyMs = 4_000;
const calleeReactsMs = 1_500;
const endWithinMs = 5_000;

/** A call to any agent: the caller listens, speaks, presses keys and hangs up. Tells what each ear heard and judges only that there was a call. */
export async function playPlainCall(stage: Stage, { keys, callee: habit }: PlainCallOptions): Promise<void> {
  const { clock, report, caller } = stage;
  const attending = attendCallee(stage, habit);
  const { dialledMs, answeredMs } = await placeCall(stage);
  const ending = new AbortController();
  const ended = caller.next('ended', Number.MAX_SAFE_INTEGER).then(
    ({ receivedMs, reason, by }) =>
      report.note(receivedMs, {
        who: 'caller',
        what: 'is told that the call is over',
        detail: `${reason}, by the ${by}`,
      }),
    (error: Error) =>
      report.check(clock.now(), { who: 'caller', what: 'keeps the line', ok: false, detail: error.message }),
  );
  void ended.then(() => ending.abort());
  const pause = (ms: number): Promise<void> => sleep(clock, ms, { signal: ending.signal });
  try {
    const firstMs = await waitFor(clock, () => caller.ear.firstLoudMs(answeredMs), firstSoundWithinMs);
    if (firstMs !== undefined) {
      report.figure('firstAudioMs', firstMs - dialledMs);
      report.note(firstMs, {
        who: 'caller',
        what: 'hears the first sound',
        detail: `${showDuration(firstMs - dialledMs)} after dialling`,
      });
      await pause(listeningMs);
    }
    report.note(clock.now(), { who: 'caller', what: 'speaks' });
    const { fromMs, toMs } = await caller.say(stage.lines.caller);
    await pause(replyMs);
    tellLevels(stage, 'speechDb', { fromMs, toMs: toMs + replyMs });
    for (const digit of keys) {
      const pressedMs = clock.now();
      report.note(pressedMs, { who: 'caller', what: `presses ${digit}` });
      caller.press(digit);
      await pause(afterKeyMs);
      tellLevels(stage, `key${digit}Db`, { fromMs: pressedMs, toMs: pressedMs + afterKeyMs });
    }
    report.note(clock.now(), { who: 'caller', what: 'hangs up' });
    caller.hangUp();
    await sleep(clock, endWithinMs, { signal: ending.signal });
    report.check(clock.now(), {
      who: 'caller',
      what: 'is told that the call is over',
      ok: false,
      detail: `not within ${showDuration(endWithinMs)}`,
    });
  } catch (error) {
    // The end of the call stops whatever the caller was at.
    if (!(await endsNow(ended))) throw error;
  }
  stage.callee.close();
  await attending;
}

/** Whether the end of the call is what made a step fail: it is then told in the same turn. */
async function endsNow(ended: Promise<void>): Promise<boolean> {
  return Promise.race([ended.then(() => true), new Promise<false>((resolve) => setImmediate(() => resolve(false)))]);
}

function tellLevels(
  { report, caller, callee }: Stage,
  figure: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): void {
  const atCaller = caller.ear.levelDb(fromMs, toMs);
  const atCallee = callee.ear.levelDb(fromMs, toMs);
  report.figure(figure, { caller: atCaller, callee: atCallee });
  const seconds = showDuration(toMs - fromMs);
  report.note(toMs, { who: 'caller', what: `heard over these ${seconds}`, detail: showLevel(atCaller) });
  if (atCallee > audibleDb)
    report.note(toMs, { who: 'callee', what: `heard over these ${seconds}`, detail: showLevel(atCallee) });
}

async function attendCallee({ clock, report, callee, lines }: Stage, habit: CalleeHabit): Promise<void> {
  try {
    const { receivedMs } = await callee.next('incoming', Number.MAX_SAFE_INTEGER);
    report.note(receivedMs, { who: 'callee', what: 'rings' });
    await sleep(clock, calleeReactsMs);
    if (habit === 'ignores') return;
    report.note(clock.now(), { who: 'callee', what: habit === 'answers' ? 'picks up and speaks' : 'rejects' });
    if (habit === 'rejects') {
      callee.reject();
      return;
    }
    callee.answer();
    await callee.next('answered', endWithinMs);
    await callee.say(lines.callee);
    const { receivedMs: endedMs, reason, by } = await callee.next('ended', Number.MAX_SAFE_INTEGER);
    report.note(endedMs, { who: 'callee', what: 'is told that the call is over', detail: `${reason}, by the ${by}` });
  } catch {
    // The call ended, or its ringing did, or the callee's socket was closed at the end: nothing is left to attend to.
  }
}
