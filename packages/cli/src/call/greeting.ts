import { showDuration, showLevel } from '../output/units.ts';
import type { Span } from '../phone/mouth.ts';
import { audibleDb, CallStopped, checkHears, repeated, type Stage, waitFor, waitUntil } from './stage.ts';

const answerWithinMs = 10_000;
const greetingWithinMs = 5_000;
/** How much of the greeting the caller listens to before speaking. */
const patienceMs = 1_500;
/** The agent's repetition of the caller's words cannot be there earlier, so until then all sound is the greeting. */
const watchedMs = 900;
/** A greeting that sounds longer than this under the caller's words was not interrupted. */
const slowestInterruptMs = 700;

/** Moments of a call that was answered, on the clock. */
export interface PlacedCall {
  readonly dialledMs: number;
  readonly answeredMs: number;
}

/** Dials and waits for the answer. Throws CallStopped if there is none. */
export async function placeCall({ clock, report, caller, callee }: Stage): Promise<PlacedCall> {
  const dialledMs = clock.now();
  report.start(dialledMs);
  report.note(dialledMs, { who: 'caller', what: `dials ${callee.number}` });
  caller.dial(callee.number);
  const answer = await caller.next('answered', answerWithinMs).catch((error: Error) => error);
  const answered = { who: 'caller', what: 'is answered' } as const;
  if (answer instanceof Error) {
    const hint = 'Does the agent call answer()? Its own output may tell more.';
    report.check(clock.now(), { ...answered, ok: false, detail: answer.message, hint });
    throw new CallStopped('not answered');
  }
  const answeredMs = answer.receivedMs;
  const setupMs = answeredMs - dialledMs;
  report.figure('setupMs', setupMs);
  report.check(answeredMs, { ...answered, ok: true, detail: `${showDuration(setupMs)} after dialling` });
  return { dialledMs, answeredMs };
}

/** Waits for the agent's first sound and listens to it for a while. Throws CallStopped if there is none. */
export async function hearGreeting({ clock, report, caller }: Stage, placed: PlacedCall): Promise<void> {
  const { dialledMs, answeredMs } = placed;
  const firstMs = await waitFor(clock, () => caller.ear.firstLoudMs(answeredMs), greetingWithinMs);
  const step = { who: 'caller', what: 'hears the greeting' } as const;
  if (firstMs === undefined) {
    const hint = 'Does the agent play something after answer()?';
    report.check(clock.now(), { ...step, ok: false, detail: `silence for ${showDuration(greetingWithinMs)}`, hint });
    throw new CallStopped('no greeting');
  }
  await waitUntil(clock, firstMs + patienceMs);
  const levelDb = caller.ear.levelDb(firstMs, firstMs + patienceMs);
  const firstAudioMs = firstMs - dialledMs;
  report.figure('firstAudioMs', firstAudioMs);
  report.figure('greetingDb', levelDb);
  const detail = `${showLevel(levelDb)}, first sound ${showDuration(firstAudioMs)} after dialling`;
  report.check(firstMs, { ...step, ok: levelDb > audibleDb, detail });
}

/** Speaks over the greeting, measures how soon it stops, and hears the own words repeated. */
export async function interruptGreeting(stage: Stage): Promise<void> {
  const { clock, report, caller, lines } = stage;
  const startMs = clock.now();
  report.note(startMs, { who: 'caller', what: 'speaks over it' });
  const speaking = caller.say(lines.caller);
  await waitUntil(clock, startMs + 100 + watchedMs);
  // Speech begins with its first sound, and the mouth records when that left.
  const firstWordMs = caller.mouth.firstLoudMs(startMs) ?? startMs;
  const wasPlaying = caller.ear.firstLoudMs(firstWordMs - 200, { toMs: firstWordMs }) !== undefined;
  const lastMs = caller.ear.lastLoudMs(firstWordMs, { toMs: firstWordMs + watchedMs }) ?? firstWordMs;
  const interruptMs = lastMs - firstWordMs;
  const clearedMs = stage.clearedMs();
  const afterClear = clearedMs === undefined ? '' : `, ${showDuration(lastMs - clearedMs)} after the clear`;
  report.check(lastMs, {
    who: 'caller',
    what: 'hears the greeting stop',
    ok: wasPlaying && interruptMs < slowestInterruptMs,
    detail: wasPlaying ? `${showDuration(interruptMs)} after the first word${afterClear}` : 'it had ended before',
    hint: 'Speech of the caller has to lead to clearSendAudioBuffer().',
  });
  report.figure('interruptMs', interruptMs);
  if (clearedMs !== undefined) report.figure('clearToSilenceMs', lastMs - clearedMs);
  await hearRepetition(stage, await speaking);
}

async function hearRepetition(stage: Stage, said: Span): Promise<void> {
  const { report, caller } = stage;
  // The first words are lost to the interruption itself; two seconds are enough to recognise them.
  const fromMs = said.fromMs + Math.min(500, (said.toMs - said.fromMs) / 2);
  const span = { fromMs, toMs: Math.min(said.toMs, fromMs + 2_000) };
  const hint = 'What audioStream() gives has to go back through sendAudio(), one second later.';
  const step = { who: 'caller', what: 'hears its own words repeated', hint } as const;
  const found = await checkHears(stage, { from: caller, to: caller, span, path: repeated }, step);
  report.figure('repetitionDelayMs', found.delayMs);
  report.figure('repetitionDb', found.levelDb);
  await waitUntil(stage.clock, said.toMs + repeated.arrivedMs);
}
