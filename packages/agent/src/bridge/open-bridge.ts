import type { ActiveCall, PlaySource } from '@agentao/calls';
import type { Timer } from '@agentao/clock';
import type { BridgeEnd, TurnOutcome } from '../bridge.ts';
import type { Turn, Utterance } from '../conversation.ts';
import {
  type LiveConnection,
  type LiveEvent,
  type LiveModel,
  LiveModelError,
  type ModelUsage,
  type ToolAnswer,
  type ToolRequest,
} from '../live-model.ts';
import { type Logger, silentLogger } from '../logger.ts';
import type { Tool } from '../tool.ts';
import { CallerEar } from './caller-ear.ts';
import { CarefulCalls } from './careful-calls.ts';
import { interruptionNote } from './heard-text.ts';
import type { LiveTurn } from './live-turn.ts';
import { ModelTexts } from './model-texts.ts';
import { ModelVoice } from './model-voice.ts';
import type { OpenBridge, OpenBridgeOptions } from './open-bridge-options.ts';
import { closeQuietly, openModel } from './open-model.ts';
import { refusingTool } from './refusing-tool.ts';
import { ToolDesk } from './tool-desk.ts';
import { TranscriptKeeper } from './transcript-keeper.ts';
import { TurnWaits } from './turn-waits.ts';

