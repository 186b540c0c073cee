import { toneLevelDb } from '@agentao/audio';
import { showDuration, showLevel } from '../output/units.ts';
import type { Phone } from '../phone/phone.ts';
import type { Span } from '../phone/mouth.ts';
import {
  audibleDb,
  CallStopped,
  checkHears,
  checkSilence,
  directly,
  repeated,
  type Stage,
  type Step,
  waitFor,
  waitUntil,
} from './stage.ts';

const ringWithinMs = 5_000;
/** How long the callee lets it ring. */
const ringMs = 1_500;
/** The switch's ring-back tone: on for a second, off for four. */
const ringbackHz = 425;
/** From a key to its effect; what is said after that is heard the new way. */
const settleMs = 400;
const phraseMs = 1_800;
const endWithinMs = 5_000;

/** The key 1: the callee rings, picks up, and all three are in conference. Throws CallStopped if it does not come to that. */
export async function connectCallee(stage: Stage): Promise<void> {
  press(stage, '1', 'the agent shall ring the callee');
  const rangMs = await hearRinging(stage);
  await waitUntil(stage.clock, rangMs + ringMs);
  hearRingback(stage, rangMs);
  await pickUp(stage);
  await waitUntil(stage.clock, stage.clock.now() + settleMs);
}

async function hearRinging({ clock, report, callee }: Stage): Promise<number> {
  const pressedMs = clock.now();
  const step = { who: 'callee', what: 'rings' } as const;
  const ringing = await callee.next('incoming', ringWithinMs).catch((error: Error) => error);
  if (ringing instanceof Error) {
    const hint = 'The key 1 has to lead to connect().';
    report.check(clock.now(), { ...step, ok: false, detail: ringing.message, hint });
    throw new CallStopped('no ringing');
  }
  const { receivedMs } = ringing;
  report.check(receivedMs, { ...step, ok: true, detail: `${showDuration(receivedMs - pressedMs)} after the key` });
  return receivedMs;
}

function hearRingback({ report, caller }: Stage, rangMs: number): void {
  const { sampleRateHz } = caller.ear;
  const heard = caller.ear.between(rangMs + 100, rangMs + 900);
  const ringbackDb = toneLevelDb(heard, { frequencyHz: ringbackHz, sampleRateHz });
  report.figure('ringbackDb', ringbackDb);
  const detail = showLevel(ringbackDb);
  report.check(rangMs, { who: 'caller', what: 'hears ring-back', ok: ringbackDb > audibleDb, detail });
}

async function pickUp({ clock, report, callee }: Stage): Promise<void> {
  const pickedUpMs = clock.now();
  callee.answer();
  const answered = await callee.next('answered', ringWithinMs).catch((error: Error) => error);
  const isOpen = !(answered instanceof Error);
  const openMs = isOpen ? await waitFor(clock, () => callee.ear.startedMs, ringWithinMs) : undefined;
  const ok = openMs !== undefined;
  const detail = ok ? `hears the line ${showDuration(openMs - pickedUpMs)} later` : 'the line does not open';
  report.check(pickedUpMs, { who: 'callee', what: 'picks up', ok, detail });
  if (!ok) throw new CallStopped('not connected');
  report.figure('connectMs', openMs - pickedUpMs);
}

/** All three talk: each person hears the other, and both hear the agent. */
export async function talkWithAgent(stage: Stage): Promise<void> {
  const { clock, report, caller, callee } = stage;
  const hint = 'After connect() caller and callee hear each other, and both hear the agent.';
  const span = await say(stage, caller, 'speaks to both');
  const asked = { from: caller, span };
  const hears = (what: string, who: 'caller' | 'callee'): Step => ({ who, what, hint });
  const there = await checkHears(stage, { ...asked, to: callee, path: directly }, hears('hears the caller', 'callee'));
  const agent = 'hears the agent repeat it';
  const atCallee = await checkHears(stage, { ...asked, to: callee, path: repeated }, hears(agent, 'callee'));
  const atCaller = await checkHears(stage, { ...asked, to: caller, path: repeated }, hears(agent, 'caller'));
  const replied = { from: callee, span: await say(stage, callee, 'replies') };
  const back = await checkHears(stage, { ...replied, to: caller, path: directly }, hears('hears the callee', 'caller'));
  report.figure('conferenceDb', {
    calleeHearsCaller: there.levelDb,
    calleeHearsAgent: atCallee.levelDb,
    callerHearsAgent: atCaller.levelDb,
    callerHearsCallee: back.levelDb,
  });
  await waitUntil(clock, replied.span.toMs + repeated.arrivedMs);
}

