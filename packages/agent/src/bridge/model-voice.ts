import { createResampler, type Resampler } from '@agentao/audio';
import type { ActiveCall, PlayOutcome, PlaySource } from '@agentao/calls';
import { sleep, type Timer } from '@agentao/clock';
import type { Turn, Utterance } from '../conversation.ts';
import type { LiveModel } from '../live-model.ts';
import type { SpokenText } from './heard-text.ts';
import { LiveTurn } from './live-turn.ts';
import { SpeechQueue } from './speech-queue.ts';

/** What the voice of a model is made of, and who is told of its turns. */
export interface ModelVoiceOptions {
  readonly call: ActiveCall;
  readonly model: LiveModel;
  /** Milliseconds since the call reached the switch. */
  readonly callMs: () => number;
  /** Takes the sound instead of the call. */
  readonly onAudio: ((samples: Int16Array) => void) | undefined;
  readonly onTurnBegin: () => void;
  /** Words that came without sound belong to no turn that could still be told of. */
  readonly onLateWords: () => void;
  readonly onFull: () => void;
  /** A turn was cut off, and it is known where. */
  readonly onCut: (turn: LiveTurn) => void;
  /** A turn is over; once for each that was heard or has words. */
  readonly onTurn: (turn: Turn, cutOff: Utterance['cutOff'], isLastWord: boolean) => void;
  readonly onSilentTurn: () => void;
  /** Nothing more has come of a turn that is not whole. True: it is over; false: it is waited for. */
  readonly onStalled: () => boolean;
}

/** The first piece of a turn is followed to the ear, so that the turn has a time. */
const firstPieceMs = 20;
const longestWaitMs = 60_000;
/** A turn of which nothing more comes for so long after it was heard has ended. */
const stalledAfterMs = 5_000;
/** A model that is gone is heard for so long. */
const finishWithinMs = 30_000;
/** Words without a turn wait so long for their sound. */
const earlyMs = 1_000;

/** What a model says, turn by turn: into the call, and what of it was heard. */
export class ModelVoice {
  readonly #options: ModelVoiceOptions;
  readonly #queue: SpeechQueue;
  readonly #toCall: Resampler | undefined;
  #turn: LiveTurn | undefined;
  /** Cut off, and kept until the model has said so too: its late words belong to it. */
  #cut: LiveTurn | undefined;
  /** Words that wait for the sound of their turn. */
  #early: { readonly pieces: SpokenText[]; readonly atMs: number; readonly late: Timer } | undefined;
  /** Resolves when the turn that is whole has been heard. */
  #hearingOut: Promise<void> = Promise.resolve();
  #stall: Timer | undefined;
  /** When all that has come will have been heard, at the latest. */
  #heardByMs = 0;
  #count = 0;
  /** The model is not to know that it was cut off: what still comes of the turn is dropped, as long as it comes within this time. */
  #restUntilMs: number | undefined;
  #over = false;
  /** When the caller had finished; `undefined` while somebody speaks, and once it was answered. */
  callerEndMs: number | undefined;

