import type { SpeechBand } from '@agentao/audio/speech';
import type { Clock, Timer } from '@agentao/clock';
import { createCallerEar, type HeardTurn } from './caller-ear.ts';
import { createRuleBook, type Reply } from './rule-book.ts';
import { readSavedModel, type RuleModelItem, type SavedModel } from './saved-model.ts';
import type { ModelFault, ModelRules } from './rules.ts';
import { spokenText } from './spoken-text.ts';
import { createVoiceOutput } from './voice-output.ts';
import { type SpokenSentence, tonesVoice, type Voice } from './voice.ts';

/** What a local model does; in order. */
export type RuleModelEvent =
  /** It hears that somebody began to speak, by voice activity. */
  | { readonly type: 'activity-start' }
  | { readonly type: 'activity-end' }
  /** A word that the caller said, without spaces; one that was cut off ends with `-`. `final` closes the turn of the caller: without a word. */
  | { readonly type: 'heard'; readonly text: string; readonly final: boolean }
  /** Sound, at the voice's rate, in pieces of at most 200 ms, ahead of real time by at most `leadMs`. The receiver's. */
  | { readonly type: 'audio'; readonly samples: Int16Array }
  /** A word of its own, just before the sound in which it begins; `endsAtMs` from the first audio of the turn, where known. */
  | { readonly type: 'said'; readonly text: string; readonly endsAtMs?: number }
  | {
      readonly type: 'tool-calls';
      readonly calls: readonly {
        readonly id: string;
        readonly name: string;
        readonly args: Readonly<Record<string, unknown>>;
      }[];
    }
  | { readonly type: 'tools-cancelled'; readonly ids: readonly string[] }
  /** What was given out and would not have been heard yet is not to be heard. `turn-complete` follows at once. */
  | { readonly type: 'interrupted' }
  /** Everything of this turn has been given out. */
  | { readonly type: 'generation-complete' }
  /** And would have been heard, if it was played as it came; also after `interrupted`. */
  | { readonly type: 'turn-complete' }
  /**
   * A rule asks for this fault; the server sees to it. Before what the rule says; `go-away-mid-sentence` when half of it has been given out. Never
   * `cancel-tools`: that the model does itself.
   */
  | { readonly type: 'fault'; readonly fault: ModelFault };

/** What a local model is made of. */
export interface RuleModelOptions {
  readonly rules: ModelRules;
  readonly voice: Voice;
  readonly clock: Clock;
  readonly inputRateHz: number;
  readonly onEvent: (event: RuleModelEvent) => void;
  /** Silence after which the caller has finished. Default 500. */
  readonly endOfSpeechMs?: number;
  /** From the end of what it answers, be it words or a tool's answer, to its first sound. Default 300. */
  readonly thinkMs?: number;
  /** Bands in which callers speak. Default: low and middle; the model itself speaks in the high one. */
  readonly hears?: readonly SpeechBand[];
  /** How far sound is given out ahead of real time. Default 1,000. */
  readonly leadMs?: number;
  /** Its turn is complete when it asks for tools, and what it says to their answers is another one: so do some models. Default false. */
  readonly toolsEndTurns?: boolean;
  /** A turn of the caller is what is between `activityStart` and `activityEnd`. Default false: voice activity tells. */
  readonly toldActivity?: boolean;
}

/**
 * A model without intelligence: hears tone-coded speech by voice activity and decoding, answers by its rules, stops when it is interrupted. What it
 * keeps (captures, state, counts, tools that run, what it has not said yet) can be taken out and put into another one, as a resumed session does.
 */
