import { sleep } from '@agentao/clock';
import type { EndedBy, EndReason } from '@agentao/protocol';
import { firstLine } from '../command-error.ts';
import { showDuration, showLevel } from '../output/units.ts';
import { type PlacedCall, placeCall } from './greeting.ts';
import { type Stage, waitFor } from './stage.ts';

/** What the simulated callee does when it is rung. */
export const calleeHabits = ['answers', 'rejects', 'ignores'] as const;
/** One of {@link calleeHabits}. */
export type CalleeHabit = (typeof calleeHabits)[number];

/** How a plain call goes. */
export interface PlainCallOptions {
  /** Pressed one after another once the caller has spoken; it speaks again after each. */
  readonly keys: string;
  readonly callee: CalleeHabit;
}

const firstSoundWithinMs = 3_000;
const listeningMs = 1_500;
const replyMs = 2_500;
/** Time for what a key leads to; a callee has picked up by then. */
const afterKeyMs = 2_500;
const calleeReactsMs = 1_500;
const endWithinMs = 5_000;
const isOver = 'is told that the call is over';
/** Ends that no key asks for. */
const mishaps: ReadonlySet<EndReason> = new Set(['timeout', 'taken_over', 'media_lost', 'shutdown', 'failed']);

/** A call to any agent: the caller listens, speaks, presses keys and hangs up. Tells what each ear heard; judges only that an agent took the call and that it lasted until the caller, or what a key led to, ended it. */
export async function playPlainCall(stage: Stage, { keys, callee: habit }: PlainCallOptions): Promise<void> {
  const progress: Progress = { isAnswered: false, hasPressed: false, hasHungUp: false };
  const attending = attendCallee(stage, { habit, keys, progress });
  const placed = await placeCall(stage);
  progress.isAnswered = true;
  const ending = new AbortController();
  const ended = hearEnd(stage, progress).then(() => ending.abort());
  try {
    await converse(stage, { placed, keys, progress, signal: ending.signal });
  } catch (error) {
    // The end of the call stops whatever the caller was at.
    if (!(await endsNow(ended))) throw error;
  }
  stage.callee.close();
  await attending;
}

/** What the caller has done so far. */
interface Progress {
  isAnswered: boolean;
  hasPressed: boolean;
  hasHungUp: boolean;
}

interface Conversation {
  readonly placed: PlacedCall;
  readonly keys: string;
  readonly progress: Progress;
  /** Aborted at the end of the call. */
  readonly signal: AbortSignal;
}

async function converse(stage: Stage, { placed, keys, progress, signal }: Conversation): Promise<void> {
  const { clock, report, caller } = stage;
  const pause = (ms: number): Promise<void> => sleep(clock, ms, { signal });
  const { dialledMs, answeredMs } = placed;
  const firstMs = await waitFor(
    clock,
    () => {
      signal.throwIfAborted();
      return caller.ear.firstLoudMs(answeredMs);
    },
    firstSoundWithinMs,
  );
  if (firstMs !== undefined) {
    report.figure('firstAudioMs', firstMs - dialledMs);
    const detail = `${showDuration(firstMs - dialledMs)} after dialling`;
    report.note(firstMs, { who: 'caller', what: 'hears the first sound', detail });
    await pause(listeningMs);
  }
  await speakAndListen(stage, 'speechDb', pause);
  for (const digit of keys) {
    report.note(clock.now(), { who: 'caller', what: `presses ${digit}` });
    caller.press(digit);
    progress.hasPressed = true;
    await pause(afterKeyMs);
    await speakAndListen(stage, `key${digit}Db`, pause);
  }
  report.note(clock.now(), { who: 'caller', what: 'hangs up' });
  caller.hangUp();
  progress.hasHungUp = true;
  await pause(endWithinMs);
  const detail = `not within ${showDuration(endWithinMs)}`;
  report.check(clock.now(), { who: 'caller', what: isOver, ok: false, detail });
}

async function hearEnd({ clock, report, caller }: Stage, progress: Progress): Promise<void> {
  try {
    const { receivedMs, reason, by } = await caller.next('ended', Number.MAX_SAFE_INTEGER);
    const detail = `${reason}, by the ${by}`;
    if (progress.hasHungUp || (progress.hasPressed && !mishaps.has(reason))) {
      report.note(receivedMs, { who: 'caller', what: isOver, detail });
    } else {
      const hint = hintAtEnd(reason, by);
      report.check(receivedMs, { who: 'caller', what: 'keeps the line', ok: false, detail, hint });
    }
  } catch (error) {
    report.check(clock.now(), { who: 'caller', what: 'keeps the line', ok: false, detail: firstLine(error) });
  }
}

function hintAtEnd(reason: EndReason, by: EndedBy): string {
  if (by === 'agent')
    return 'The agent ended the call on its own. Did its handler throw, or return early? Its own output may tell more.';
  if (reason === 'media_lost') return 'The agent is gone. Did its process end? Its own output may tell more.';
  return 'Nobody asked for that. The output of the switch and of the agent may tell more.';
}

/** Whether the end of the call is what made a step fail: it is then told in the same turn. */
async function endsNow(ended: Promise<void>): Promise<boolean> {
  return Promise.race([ended.then(() => true), new Promise<false>((resolve) => setImmediate(() => resolve(false)))]);
}

/** The caller speaks; what each hears meanwhile and shortly after is told under `figure`. */
async function speakAndListen(stage: Stage, figure: string, pause: (ms: number) => Promise<void>): Promise<void> {
  const { clock, report, caller, callee, lines } = stage;
  report.note(clock.now(), { who: 'caller', what: 'speaks' });
  const { fromMs, toMs: spokenMs } = await caller.say(lines.caller);
  await pause(replyMs);
  const toMs = spokenMs + replyMs;
  const heardDb = { caller: caller.ear.levelDb(fromMs, toMs), callee: callee.ear.levelDb(fromMs, toMs) };
  report.figure(figure, heardDb);
  const what = `heard over these ${showDuration(toMs - fromMs)}`;
  report.note(toMs, { who: 'caller', what, detail: showLevel(heardDb.caller) });
  if (callee.ear.frames > 0) report.note(toMs, { who: 'callee', what, detail: showLevel(heardDb.callee) });
}

interface Attendance {
  readonly habit: CalleeHabit;
  readonly keys: string;
  readonly progress: Progress;
}

function tellRinging({ report }: Stage, { keys, progress }: Attendance, atMs: number): void {
  const rings = { who: 'callee', what: 'rings' } as const;
  if (!progress.isAnswered) {
    const hint = `Does the agent register a handler, client.on('call.incoming', ...), and answer()?`;
    report.check(atMs, { ...rings, ok: false, detail: 'the callee was rung: no agent took the call', hint });
  } else if (!progress.hasPressed && keys !== '') {
    const hint = `Was the agent lost? If it connects the callee without being asked to: --keys ''`;
    report.check(atMs, { ...rings, ok: false, detail: 'before a key asked for it', hint });
  } else report.note(atMs, rings);
}

async function attendCallee(stage: Stage, attendance: Attendance): Promise<void> {
  const { clock, report, callee, lines } = stage;
  const { habit } = attendance;
  try {
    const { receivedMs } = await callee.next('incoming', Number.MAX_SAFE_INTEGER);
    tellRinging(stage, attendance, receivedMs);
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
    report.note(endedMs, { who: 'callee', what: isOver, detail: `${reason}, by the ${by}` });
  } catch {
    // The call ended, or its ringing did, or the callee's socket was closed at the end: nothing is left to attend to.
  }
}
