import { createResampler, type Resampler } from '@agentao/audio';
import type { ActiveCall, PlaySource } from '@agentao/calls';
import { type Clock, withDeadline } from '@agentao/clock';
import type { Bridge, BridgeEnd, BridgeOptions, TurnOutcome } from '../bridge.ts';
import type { Turn, Utterance } from '../conversation.ts';
import {
  type LiveConnection,
  type LiveEvent,
  type LiveModel,
  LiveModelError,
  type LiveSession,
  type ModelUsage,
  type ToolAnswer,
} from '../live-model.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { CallerEar } from './caller-ear.ts';
import { interruptionNote } from './heard-text.ts';
import { LiveTurn } from './live-turn.ts';
import { SpeechQueue } from './speech-queue.ts';
import { ToolDesk } from './tool-desk.ts';
import { TranscriptKeeper } from './transcript-keeper.ts';
import { TurnWaits } from './turn-waits.ts';

/** What the voice agent adds. */
export interface OpenBridgeOptions extends BridgeOptions {
  /** Tools that a framework runs itself. */
  readonly runTool?: LiveSession['runTool'];
  /** Somebody has begun to speak, or has finished. */
  readonly onCallerSpeech?: () => void;
}

/** A bridge, and what the voice agent has to know of it. */
export interface OpenBridge extends Bridge {
  /** Milliseconds since the call reached the switch. */
  readonly callMs: number;
  /** Whether somebody speaks, the model included, or a tool is at work. */
  readonly busy: boolean;
}

const openWithinMs = 15_000;
const defaultHeardTimeoutMs = 10_000;
/** The first piece of a turn is followed to the ear, so that the turn has a time. */
const firstPieceMs = 20;

/** Opens the model and puts it on the call; see `bridgeCall`. */
export async function openBridge(call: ActiveCall, model: LiveModel, options: OpenBridgeOptions): Promise<OpenBridge> {
  const bridge = new LiveBridge(call, model, options);
  await bridge.open();
  return bridge;
}

class LiveBridge implements OpenBridge {
  readonly #call: ActiveCall;
  readonly #model: LiveModel;
  readonly #options: OpenBridgeOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #queue: SpeechQueue;
  readonly #ear: CallerEar;
  readonly #desk: ToolDesk;
  readonly #keeper: TranscriptKeeper;
  readonly #waits: TurnWaits;
  readonly #toCall: Resampler | undefined;
  readonly #turns: Turn[] = [];
  readonly #down = new AbortController();
  readonly #end = Promise.withResolvers<BridgeEnd>();
  readonly #firstSound = Promise.withResolvers<void>();
  readonly #unsubscribe: (() => void)[] = [];
  #connection: LiveConnection | undefined;
  #turn: LiveTurn | undefined;
  /** Cut off, and kept until the model has said so too: its late words belong to it. */
  #cut: LiveTurn | undefined;
  #turnCount = 0;
  #callerEndMs: number | undefined;
  #notes: string[] = [];
  #texts: { readonly text: string; readonly answer: boolean }[] = [];
  #usage: ModelUsage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };
  #active = true;
  #over = false;