export interface RuleModel {
  hear(samples: Int16Array): void;
  /** The stream of the caller pauses: a turn that has begun ends. */
  audioStreamEnd(): void;
  /** The caller begins to speak, or has finished; only with `toldActivity`. */
  activityStart(): void;
  activityEnd(): void;
  /**
   * Text. While the caller speaks it belongs to what the caller says, otherwise it is a turn of its own, after the present one of the model; with
   * `answer: false` it is only kept. Of more than 16 turns that wait the oldest is dropped.
   */
  read(text: string, options?: { readonly answer?: boolean }): void;
  /** One that was not asked for, or was cancelled, is dropped. */
  takeAnswer(answer: {
    readonly id: string;
    readonly name: string;
    readonly response: Readonly<Record<string, unknown>>;
  }): void;
  /** Says this as soon as nobody speaks, unasked. */
  say(text: string): void;
  /** Calls a tool as soon as nobody speaks, unasked. */
  call(name: string, args?: Readonly<Record<string, unknown>>): void;
  /** Wants no answer any more of the tools that run. */
  cancelTools(): void;
  /** Everything it was told as text that asked for no answer, the last 1,000. */
  readonly notes: readonly string[];
  /** What the author of the rules has to know, such as a placeholder that stands for nothing; the first 100. */
  readonly warnings: readonly string[];
  /** JSON. */
  save(): unknown;
  /** Goes on where another one was saved; before anything else. Throws for what did not come from `save`, or from one with other rules. */
  restore(saved: unknown): void;
  /** Nothing is told any more, and no timer is left. Idempotent. */
  close(): void;
}

const maxWaiting = 16;
const maxNotes = 1000;
const maxWarnings = 100;
/** Long enough for a tool to have started. */
const cancelAfterMs = 200;
/** Rules that go on calling tools after tools have answered stop here, until somebody speaks. */
const mostToolRounds = 64;