  constructor(options: ModelVoiceOptions) {
    const { call, model } = options;
    this.#options = options;
    this.#queue = new SpeechQueue({
      call,
      onQueued: (tag, span) => {
        const turn = tag as LiveTurn;
        if (turn.endPosition === 0) void this.#followStart(turn, span.end - span.start);
        turn.queued(span);
      },
      onFull: options.onFull,
    });
    if (model.outputRateHz !== call.sampleRateHz) {
      this.#toCall = createResampler({ inputRateHz: model.outputRateHz, outputRateHz: call.sampleRateHz });
    }
  }

  /** Whether a turn is under way, said or heard. */
  get speaking(): boolean {
    return this.#turn !== undefined;
  }

  /** Whether it has sound. */
  get sounding(): boolean {
    return this.#turn?.audible === true;
  }

  /** The call is answered. */
  open(): void {
    this.#queue.open();
  }

  /** False for the rest of what was cut off, which is dropped. */
  sound(samples: Int16Array): boolean {
    const { call, model, callMs, onAudio } = this.#options;
    if (this.#isRest()) return false;
    const turn = this.#current();
    const isFirst = !turn.audible;
    // It goes on before it was heard to its end: one turn at the ear.
    turn.complete = false;
    this.#watch((samples.length * 1000) / model.outputRateHz);
    if (onAudio !== undefined) {
      turn.sound(Math.round((samples.length * call.sampleRateHz) / model.outputRateHz));
      turn.startMs ??= callMs();
      onAudio(samples);
      return true;
    }
    // What the resampler gives is its own, and waits here for longer than its next call.
    const sound = this.#toCall === undefined ? samples : this.#toCall.process(samples).slice();
    if (sound.length === 0) return true;
    turn.sound(sound.length);
    if (!isFirst) {
      this.#queue.push(sound, turn);
      return true;
    }
    // A short piece first: when it has been heard is when the turn began.
    const first = sound.subarray(0, (call.sampleRateHz * firstPieceMs) / 1000);
    this.#queue.push(first, turn);
    this.#queue.push(sound.subarray(first.length), turn);
    return true;
  }

  #isRest(): boolean {
    const { clock } = this.#options.call;
    const isRest = this.#restUntilMs !== undefined && clock.now() < this.#restUntilMs;
    this.#restUntilMs = isRest ? clock.now() + stalledAfterMs : undefined;
    return isRest;
  }

  /** Words of the model; returns when their turn began. */
  say(text: string, endsAtMs: number | undefined): number {
    if (text === '') return this.#turn?.beganMs ?? this.#options.callMs();
    const piece = { text, ...(endsAtMs === undefined ? {} : { endsAtMs }) };
    // Words that come after the interruption belong to what was cut off: nobody heard them.
    const turn = this.#cut ?? this.#turn;
    if (turn === undefined) return this.#sayEarly(piece);
    turn.say(piece);
    return turn.beganMs;
  }

  #watch(soundMs: number): void {
    const { clock } = this.#options.call;
    this.#heardByMs = Math.max(this.#heardByMs, clock.now()) + soundMs;
    this.#stall ??= clock.setTimer(this.#heardByMs + stalledAfterMs, () => this.#stalled());
  }

  #stalled(): void {
    const { call, onStalled } = this.#options;
    const { clock } = call;
    this.#stall = undefined;
    if (this.#over || this.#turn === undefined || this.#turn.complete) return;
    // A call that is not answered yet hears nothing.
    if (call.state === 'PENDING') this.#heardByMs = clock.now();
    const dueMs = this.#heardByMs + stalledAfterMs;
    if (clock.now() >= dueMs && call.state !== 'PENDING' && onStalled()) this.complete(true);
    else this.#stall = clock.setTimer(Math.max(dueMs, clock.now() + 1_000), () => this.#stalled());
  }

  /** Words of a turn that has no sound yet, or of one that is over: the order of words and sound is the model's own. */
  #sayEarly(piece: SpokenText): number {
    const { call, callMs } = this.#options;
    this.#early ??= {
      pieces: [],
      atMs: callMs(),
      late: call.clock.setTimer(call.clock.now() + earlyMs, () => this.#dropEarly()),
    };
    this.#early.pieces.push(piece);
    return this.#early.atMs;
  }

  #dropEarly(): void {
    if (this.#early === undefined) return;
    this.#early.late.cancel();
    this.#early = undefined;
    this.#options.onLateWords();
  }

  /** Silence at the ear, at once, before anything else; resolves when it is known what was heard. `byModel`: it has stopped, and what comes is a new turn. */
  async interrupt({ byModel }: { readonly byModel: boolean }): Promise<void> {
    const { call, callMs, onAudio, onCut } = this.#options;
    const goesOn = !byModel && this.#turn?.audible === true && !this.#turn.complete;
    this.#restUntilMs = goesOn ? call.clock.now() + stalledAfterMs : undefined;
    const turn = this.#turn ?? (this.#early === undefined ? undefined : this.#current());
    this.#turn = undefined;
    const clearing = onAudio === undefined ? this.#queue.clear() : Promise.resolve(undefined);
    this.#toCall?.reset();
    this.#heardByMs = 0;
    if (turn !== undefined) this.#cut = turn;
    const cleared = await clearing;
    if (turn === undefined) return;
    turn.cutAt(cleared?.playedSamples ?? call.playedSamples);
    turn.endMs = callMs();
    if (!this.#over) onCut(turn);
    if (this.#cut === turn && turn.complete) this.#settleCut();
  }

  /** The model has said all of its turn; `isLastWord`: and has no more to say. */
  complete(isLastWord: boolean): void {
    this.#restUntilMs = undefined;
    if (this.#cut !== undefined && this.#turn === undefined) {
      this.#cut.complete = true;
      if (this.#cut.interrupted) this.#settleCut();
      return;
    }
    const turn = this.#turn;
    if (turn?.audible === true) {
      turn.complete = true;
      turn.isLastWord = isLastWord;
      this.#hearingOut = this.#hearOut(turn);
      return;
    }
    this.#turn = undefined;
    this.#dropEarly();
    if (turn !== undefined) this.#settle(turn);
    this.#options.onSilentTurn();
  }

  /** Plays a clip after what it has said. */
  play(source: PlaySource): Promise<PlayOutcome> {
    return this.#queue.play(source);
  }

  /** Nothing more is said: resolves when what was said has been heard, or after half a minute of it. */
  async finish(): Promise<void> {
    const { call, onAudio } = this.#options;
    if (this.#turn?.audible !== true || onAudio !== undefined || call.state === 'PENDING') return;
    if (!this.#turn.complete) this.complete(true);
    const waiting = new AbortController();
    const late = sleep(call.clock, finishWithinMs, { signal: waiting.signal }).catch(() => {});
    await Promise.race([this.#hearingOut, late]);
    waiting.abort();
    if (this.#turn !== undefined) await this.#queue.clear();
  }

  /** What is under way ends here. */
  close(): void {
    const { call, callMs } = this.#options;
    if (this.#over) return;
    this.#over = true;
    this.#stall?.cancel();
    this.#dropEarly();
    const turn = this.#turn;
    this.#turn = undefined;
    if (this.#cut?.interrupted === false) this.#cut.cutAt(call.playedSamples);
    this.#settleCut();
    if (turn !== undefined) {
      const isHeard = turn.complete && call.playedSamples >= turn.endPosition;
      if (!isHeard) turn.cutAt(call.playedSamples);
      turn.endMs ??= callMs();
      this.#settle(turn);
    }
    this.#queue.close();
  }

  #current(): LiveTurn {
    if (this.#turn !== undefined) return this.#turn;
    const { call, callMs, onTurnBegin } = this.#options;
    if (this.#cut?.interrupted === false) this.#cut.cutAt(call.playedSamples);
    this.#settleCut();
    onTurnBegin();
    const early = this.#early;
    early?.late.cancel();
    this.#early = undefined;
    this.#turn = new LiveTurn({
      index: this.#count++,
      rateHz: call.sampleRateHz,
      beganMs: early?.atMs ?? callMs(),
      callerEndMs: this.callerEndMs,
    });
    for (const piece of early?.pieces ?? []) this.#turn.say(piece);
    this.callerEndMs = undefined;
    return this.#turn;
  }

  /** When the first sound of a turn is heard: the switch tells when its first piece, which the call has just taken, has been. */
  async #followStart(turn: LiveTurn, samples: number): Promise<void> {
    const { call, callMs } = this.#options;
    const outcome = await call.waitForPlayout({ timeoutMs: longestWaitMs }).catch(() => 'ended' as const);
    if (outcome === 'played') turn.startMs ??= callMs() - (samples * 1000) / call.sampleRateHz;
  }

  /** Waits until a turn that is whole has been heard; an interruption may come first. */
  async #hearOut(turn: LiveTurn): Promise<void> {
    const { call, callMs, onAudio } = this.#options;
    if (onAudio === undefined) {
      await this.#queue.whenIdle();
      while (this.#turn === turn && !this.#over && call.playedSamples < turn.endPosition) {
        const outcome = await call.waitForPlayout({ timeoutMs: longestWaitMs }).catch(() => 'ended' as const);
        if (outcome !== 'timeout') break;
      }
    }
    if (this.#turn !== turn || !turn.complete) return;
    this.#turn = undefined;
    turn.endMs = callMs();
    this.#settle(turn);
  }

  #settleCut(): void {
    const turn = this.#cut;
    if (turn?.interrupted !== true) return;
    this.#cut = undefined;
    this.#settle(turn);
  }

  #settle(turn: LiveTurn): void {
    const report = turn.report();
    if (!turn.audible && report.text === '') return;
    this.#options.onTurn(report, turn.interrupted ? turn.heard() : undefined, turn.isLastWord);
  }
}
