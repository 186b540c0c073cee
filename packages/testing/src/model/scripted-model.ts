import { type LiveConnection, type LiveModel, LiveModelError, type LiveSession } from '@agentao/agent';
import { createModelEvents } from './model-events.ts';
import { readModelRules } from './read-rules.ts';
import { createRuleModel } from './rule-model.ts';
import type { ModelRules } from './rules.ts';
import { tonesVoice, type Voice } from './voice.ts';

/** A model in this process: on any clock, without a socket. */
export interface ScriptedModelOptions {
  /** Default: tones in the high band, at `outputRateHz`. */
  readonly voice?: Voice;
  /** Default 300: how long it thinks before it speaks. */
  readonly thinkMs?: number;
  /** Abilities to try a bridge with. Default: none of them. */
  readonly abilities?: Partial<LiveModel['abilities']>;
  /** Default 16,000. */
  readonly inputRateHz?: number;
  /** Default 24,000; with a `voice` its own. */
  readonly outputRateHz?: number;
  /** Default 100. */
  readonly chunkMs?: number;
  /** Its turn is complete when it asks for tools, and what it says to their answers is another one: so do some models. Default false. */
  readonly toolsEndTurns?: boolean;
}

/** What a test sees of a model, beside what is heard. */
export interface ScriptedModel extends LiveModel {
  /** One entry a call, by the order in which they were opened. */
  readonly sessions: readonly ScriptedSession[];
}

/** One call of a scripted model, and what can be done to it. */
export interface ScriptedSession {
  readonly callId: string;
  readonly instruction: string;
  readonly tools: readonly string[];
  /** What the caller said, turn by turn, as the model heard it; a word that was cut off ends with `-`. */
  readonly heard: readonly string[];
  /** Texts that asked for no answer, and what it was told of interruptions, as `heard 1200 ms: Good morning`. */
  readonly notes: readonly string[];
  readonly answers: readonly { readonly name: string; readonly answer: unknown }[];
  /** What the author of the rules has to know. */
  readonly warnings: readonly string[];
  readonly closed: boolean;
  /** Says this now, unasked. */
  say(text: string): void;
  /** Calls a tool now, by the rules or not. */
  call(name: string, args?: Readonly<Record<string, unknown>>): void;
  /** Wants no answer any more of the tools that run. */
  cancelTools(): void;
  /** Breaks off, as a server does that crashes. */
  lose(): void;
}

/** Makes a model that answers by rules. Throws `ModelRulesError`, and `RangeError` for rates that it cannot work with. */
export function scriptedModel(rules: ModelRules, options: ScriptedModelOptions = {}): ScriptedModel {
  const checked = readModelRules(rules, 'rules');
  const {
    inputRateHz = 16_000,
    outputRateHz = 24_000,
    chunkMs = 100,
    thinkMs = 300,
    abilities = {},
    toolsEndTurns = false,
  } = options;
  const { voice = tonesVoice({ sampleRateHz: outputRateHz }) } = options;
  const can = { truncation: false, textDuringAudio: false, resumption: false, ...abilities };
  const sessions: ScriptedSession[] = [];

  const connect = ({ call, clock, instruction, tools, signal, onEvent }: LiveSession): LiveConnection => {
    const answers: { readonly name: string; readonly answer: unknown }[] = [];
    const notes: string[] = [];
    let closed = false;
    const events = createModelEvents((event) => {
      if (!closed) onEvent(event);
    });
    const model = createRuleModel({
      rules: checked,
      voice,
      clock,
      inputRateHz,
      thinkMs,
      toolsEndTurns,
      onEvent: events.take,
    });
    const end = (error?: LiveModelError): void => {
      if (closed) return;
      closed = true;
      model.close();
      signal.removeEventListener('abort', abort);
      onEvent(error === undefined ? { type: 'closed' } : { type: 'closed', error });
    };
    const abort = (): void => end();
    signal.addEventListener('abort', abort);
    sessions.push({
      callId: call.callId,
      instruction,
      tools: tools.map(({ name }) => name),
      heard: events.heard,
      notes,
      answers,
      warnings: model.warnings,
      get closed() {
        return closed;
      },
      say: (text) => model.say(text),
      call: (name, args) => model.call(name, args),
      cancelTools: () => model.cancelTools(),
      lose: () => end(new LiveModelError('LOST', 'The scripted model was told to break off.')),
    });
    return {
      sendAudio: (samples) => model.hear(samples),
      sendText: (text, { answer = true } = {}) => {
        if (!answer) notes.push(text);
        model.read(text, { answer });
      },
      sendToolAnswer: ({ id, name, note, ...answer }) => {
        if (note !== undefined) notes.push(note);
        answers.push({ name, answer: 'output' in answer ? answer.output : { error: answer.error } });
        model.takeAnswer({ id, name, response: answer });
      },
      ...(can.truncation
        ? {
            truncate: ({ heardMs, heardText }) => {
              notes.push(`heard ${Math.round(heardMs)} ms: ${heardText}`);
            },
          }
        : {}),
      close: () => {
        end();
        return Promise.resolve();
      },
    };
  };

  return {
    name: 'scripted',
    inputRateHz,
    outputRateHz: voice.sampleRateHz,
    chunkMs,
    abilities: can,
    sessions,
    open: async (session) => {
      await Promise.resolve();
      if (session.signal.aborted) throw new LiveModelError('ABORTED', 'The scripted model was called off.');
      return connect(session);
    },
  };
}