const defaultHeardTimeoutMs = 10_000;
/** Transcripts of the caller come in no order with the model's sound; this long after it has begun they belong to what was said before. */
const lateWordsMs = 1_000;

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
  readonly #logger: Logger;
  readonly #careful: CarefulCalls;
  readonly #voice: ModelVoice;
  readonly #ear: CallerEar;
  readonly #desk: ToolDesk;
  readonly #keeper: TranscriptKeeper;
  readonly #waits: TurnWaits;
  readonly #texts = new ModelTexts();
  readonly #turns: Turn[] = [];
  readonly #down = new AbortController();
  readonly #end = Promise.withResolvers<BridgeEnd>();
  readonly #firstSound = Promise.withResolvers<void>();
  readonly #unsubscribe: (() => void)[] = [];
  #connection: LiveConnection | undefined;
  #usage: ModelUsage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 };
  /** Until the caller's words are whole. */
  #lateWords: Timer | undefined;
  /** When the caller began to say what is not whole yet. */
  #speechStartMs: number | undefined;
  /** Clips that play, or wait for the call to take them. */
  #clips = 0;
  #refusedTools = false;
  #active = true;
  speaks: boolean;
  /** What was dropped of the present turn: times of words count from its beginning. */
  #droppedMs = 0;
  #finishing = false;
  #over = false;

  constructor(call: ActiveCall, model: LiveModel, options: OpenBridgeOptions) {
    const { listen = 'mix', onAudio, onTool = ({ name }) => ({ error: `There is no tool ${name}.` }) } = options;
    this.#call = call;
    this.#model = model;
    this.#options = options;
    this.speaks = options.speaks ?? true;
    this.#logger = options.logger ?? silentLogger;
    this.#careful = new CarefulCalls({ logger: this.#logger, callId: call.callId, model: model.name });
    this.#waits = new TurnWaits(call.clock);
    this.#keeper = new TranscriptKeeper((update) => this.#careful.tell(() => options.onTranscript?.(update)));
    this.#desk = new ToolDesk({
      callMs: () => this.callMs,
      onTool,
      onRefused: (request, error) => this.#refuseTool(request, error),
      answer: (answer) => {
        const note = this.#texts.takeNotes();
        this.#careful.guard(() => this.#connection?.sendToolAnswer(note === undefined ? answer : { ...answer, note }));
      },
      onAsked: () => this.#waits.toolAsked(),
      onSettled: () => this.#waits.toolAnswered(),
    });
    this.#ear = new CallerEar({
      call,
      party: listen,
      rateHz: model.inputRateHz,
      chunkMs: model.chunkMs,
      onPiece: (samples) => this.#careful.guard(() => this.#connection?.sendAudio(samples)),
      onSpeechStart: (atMs) => {
        // Somebody who speaks before there is an answer goes on.
        if (this.#lateWords !== undefined) this.#endCaller();
        if (!this.#keeper.isOpen(this.#callerName)) this.#speechStartMs = atMs;
        this.#callerSpeech(undefined);
      },
      onSpeechEnd: (atMs) => this.#callerSpeech(atMs),
    });
    this.#voice = new ModelVoice({
      call,
      model,
      callMs: () => this.#ear.callMs,
      onAudio: onAudio && ((samples) => this.#careful.tell(() => onAudio(samples, model.outputRateHz))),
      onTurnBegin: () => this.#callerAnswered(),
      onLateWords: () => this.#keeper.close('agent'),
      onFull: () => this.#careful.warn('the model says more than can wait; the rest of it is dropped'),
      onCut: (turn) => this.#tellHeard(turn),
      onTurn: (...over) => this.#turnOver(...over),
      onSilentTurn: () => this.#waits.silentTurn(),
      onStalled: () => {
        if (this.#waits.waitsForTools) return false;
        this.#careful.warn('the model has stopped in the middle of a turn');
        return true;
      },
    });
  }

  get callMs(): number {
    return this.#ear.callMs;
  }

  get busy(): boolean {
    return this.#ear.speaking || this.#voice.speaking || this.#desk.busy;
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

  get over(): boolean {
    return this.#over;
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
      if (state === 'ANSWERED' || state === 'CONNECTED') this.#voice.open();
    });
    this.#unsubscribe.push(() => states.unsubscribe());
    const { instruction = '', tools = [] } = this.#options;
    try {
      this.#connection = await openModel(this.#model, {
        call: this.#call,
        clock: this.#call.clock,
        logger: this.#logger,
        instruction,
        tools,
        signal: this.#down.signal,
        onEvent: (event) => this.#receive(event),
        runTool: (tool, request) => this.#runTool(tool, request),
      });
    } catch (error) {
      if (!(error instanceof LiveModelError)) throw error;
      this.#finish(error.code === 'ABORTED' ? { why: 'call-ended' } : { why: 'model-lost', error });
      throw error;
    }
    if (this.#finishing) await closeQuietly(this.#connection);
  }

  sendText(text: string, { answer = true }: { readonly answer?: boolean } = {}): void {
    if (this.#finishing) return;
    this.#texts.add({ text, answer });
    this.#sendTexts();
  }

  interrupt(): Promise<void> {
    return this.#interrupt({ byModel: false });
  }

  #interrupt(how: { readonly byModel: boolean }): Promise<void> {
    this.#waits.settle('interrupted');
    return this.#voice.interrupt(how);
  }

  async play(source: PlaySource): Promise<TurnOutcome> {
    this.#clips += 1;
    const outcome = await this.#voice.play(source).finally(() => (this.#clips -= 1));
    if (outcome === 'ended' || this.#over) return 'ended';
    return outcome === 'played' ? 'heard' : 'interrupted';
  }

  turnHeard({ timeoutMs = defaultHeardTimeoutMs }: { readonly timeoutMs?: number } = {}): Promise<TurnOutcome> {
    if (this.#over) return Promise.resolve('ended');
    return this.#waits.wait(timeoutMs, this.#voice.sounding);
  }

  async close(): Promise<void> {
    this.#finish({ why: 'closed' });
    await closeQuietly(this.#connection);
  }

  /** With what the model has to know of earlier interruptions, for a framework that answers its model itself. */
  async #runTool(tool: Tool, request: ToolRequest): Promise<ToolAnswer & { readonly note?: string }> {
    const { runTool } = this.#options;
    this.#waits.toolAsked();
    const answer = runTool ? await runTool(tool, request) : { error: `There is no tool ${request.name}.` };
    this.#waits.toolAnswered();
    // The answer of a cancelled one is told to nobody.
    if (request.signal?.aborted === true) return answer;
    const note = this.#texts.takeNotes();
    return note === undefined ? answer : { ...answer, note };
  }

  /** On the record like one that was run, where there is one. */
  async #refuseTool(request: ToolRequest, error: string): Promise<ToolAnswer> {
    const { runTool } = this.#options;
    if (!this.#refusedTools)
      this.#careful.warn('the model asks for more tools at once than may run; the rest of them are not run');
    this.#refusedTools = true;
    return (await runTool?.(refusingTool(request.name, error), request)) ?? { error };
  }

  #receive(event: LiveEvent): void {
    if (this.#finishing) return;
    switch (event.type) {
      case 'audio':
        if (event.samples.length === 0) return;
        this.#firstSound.resolve();
        if (!this.#isHeard) {
          this.#droppedMs += (event.samples.length * 1000) / this.#model.outputRateHz;
          return;
        }
        if (this.#voice.sound(event.samples)) this.#waits.sound();
        return;
      case 'transcript':
        this.#words(event);
        return;
      case 'tool-call':
        this.#desk.call(event.id, event.name, event.args);
        return;
      case 'tool-cancelled':
        this.#desk.cancel(event.ids);
        return;
      case 'interrupted':
        this.#droppedMs = 0;
        // Of one that is not heard nothing is on the call: what plays there is another's.
        if (this.speaks || this.#voice.speaking) void this.#interrupt({ byModel: true });
        return;
      case 'turn-complete':
        this.#droppedMs = 0;
        this.#voice.complete(this.#waits.isLastWord);
        return;
      case 'usage':
        this.#usage = {
          inputTokens: this.#usage.inputTokens + event.inputTokens,
          outputTokens: this.#usage.outputTokens + event.outputTokens,
          totalTokens: this.#usage.totalTokens + event.totalTokens,
        };
        return;
      case 'resumed': {
        const { why, outageMs } = event;
        const fields = { callId: this.#call.callId, model: this.#model.name, why, outageMs: Math.round(outageMs) };
        this.#logger.warn(fields, 'the connection to the model was made again');
        return;
      }
      case 'closed': {
        const error = event.error ?? new LiveModelError('LOST', `${this.#model.name} closed the conversation.`);
        this.#finish({ why: 'model-lost', error });
      }
    }
  }

  get #isHeard(): boolean {
    return this.#active && this.speaks;
  }

  get #callerName(): Utterance['speaker'] {
    return this.#options.listen === 'callee' ? 'callee' : 'caller';
  }

  #callerSpeech(endMs: number | undefined): void {
    this.#voice.callerEndMs = endMs;
    // The model does not know that a clip plays, and cannot say that it is interrupted.
    if (endMs === undefined && this.#clips > 0) void this.interrupt();
    this.#options.onCallerSpeech?.();
    if (endMs !== undefined) this.#sendTexts();
  }

  #words({ speaker, text, final, endsAtMs }: LiveEvent & { readonly type: 'transcript' }): void {
    if (speaker === 'caller') {
      this.#keeper.add(this.#callerName, text, this.#speechStartMs ?? this.#ear.callMs);
      if (final) this.#endCaller();
    } else if (this.#isHeard) {
      const heardAtMs = endsAtMs === undefined ? undefined : endsAtMs - this.#droppedMs;
      this.#keeper.add('agent', text, this.#voice.say(text, heardAtMs));
    }
  }

  /** The model answers: words of what the caller has said may still come. */
  #callerAnswered(): void {
    const { clock } = this.#call;
    this.#lateWords ??= clock.setTimer(clock.now() + lateWordsMs, () => this.#endCaller());
  }

  #endCaller(): void {
    this.#lateWords?.cancel();
    this.#lateWords = undefined;
    this.#speechStartMs = undefined;
    this.#keeper.close(this.#callerName);
  }

  /** A model that believes it said what was cut off goes on from there. */
  #tellHeard(turn: LiveTurn): void {
    const { truncation, textDuringAudio } = this.#model.abilities;
    const { heardText } = turn.heard();
    const connection = this.#connection;
    if (truncation && connection?.truncate !== undefined) {
      this.#careful.guard(() => connection.truncate?.({ heardMs: turn.heardMs, heardText }));
    } else if (textDuringAudio) {
      this.#careful.guard(() => connection?.sendText(interruptionNote(heardText), { answer: false }));
    } else this.#texts.note(interruptionNote(heardText));
  }

  #turnOver(turn: Turn, cutOff: Utterance['cutOff'], isLastWord: boolean): void {
    this.#keeper.close('agent', cutOff);
    this.#turns.push(turn);
    this.#careful.tell(() => this.#options.onTurn?.(turn));
    if (cutOff === undefined) this.#waits.heard(isLastWord);
    this.#sendTexts();
  }

  #sendTexts(): void {
    const connection = this.#connection;
    if (this.#finishing || connection === undefined) return;
    const mayNow = this.#model.abilities.textDuringAudio || (!this.#ear.speaking && !this.#voice.speaking);
    if (mayNow) this.#careful.guard(() => this.#texts.send(connection));
  }

  #finish(end: BridgeEnd): void {
    if (this.#finishing) return;
    // A model that is told to close says that it is closed.
    this.#finishing = true;
    this.#down.abort();
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#ear.close();
    this.#desk.close();
    void closeQuietly(this.#connection);
    // What the model had said is heard to its end, where only the model is gone.
    if (end.why === 'model-lost' && this.#voice.speaking) void this.#voice.finish().then(() => this.#close(end));
    else this.#close(end);
  }

  #close(end: BridgeEnd): void {
    this.#voice.close();
    this.#over = true;
    this.#endCaller();
    this.#waits.close();
    this.#firstSound.resolve();
    this.#end.resolve(end);
  }
}
