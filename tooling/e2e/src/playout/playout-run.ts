import assert from 'node:assert/strict';
import { type ActiveCall, type CallMode, WSSCallCommandError } from '@agentao/calls';
import type { VirtualLine } from '../virtual-line.ts';
import { countingSignal, type Discarding, type ModeRequest, PlayoutModel, tickSamples } from './playout-model.ts';

/** One thing the agent does, `pauseMs` after the one before. */
export type Step = { readonly pauseMs: number } & (
  | { readonly do: 'play' | 'send'; readonly samples: number }
  | { readonly do: 'clear' }
  | { readonly do: 'wait'; readonly timeoutMs: number | undefined }
  | { readonly do: 'mode'; readonly mode: CallMode; readonly how: 'plain' | 'keepQueued' | 'afterPlayout' }
);

/** One call: ANSWERED for `mode` null, else CONNECTED in that mode. */
export interface Conversation {
  readonly mode: CallMode | null;
  readonly steps: readonly Step[];
}

/** What the line is like. */
export interface LinkOptions {
  readonly latencyMs: number;
  /** Size of the client's ring in bytes; left out, all audio fits into it and nothing waits for room. */
  readonly bufferSize?: number;
}

/** The outcome of a promise and when it came. */
interface Settled {
  value?: unknown;
  atMs?: number;
}

type Check = () => void;

/** Places one call, does the steps, and compares all that could be seen with the model. */
export async function converse(line: VirtualLine, link: LinkOptions, { mode, steps }: Conversation): Promise<void> {
  const { clock, caller, callee, settled } = line;
  const call = await line.ring();
  try {
    if (mode === null) await settled(call.answer());
    else await settled(call.connect({ mode }));
    const firstTickMs = await findNextTick(line);
    const model = new PlayoutModel({ latencyMs: link.latencyMs, firstTickMs, mode });
    const from = { caller: caller.heardMs, callee: callee.heardMs };
    const run = new Run(line, { call, model, link });
    for (const step of steps) {
      await clock.advance(step.pauseMs);
      run.look();
      await run.do(step, mode !== null);
      run.look();
    }
    model.runTo(clock.now());
    await clock.advance(Math.ceil((run.handedIn - model.played) / 24) + 200 + 4 * link.latencyMs);
    model.runTo(clock.now());
    run.look();
    run.judge();
    expectEar('caller', caller.heard({ fromMs: from.caller }), model.ears.caller);
    if (mode !== null) expectEar('callee', callee.heard({ fromMs: from.callee }), model.ears.callee);
  } finally {
    caller.hangUp();
    await settled(call.ended);
    await clock.advance(100);
  }
}

/** Moves on to the half millisecond behind a tick; ticks fall on even milliseconds. Returns when the next one is due. */
async function findNextTick({ clock, caller }: VirtualLine): Promise<number> {
  const odd = Math.ceil((clock.now() + 1) / 2) * 2 + 1;
  await clock.advance(odd - clock.now());
  for (const { heardMs } = caller; caller.heardMs === heardMs; ) await clock.advance(2);
  await clock.advance(0.5);
  return clock.now() - 1.5 + 20;
}

function expectEar(ear: string, heard: Int16Array, predicted: readonly Int16Array[]): void {
  assert.equal(heard.length / tickSamples, predicted.length, `ticks at the ear of the ${ear}`);
  for (const [tick, samples] of predicted.entries()) {
    const at = tick * tickSamples;
    const wrong = samples.findIndex((sample, index) => sample !== heard[at + index]);
    if (wrong < 0) continue;
    assert.fail(`${ear}: sample ${wrong} of tick ${tick} is ${heard[at + wrong]} and should be ${samples[wrong]}`);
  }
}

class Run {
  /** Position after all that was handed in and not taken back. */
  handedIn = 0;
  readonly #line: VirtualLine;
  readonly #call: ActiveCall;
  readonly #model: PlayoutModel;
  readonly #link: LinkOptions;
  readonly #discards: Discarding[] = [];
  readonly #checks: Check[] = [];
  readonly #asked: { readonly mode: CallMode; readonly outcome: Settled }[] = [];
  readonly #roomy: boolean;
  #queuedSamples = 0;
  #playedSamples = 0;

  constructor(
    line: VirtualLine,
    parts: { readonly call: ActiveCall; readonly model: PlayoutModel; readonly link: LinkOptions },
  ) {
    this.#line = line;
    this.#call = parts.call;
    this.#model = parts.model;
    this.#link = parts.link;
    this.#roomy = parts.link.bufferSize === undefined;
  }