  constructor(call: ActiveCall, model: LiveModel, options: OpenBridgeOptions) {
    this.#call = call;
    this.#model = model;
    this.#options = options;
    this.#clock = call.clock;
    this.#logger = options.logger ?? silentLogger;
    if (model.outputRateHz !== call.sampleRateHz) {
      this.#toCall = createResampler({ inputRateHz: model.outputRateHz, outputRateHz: call.sampleRateHz });
    }
    const { listen = 'mix', onTool = ({ name }) => ({ error: `There is no tool ${name}.` }) } = options;
    this.#queue = new SpeechQueue({
      call,
      onQueued: (tag, span) => (tag as LiveTurn).queued(span),
      onFull: () => this.#warn('the model says more than can wait; the rest of it is dropped'),
    });
    this.#ear = new CallerEar({
      call,
      party: listen,
      rateHz: model.inputRateHz,
      chunkMs: model.chunkMs,
      onPiece: (samples) => this.#guard(() => this.#connection?.sendAudio(samples)),
      onSpeechStart: () => {
        this.#callerEndMs = undefined;
        options.onCallerSpeech?.();
      },
      onSpeechEnd: (atMs) => {
        this.#callerEndMs = atMs;
        options.onCallerSpeech?.();
        this.#sendTexts();
      },
    });
    this.#desk = new ToolDesk({ onTool, answer: (answer) => this.#answerTool(answer) });
    this.#keeper = new TranscriptKeeper((update) => this.#tell(() => options.onTranscript?.(update)));
    this.#waits = new TurnWaits(this.#clock);
    this.#firstSound.promise.catch(() => {});
  }

  get callMs(): number {
    return this.#ear.callMs;
  }

  get busy(): boolean {
    return this.#ear.speaking || this.#turn !== undefined || this.#desk.busy;
  }

  get firstSound(): Promise<void> {
    return this.#firstSound.promise;
  }

  get transcript(): readonly Utterance[] {
    return this.#keeper.utterances;
  }

  get turns(): readonly Turn[] {
    return this.#turns;
  }

  get usage(): ModelUsage {
    return this.#usage;
  }

  get end(): Promise<BridgeEnd> {
    return this.#end.promise;
  }

  get active(): boolean {
    return this.#active;
  }

  set active(active: boolean) {
    if (active === this.#active) return;
    this.#active = active;
    this.#ear.active = active;
  }

  async open(): Promise<void> {
    const { signal } = this.#call;
    const onCallEnd = (): void => this.#finish({ why: 'call-ended' });
    signal.addEventListener('abort', onCallEnd, { once: true });
    this.#unsubscribe.push(() => signal.removeEventListener('abort', onCallEnd));
    if (signal.aborted) onCallEnd();
    const states = this.#call.state$.subscribe((state) => {
      if (state === 'ANSWERED' || state === 'CONNECTED') this.#queue.open();
    });
    this.#unsubscribe.push(() => states.unsubscribe());
    const { instruction = '', tools = [] } = this.#options;
    const runTool: LiveSession['runTool'] =
      this.#options.runTool ?? ((_tool, { name }) => Promise.resolve({ error: `There is no tool ${name}.` }));
    try {
      if (this.#over) throw new LiveModelError('ABORTED', 'The call has ended.');
      const gone = this.#end.promise.then(() => {
        throw new LiveModelError('ABORTED', 'The call has ended.');
      });
      const opening = this.#model.open({
        call: this.#call,
        clock: this.#clock,
        logger: this.#logger,
        instruction,
        tools,
        signal: this.#down.signal,
        onEvent: (event) => this.#receive(event),
        runTool,
      });
      opening.then(
        (connection) => this.#over && void connection.close(),
        () => {},
      );
      gone.catch(() => {});
      this.#connection = await withDeadline(this.#clock, Promise.race([opening, gone]), {
        timeoutMs: openWithinMs,
        error: () =>
          new LiveModelError('UNREACHABLE', `${this.#model.name} is not ready after ${openWithinMs / 1000} s.`),
      });
    } catch (error) {
      const known =
        error instanceof LiveModelError
          ? error
          : new LiveModelError('UNREACHABLE', `${this.#model.name} cannot be opened.`, { cause: error });
      this.#finish(known.code === 'ABORTED' ? { why: 'call-ended' } : { why: 'model-lost', error: known });
      throw known;
    }
  }

  sendText(text: string, { answer = true }: { readonly answer?: boolean } = {}): void {
    if (this.#over) return;
    this.#texts.push({ text, answer });
    this.#sendTexts();
  }

  async interrupt(): Promise<void> {
    await this.#interrupted();
  }

  async play(source: PlaySource): Promise<TurnOutcome> {
    const outcome = await this.#call.play(source, { signal: this.#down.signal });
    if (outcome === 'ended') return 'ended';
    return outcome === 'played' ? 'heard' : 'interrupted';
  }

  turnHeard({ timeoutMs = defaultHeardTimeoutMs }: { readonly timeoutMs?: number } = {}): Promise<TurnOutcome> {
    if (this.#over) return Promise.resolve('ended');
    return this.#waits.wait(timeoutMs, this.#turn?.audible === true);
  }

  async close(): Promise<void> {
    this.#finish({ why: 'closed' });
    await this.#connection?.close().catch(() => {});
  }

  #receive(event: LiveEvent): void {
    if (this.#over) return;
    switch (event.type) {
      case 'audio':
        this.#speak(event.samples);
        return;
      case 'transcript':
        this.#note(event);
        return;
      case 'tool-call':
        this.#desk.call(event.id, event.name, event.args);
        return;
      case 'tool-cancelled':
        this.#desk.cancel(event.ids);
        return;
      case 'interrupted':
        void this.#interrupted();
        return;
      case 'turn-complete':
        this.#complete();
        return;
      case 'usage':
        this.#usage = {
          inputTokens: this.#usage.inputTokens + event.inputTokens,
          outputTokens: this.#usage.outputTokens + event.outputTokens,
          totalTokens: this.#usage.totalTokens + event.totalTokens,
        };
        return;
      case 'resumed':
        this.#logger.warn(
          { callId: this.#call.callId, model: this.#model.name, outageMs: Math.round(event.outageMs), why: event.why },
          'the connection to the model was made again',
        );
        return;
      case 'closed': {
        const error = event.error ?? new LiveModelError('LOST', `${this.#model.name} closed the conversation.`);
        this.#finish({ why: 'model-lost', error });
      }
    }
  }

  #speak(samples: Int16Array): void {
    this.#firstSound.resolve();
    if (!this.#active) return;
    const { onAudio } = this.#options;
    const turn = this.#currentTurn();
    const isFirst = !turn.audible;
    this.#waits.sound();
    if (onAudio !== undefined) {
      turn.sound(Math.round((samples.length * this.#call.sampleRateHz) / this.#model.outputRateHz));
      turn.startMs ??= this.#ear.callMs;
      this.#tell(() => onAudio(samples, this.#model.outputRateHz));
      return;
    }
    const sound = this.#toCall === undefined ? samples : this.#toCall.process(samples);
    if (sound.length === 0) return;
    turn.sound(sound.length);
    const firstLength = Math.min(sound.length, (this.#call.sampleRateHz * firstPieceMs) / 1000);
    if (!isFirst || firstLength === sound.length) {
      this.#queue.push(sound, turn);
      if (isFirst) this.#followStart(turn, firstLength);
      return;
    }
    this.#queue.push(sound.subarray(0, firstLength), turn);
    this.#followStart(turn, firstLength);
    this.#queue.push(sound.subarray(firstLength), turn);
  }

  /** When the first sound of a turn is heard: the switch tells when its first piece has been. */
  #followStart(turn: LiveTurn, samples: number): void {
    const pieceMs = (samples * 1000) / this.#call.sampleRateHz;
    const told = this.#queue.idle
      ? this.#call.waitForPlayout({ timeoutMs: 30_000 })
      : this.#queue.whenIdle().then(() => this.#call.waitForPlayout({ timeoutMs: 30_000 }));
    told.then(
      (outcome) => {
        if (outcome === 'played') turn.startMs ??= this.#ear.callMs - pieceMs;
      },
      () => {},
    );
  }

  #currentTurn(): LiveTurn {
    if (this.#turn !== undefined) return this.#turn;
    if (this.#cut?.interrupted === false) this.#cut.cutAt(this.#call.playedSamples);
    this.#settleCut();
    this.#keeper.close(this.#callerName);
    const turn = new LiveTurn({
      index: this.#turnCount++,
      rateHz: this.#call.sampleRateHz,
      beganMs: this.#ear.callMs,
      callerEndMs: this.#callerEndMs,
    });
    this.#callerEndMs = undefined;
    this.#turn = turn;
    return turn;
  }

  get #callerName(): Utterance['speaker'] {
    return this.#options.listen === 'callee' ? 'callee' : 'caller';
  }

  #note(event: LiveEvent & { readonly type: 'transcript' }): void {
    const { speaker, text, final, endsAtMs } = event;
    if (speaker === 'caller') {
      this.#keeper.add(this.#callerName, text, this.#ear.callMs);
      if (final) this.#keeper.close(this.#callerName);
      return;
    }
    if (!this.#active) return;
    // Words that come after the interruption belong to what was cut off: nobody heard them.
    const turn = this.#cut ?? this.#currentTurn();
    turn.say({ text, ...(endsAtMs === undefined ? {} : { endsAtMs }) });
    this.#keeper.add('agent', text, turn.beganMs);
  }

  async #interrupted(): Promise<void> {
    const turn = this.#turn;
    this.#turn = undefined;
    // Before anything else: silence at the ear.
    const clearing = this.#options.onAudio === undefined ? this.#queue.clear() : Promise.resolve(undefined);
    this.#toCall?.reset();
    if (turn === undefined) {
      await clearing;
      return;
    }
    this.#cut = turn;
    this.#waits.settle('interrupted');
    const cleared = await clearing;
    turn.cutAt(cleared?.playedSamples ?? this.#call.playedSamples);
    turn.endMs = this.#ear.callMs;
    this.#tellHeard(turn);
    if (this.#cut === turn && turn.complete) this.#settleCut();
  }

  #tellHeard(turn: LiveTurn): void {
    if (this.#over) return;
    const { truncation, textDuringAudio } = this.#model.abilities;
    const { heardText } = turn.heard();
    if (truncation && this.#connection?.truncate !== undefined) {
      this.#guard(() => this.#connection?.truncate?.({ heardMs: turn.heardMs, heardText }));
      return;
    }
    const note = interruptionNote(heardText);
    if (textDuringAudio) this.#guard(() => this.#connection?.sendText(note, { answer: false }));
    else this.#notes.push(note);
  }

  #complete(): void {
    if (this.#cut !== undefined && this.#turn === undefined) {
      this.#cut.complete = true;
      if (this.#cut.interrupted) this.#settleCut();
      return;
    }
    const turn = this.#turn;
    if (turn === undefined || !turn.audible) {
      this.#turn = undefined;
      if (turn !== undefined) this.#settle(turn);
      this.#waits.silentTurn();
      return;
    }
    turn.complete = true;
    void this.#hearOut(turn);
  }

  /** Waits until a turn that is whole has been heard; an interruption may come first. */
  async #hearOut(turn: LiveTurn): Promise<void> {
    if (this.#options.onAudio === undefined) {
      await this.#queue.whenIdle();
      while (this.#turn === turn && !this.#over && this.#call.playedSamples < turn.endPosition) {
        const outcome = await this.#call.waitForPlayout().catch(() => 'ended' as const);
        if (outcome !== 'timeout') break;
      }
    }
    if (this.#turn !== turn) return;
    this.#turn = undefined;
    turn.endMs = this.#ear.callMs;
    this.#settle(turn);
    this.#sendTexts();
  }

  #settleCut(): void {
    const turn = this.#cut;
    this.#cut = undefined;
    if (turn?.interrupted) this.#settle(turn);
  }

  /** A turn is over: it is kept and told, once. */
  #settle(turn: LiveTurn): void {
    const report = turn.report();
    this.#keeper.close('agent', turn.interrupted ? turn.heard() : undefined);
    if (!turn.audible && report.text === '') return;
    this.#turns.push(report);
    this.#tell(() => this.#options.onTurn?.(report));
    if (!turn.interrupted) this.#waits.settle('heard');
  }

  /** Texts go when they may; what the model has to know of interruptions goes first. */
  #sendTexts(): void {
    if (this.#over || this.#connection === undefined) return;
    const mayNow = this.#model.abilities.textDuringAudio || (!this.#ear.speaking && this.#turn === undefined);
    if (!mayNow) return;
    for (const { text, answer } of this.#texts.splice(0)) {
      const whole = [...this.#notes.splice(0), text].join('\n');
      this.#guard(() => this.#connection?.sendText(whole, { answer }));
    }
  }

  #answerTool(answer: ToolAnswer & { readonly id: string; readonly name: string }): void {
    const note = this.#notes.splice(0).join('\n');
    this.#guard(() => this.#connection?.sendToolAnswer(note === '' ? answer : { ...answer, note }));
  }

  #finish(end: BridgeEnd): void {
    if (this.#over) return;
    this.#over = true;
    const turn = this.#turn;
    this.#turn = undefined;
    this.#settleCut();
    this.#down.abort();
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#ear.close();
    this.#desk.close();
    if (turn !== undefined) {
      if (!turn.interrupted && !(turn.complete && this.#call.playedSamples >= turn.endPosition))
        turn.cutAt(this.#call.playedSamples);
      turn.endMs ??= this.#ear.callMs;
      this.#settle(turn);
    }
    this.#keeper.close(this.#callerName);
    if (end.why === 'model-lost') void this.#queue.whenIdle().then(() => this.#queue.close());
    else this.#queue.close();
    this.#waits.close();
    this.#firstSound.resolve();
    void this.#connection?.close().catch(() => {});
    this.#end.resolve(end);
  }

  /** A model that throws is a model that fails, and ends nothing else. */
  #guard(run: () => void): void {
    try {
      run();
    } catch {
      this.#warn('the model did not take what was sent to it');
    }
  }

  /** What the program does with what it is told ends nothing. */
  #tell(run: () => unknown): void {
    try {
      const result = run();
      if (result instanceof Promise) result.catch((error: unknown) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(err: unknown): void {
    this.#logger.error({ callId: this.#call.callId, err }, 'a handler of the agent failed');
  }

  #warn(message: string): void {
    this.#logger.warn({ callId: this.#call.callId, model: this.#model.name }, message);
  }
}