/** Makes one for a session. Throws `ModelRulesError`, and `RangeError` for rates and times that it cannot work with; never later. */
export function createRuleModel(options: RuleModelOptions): RuleModel {
  const { rules, voice, clock, inputRateHz, onEvent, thinkMs = 300, leadMs = 1000, toolsEndTurns = false } = options;
  const { endOfSpeechMs = 500, hears = ['low', 'middle'], toldActivity = false } = options;
  const substitute = tonesVoice({ sampleRateHz: voice.sampleRateHz });
  const notes: string[] = [];
  const warnings: string[] = [];
  const warn = (warning: string): void => {
    if (warnings.length < maxWarnings) warnings.push(warning);
  };
  const book = createRuleBook(rules, warn);

  /** Tools that run: names by id. */
  const running = new Map<string, string>();
  /** Of the present turn; and turns to come. */
  const todo: RuleModelItem[] = [];
  const waiting: RuleModelItem[] = [];
  let inTurn = false;
  /** Thinking, speaking, or listening to itself; nothing else begins meanwhile. */
  let doing: 'thinking' | 'replying' | 'finishing' | undefined;
  /** What it thinks about. */
  let considered: RuleModelItem | undefined;
  /** What it says, as long as its tools have not been called; `begun` when some of it may have been given out. */
  let reply: { readonly own: Reply; begun: boolean } | undefined;
  /** What the caller goes on with, having spoken again before there was an answer; what was typed meanwhile. */
  let carried = '';
  let typed = '';
  let called = 0;
  let toolRounds = 0;
  let closed = false;
  let timer: Timer | undefined;
  let cancelTimer: Timer | undefined;
  let speaking: AbortController | undefined;
  /** A sentence that waits for the caller to finish. */
  let ready: (() => void) | undefined;

  const emit = (event: RuleModelEvent): void => {
    if (!closed) onEvent(event);
  };
  const output = createVoiceOutput({
    clock,
    leadMs,
    sampleRateHz: voice.sampleRateHz,
    onAudio: (samples) => emit({ type: 'audio', samples }),
    onWord: (text, endsAtMs) => emit({ type: 'said', text, ...(endsAtMs === undefined ? {} : { endsAtMs }) }),
  });
  const ear = createCallerEar({
    clock,
    endOfSpeechMs,
    toldActivity,
    sampleRateHz: inputRateHz,
    bands: hears,
    onStart: heardStart,
    onWord: (text) => emit({ type: 'heard', text, final: false }),
    onEnd: heardEnd,
  });

  /** Does what is next. */
  function go(): void {
    if (closed || doing !== undefined || ear.active) return;
    if (todo.length > 0) consider(todo.shift() as RuleModelItem);
    else if (running.size > 0) return;
    else if (inTurn) finish();
    else if (waiting.length > 0) consider(waiting.shift() as RuleModelItem);
  }

  function consider(item: RuleModelItem): void {
    inTurn = true;
    doing = 'thinking';
    considered = item;
    timer = clock.setTimer(clock.now() + ('reply' in item ? 0 : thinkMs), () => {
      considered = undefined;
      doing = 'replying';
      begin(replyTo(item));
    });
  }

  function replyTo(item: RuleModelItem): Reply {
    toolRounds = 'tool' in item ? toolRounds + 1 : 0;
    if ('reply' in item) return item.reply;
    if ('text' in item) return book.answer(spokenText(item.text));
    return book.answerTool(item.tool, item.response) ?? { say: '', calls: [] };
  }

  function begin(own: Reply): void {
    const mine = { own, begun: false };
    reply = mine;
    const { fault, say } = own;
    if (fault === 'cancel-tools') {
      if (own.calls.length === 0) cancelTools();
    } else if (fault !== undefined && fault !== 'go-away-mid-sentence') emit({ type: 'fault', fault });
    if (closed || reply !== mine) return;
    if (say.trim() === '') {
      callTools(own);
      return;
    }
    const aborter = new AbortController();
    speaking = aborter;
    void synthesise(say, aborter.signal).then((sentence) => {
      if (aborter.signal.aborted) return;
      const give = (): void => {
        mine.begun = true;
        output.give({
          text: say,
          sentence,
          onHalf: () => {
            if (fault === 'go-away-mid-sentence') emit({ type: 'fault', fault });
          },
          onGiven: () => callTools(own),
        });
      };
      if (ear.active) ready = give;
      else give();
    });
  }

  async function synthesise(text: string, signal: AbortSignal): Promise<SpokenSentence> {
    try {
      return await voice.speak(text, { signal });
    } catch (error) {
      if (!signal.aborted) warn(`the voice ${voice.name} failed, tones speak: ${String(error)}`);
      return substitute.speak(text, { signal });
    }
  }

  function callTools({ calls, fault }: Reply): void {
    const isEndless = calls.length > 0 && toolRounds >= mostToolRounds;
    if (isEndless) warn(`tools were called ${mostToolRounds} times without a word of the caller; no more of them are`);
    const wishes = (isEndless ? [] : calls).map((wish) => ({ id: `call-${++called}`, ...wish }));
    for (const { id, name } of wishes) running.set(id, name);
    reply = undefined;
    doing = undefined;
    if (wishes.length > 0) {
      if (fault === 'cancel-tools') {
        cancelTimer?.cancel();
        cancelTimer = clock.setTimer(clock.now() + cancelAfterMs, cancelTools);
      }
      emit({ type: 'tool-calls', calls: wishes });
      if (toolsEndTurns) emit({ type: 'turn-complete' });
    }
    go();
  }

  function finish(): void {
    doing = 'finishing';
    // It may not have said a word yet.
    timer = clock.setTimer(Math.max(clock.now(), output.heardAtMs), () => {
      endTurn();
      emit({ type: 'turn-complete' });
      go();
    });
    emit({ type: 'generation-complete' });
  }

  function endTurn(): void {
    timer?.cancel();
    speaking?.abort();
    output.endTurn();
    ready = undefined;
    reply = undefined;
    doing = undefined;
    inTurn = running.size > 0 || todo.length > 0;
  }

  function cancelTools(): void {
    if (running.size === 0) return;
    const ids = [...running.keys()];
    running.clear();
    emit({ type: 'tools-cancelled', ids });
    go();
  }

  function heardStart(): void {
    emit({ type: 'activity-start' });
    if (considered !== undefined) {
      timer?.cancel();
      if ('text' in considered) carried = considered.text;
      else todo.unshift(considered);
      considered = undefined;
      doing = undefined;
      inTurn = running.size > 0 || todo.length > 0;
    }
    if (!output.unheard) return;
    output.stop();
    endTurn();
    emit({ type: 'interrupted' });
    emit({ type: 'turn-complete' });
  }

  function heardEnd({ text, whole }: HeardTurn): void {
    emit({ type: 'activity-end' });
    if (text !== '') emit({ type: 'heard', text: '', final: true });
    const said = [carried, whole, typed].filter((part) => part !== '').join(' ');
    if (said !== '') isSaid(said, carried === '' ? 'last' : 'first');
    carried = '';
    typed = '';
    const give = ready;
    ready = undefined;
    if (give === undefined) go();
    else give();
  }

  function isSaid(text: string, place: 'first' | 'last'): void {
    const instead = running.size > 0 ? book.answerDuringTools(spokenText(text)) : undefined;
    if (instead !== undefined) todo.push({ reply: instead });
    else if (place === 'first') waiting.unshift({ text });
    else wait({ text });
  }

  function wait(item: RuleModelItem): void {
    if (waiting.length === maxWaiting) {
      waiting.shift();
      warn(`more than ${maxWaiting} turns wait; the oldest is dropped`);
    }
    waiting.push(item);
  }

  /** Within the present turn, as long as that is not at its end. */
  function unasked(own: Reply): void {
    if (closed) return;
    if (inTurn && doing !== 'finishing' && todo.length < maxWaiting) todo.push({ reply: own });
    else wait({ reply: own });
    go();
  }

  /** What is left of what it is saying or thinking about. */
  function unfinished(): RuleModelItem[] {
    if (considered !== undefined) return [considered];
    if (reply === undefined) return [];
    const { own, begun } = reply;
    const { calls, fault } = own;
    const say = begun ? output.rest : own.say;
    return [{ reply: { say, calls, ...(fault === 'cancel-tools' ? { fault } : {}) } }];
  }

  return {
    notes,
    warnings,
    hear: ear.hear,
    audioStreamEnd: ear.pause,
    activityStart: ear.begin,
    activityEnd: ear.end,
    read: (text, { answer = true } = {}) => {
      if (closed) return;
      if (!answer) {
        if (notes.length === maxNotes) notes.shift();
        notes.push(text);
      } else if (ear.active) typed = typed === '' ? text : `${typed} ${text}`;
      else {
        isSaid(text, 'last');
        go();
      }
    },
    takeAnswer: ({ id, response }) => {
      const tool = running.get(id);
      if (closed || tool === undefined) return;
      running.delete(id);
      todo.push({ tool, response });
      go();
    },
    say: (text) => unasked({ say: text, calls: [] }),
    call: (name, args = {}) => unasked({ say: '', calls: [{ name, args }] }),
    cancelTools,
    save: (): SavedModel => ({
      book: book.save(),
      running: [...running],
      todo: [...unfinished(), ...todo],
      waiting: [...[carried, typed].filter((text) => text !== '').map((text) => ({ text })), ...waiting],
      calls: called,
    }),
    restore: (saved) => {
      const before = readSavedModel(saved);
      book.restore(before.book);
      for (const [id, name] of before.running) running.set(id, name);
      todo.push(...before.todo);
      waiting.push(...before.waiting);
      called = before.calls;
      inTurn = running.size > 0 || todo.length > 0;
      go();
    },
    close: () => {
      closed = true;
      cancelTimer?.cancel();
      output.stop();
      endTurn();
      ear.close();
    },
  };
}