  /** The counters never fall, and tell of nothing that has not been heard. */
  look(): void {
    const { queuedSamples, playedSamples } = this.#call;
    const nowMs = this.#line.clock.now();
    this.#model.runTo(nowMs);
    const heardMs = nowMs - this.#link.latencyMs;
    between('queuedSamples', queuedSamples, [this.#queuedSamples, this.handedIn]);
    between('playedSamples', playedSamples, [this.#playedSamples, this.#model.playedAt(heardMs)]);
    if (this.#roomy) assert.equal(queuedSamples, this.handedIn);
    this.#queuedSamples = queuedSamples;
    this.#playedSamples = playedSamples;
  }

  async do(step: Step, connected: boolean): Promise<void> {
    const nowMs = this.#line.clock.now();
    const call = this.#call;
    // Where there is no room for all, sent audio would go between the pieces of a playback.
    if (step.do === 'play' || (step.do === 'send' && !this.#roomy)) {
      this.#expectHeard('play', this.#watch(call.play(this.#handIn(step.samples, nowMs))), undefined);
    } else if (step.do === 'send') {
      await call.sendAudio(this.#handIn(step.samples, nowMs), { wait: true });
    } else if (step.do === 'wait') {
      const { timeoutMs } = step;
      const outcome = call.waitForPlayout(timeoutMs === undefined ? {} : { timeoutMs });
      this.#expectHeard('wait', this.#watch(outcome), timeoutMs === undefined ? undefined : nowMs + timeoutMs);
    } else if (step.do === 'clear') {
      this.#clear(nowMs);
    } else if (step.do === 'mode' && connected) {
      this.#changeMode(step, nowMs);
    }
    // Whatever follows at this instant in the client follows before the next step.
    await this.#line.clock.advance(0);
  }

  /** Compares all outcomes with the predicted ones. */
  judge(): void {
    for (const check of this.#checks) check();
  }

  #handIn(samples: number, nowMs: number): Int16Array {
    const position = this.handedIn;
    this.handedIn += samples;
    this.#model.handIn(nowMs, this.handedIn);
    return countingSignal(position, samples);
  }

  /** What this side kept of what was handed in; the rest was never queued. */
  #takeBack(): number {
    const { queuedSamples } = this.#call;
    if (this.#roomy) assert.equal(queuedSamples, this.handedIn);
    between('the next position', queuedSamples, [this.#model.played, this.handedIn]);
    this.handedIn = queuedSamples;
    return queuedSamples;
  }

  #clear(nowMs: number): void {
    const outcome = this.#watch(this.#call.clearSendAudioBuffer());
    const base = this.#takeBack();
    const discarding = this.#model.discard(nowMs, base);
    this.#discards.push(discarding);
    this.#checks.push(() => {
      const { heard = -1 } = discarding;
      assert.deepEqual(outcome, {
        value: { playedSamples: heard, clearedSamples: base - heard },
        atMs: discarding.sentMs + 2 * this.#link.latencyMs,
      });
    });
  }

  #changeMode({ mode, how }: Extract<Step, { readonly do: 'mode' }>, nowMs: number): void {
    const call = this.#call;
    const asked = this.#asked.filter(({ outcome }) => outcome.atMs === undefined).map((verb) => verb.mode);
    const discards = how === 'plain' && this.#model.admits(mode, nowMs, asked);
    const outcome = this.#watch(call[mode](how === 'plain' ? {} : { [how]: true }));
    this.#asked.push({ mode, outcome });
    const options = how === 'afterPlayout' ? { after: this.handedIn } : discards ? { base: this.#takeBack() } : {};
    const { request, discarding } = this.#model.changeMode(nowMs, mode, options);
    if (discarding !== undefined) this.#discards.push(discarding);
    this.#checks.push(() => expectModeOutcome(outcome, request, this.#roomy));
  }

  /** A wait for the end of what was handed in so far; `untilMs` is when it gives up. */
  #expectHeard(what: 'play' | 'wait', outcome: Settled, untilMs: number | undefined): void {
    const position = this.handedIn;
    const askedMs = this.#line.clock.now();
    const { latencyMs } = this.#link;
    this.#checks.push(() => {
      const discarding = this.#discards.find((one) => one.askedMs > askedMs);
      const reachedMs = this.#model.reachedMs(position) ?? Number.POSITIVE_INFINITY;
      const heard = discarding === undefined || position <= (discarding.heard ?? -1);
      // A report on its way may tell it before the answer to the mark does.
      let earliestMs = Math.max(askedMs, reachedMs + latencyMs);
      let latestMs = Math.max(askedMs + latencyMs, reachedMs) + latencyMs;
      let value = heard ? 'played' : 'cleared';
      if (discarding !== undefined && (!heard || latestMs > discarding.askedMs)) {
        // Playback that is not queued whole is told at once, other waits by the result of the clear.
        const toldMs = discarding.sentMs + 2 * latencyMs;
        const queuedWhole = this.#roomy;
        earliestMs = Math.min(heard ? earliestMs : toldMs, queuedWhole ? toldMs : discarding.askedMs);
        latestMs = toldMs;
      }
      if (untilMs !== undefined && untilMs < latestMs) {
        if (untilMs < earliestMs || outcome.value === 'timeout') value = 'timeout';
        if (value === 'timeout') earliestMs = latestMs = untilMs;
      }
      const text = `${what} of ${position} at ${askedMs}`;
      assert.equal(outcome.value, value, text);
      between(text, outcome.atMs, [earliestMs, latestMs]);
    });
  }

  #watch(promise: Promise<unknown>): Settled {
    const outcome: Settled = {};
    const settle = (value: unknown): void => {
      outcome.value = value;
      outcome.atMs = this.#line.clock.now();
    };
    promise.then(settle, settle);
    return outcome;
  }
}

function expectModeOutcome(seen: Settled, { mode, askedMs, outcome, toldMs = 0 }: ModeRequest, roomy: boolean): void {
  const text = `${mode} at ${askedMs}`;
  const value = seen.value instanceof WSSCallCommandError ? seen.value.errorCode : seen.value;
  assert.equal(value, outcome === 'ok' ? undefined : outcome, text);
  if (outcome === 'INVALID_STATE' && !roomy) return; // told by the switch, or by the client as soon as there is a newer one
  assert.equal(seen.atMs, toldMs, text);
}

function between(what: string, value = -1, [least, most]: readonly [number, number]): void {
  assert.ok(value >= least && value <= most, `${what}: ${value} is not between ${least} and ${most}`);
}