/** The key 2: only the callee hears what the agent says. */
export async function hearWhisper(stage: Stage): Promise<void> {
  const { clock, report, caller, callee } = stage;
  const hint = 'The key 2 has to lead to whisper(): the callee hears the agent, the caller does not.';
  press(stage, '2', 'the agent shall whisper to the callee');
  await waitUntil(clock, clock.now() + settleMs);
  const asked = await say(stage, caller, 'speaks');
  const there = await checkHears(
    stage,
    { from: caller, to: callee, span: asked, path: directly },
    { who: 'callee', what: 'hears the caller', hint },
  );
  const whispered = await checkHears(
    stage,
    { from: caller, to: callee, span: asked, path: repeated },
    { who: 'callee', what: 'hears the agent whisper it', hint },
  );
  const span = { fromMs: asked.fromMs, toMs: asked.toMs + repeated.arrivedMs - 100 };
  const callerDb = checkSilence(stage, { to: caller, span }, { who: 'caller', what: 'hears nothing of that', hint });
  report.figure('whisperDb', {
    calleeHearsCaller: there.levelDb,
    calleeHearsAgent: whispered.levelDb,
    callerHearsAgent: callerDb,
  });
}

/** The key 9: the agent leaves, the two talk on, the caller hangs up and the call is over. */
export async function leaveThemTalking(stage: Stage): Promise<void> {
  const { clock, report, caller, callee } = stage;
  const hint = 'The key 9 has to lead to close(): the agent is gone, the two go on.';
  press(stage, '9', 'the agent shall leave');
  await waitUntil(clock, clock.now() + settleMs);
  const replied = await say(stage, callee, 'speaks');
  const back = await checkHears(
    stage,
    { from: callee, to: caller, span: replied, path: directly },
    { who: 'caller', what: 'hears the callee', hint },
  );
  const span = { fromMs: replied.fromMs, toMs: replied.toMs + repeated.arrivedMs - 100 };
  await waitUntil(clock, span.toMs + 100);
  const calleeDb = checkSilence(stage, { to: callee, span }, { who: 'callee', what: 'hears no agent any more', hint });
  report.figure('leftDb', { callerHearsCallee: back.levelDb, calleeHearsAgent: calleeDb });
  report.note(clock.now(), { who: 'caller', what: 'hangs up' });
  caller.hangUp();
  const ended = await callee.next('ended', endWithinMs).catch((error: Error) => error);
  const ok = !(ended instanceof Error);
  report.check(ok ? ended.receivedMs : clock.now(), {
    who: 'callee',
    what: 'is told that the call is over',
    ok,
    detail: ok ? `${ended.reason}, by the ${ended.by}` : ended.message,
  });
}

function press(
  { clock, report, caller }: Pick<Stage, 'clock' | 'report' | 'caller'>,
  digit: string,
  why: string,
): void {
  report.note(clock.now(), { who: 'caller', what: `presses ${digit}: ${why}` });
  caller.press(digit);
}

function say({ clock, report, callee, lines }: Stage, who: Phone, what: string): Promise<Span> {
  const actor = who === callee ? 'callee' : 'caller';
  report.note(clock.now(), { who: actor, what });
  const line = lines[actor];
  return who.say(line.subarray(0, Math.min(line.length, (who.mouth.sampleRateHz * phraseMs) / 1000)));
}
