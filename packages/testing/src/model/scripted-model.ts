import {
  type LiveConnection,
  type LiveModel,
  type LiveModelAbilities,
  LiveModelError,
  type LiveSession,
} from '@agentao/agent';
import { RuleModel, type RuleModelEvent } from './rule-model.ts';
import { type ModelRules, readModelRules } from './rules.ts';
import { tonesVoice, type Voice } from './voice.ts';

/** A model in this process: on any clock, without a socket. */
export interface ScriptedModelOptions {
  /** Default: tones, in the high band. */
  readonly voice?: Voice;
  /** How long it thinks before it speaks. Default 300. */
  readonly thinkMs?: number;
  /** Rate of what it hears. Default 16,000. */
  readonly inputRateHz?: number;
  /** Abilities to try an agent with. Default: none of them. */
  readonly abilities?: Partial<LiveModelAbilities>;
}

/** One call of a scripted model, and what can be done to it. */
export interface ScriptedSession {
  readonly callId: string;
  readonly instruction: string;
  /** Names. */
  readonly tools: readonly string[];
  /** What the caller said, turn by turn, as the model heard it. */
  readonly heard: readonly string[];
  /** Texts it was sent, those that ask for no answer and what it was told of interruptions included. */
  readonly texts: readonly string[];
  readonly answers: readonly { readonly name: string; readonly answer: unknown }[];
  readonly closed: boolean;
  /** Says this now, unasked. */
  say(text: string): void;
  /** Calls a tool now, by the rules or not. */
  call(name: string, args?: Readonly<Record<string, unknown>>): void;
  /** Breaks off, as a server does that crashes. */
  lose(): void;
}

/** What a test sees of a model, beside what is heard. */
export interface ScriptedModel extends LiveModel {
  /** One entry a call, by the order in which they were opened. */
  readonly sessions: readonly ScriptedSession[];
}

const name = 'scripted';

/** Makes a model that answers by rules. Throws `TypeError` for rules that are wrong, with their place. */
export function scriptedModel(rules: ModelRules, options: ScriptedModelOptions = {}): ScriptedModel {
  const checked = readModelRules(rules);
  const { voice = tonesVoice(), thinkMs = 300, inputRateHz = 16_000, abilities = {} } = options;
  const sessions: ScriptedSession[] = [];
  const open = (session: LiveSession): Promise<LiveConnection> => {
    const { call, clock, signal, onEvent } = session;
    const heard: string[] = [];
    const texts: string[] = [];
    const answers: { name: string; answer: unknown }[] = [];
    let closed = false;
    const tell = (event: RuleModelEvent): void => {
      if (closed) return;
      if (event.type === 'heard') {
        heard.push(event.text);
        onEvent({ type: 'transcript', speaker: 'caller', text: event.text, final: true });
      } else if (event.type === 'said') {
        const { type: _, ...said } = event;
        onEvent({ type: 'transcript', speaker: 'agent', final: false, ...said });
      } else if (event.type === 'tool-calls') {
        for (const wish of event.calls) onEvent({ type: 'tool-call', ...wish });
      } else onEvent(event);
    };
    const brain = new RuleModel({ rules: checked, voice, clock, inputRateHz, thinkMs, onEvent: tell });
    const close = (): void => {
      closed = true;
      brain.close();
      signal.removeEventListener('abort', close);
    };
    signal.addEventListener('abort', close, { once: true });
    sessions.push({
      callId: call.callId,
      instruction: session.instruction,
      tools: session.tools.map((tool) => tool.name),
      heard,
      texts,
      answers,
      get closed() {
        return closed;
      },
      say: (text) => brain.say(text),
      call: (tool, args) => brain.call(tool, args),
      lose: () => {
        onEvent({ type: 'closed', error: new LiveModelError('LOST', 'The scripted model was told to break off.') });
        close();
      },
    });
    return Promise.resolve({
      sendAudio: (samples) => brain.hear(samples),
      sendText: (text, { answer = true } = {}) => {
        texts.push(text);
        if (answer) brain.read(text);
      },
      sendToolAnswer: ({ id, name: tool, note, ...answer }) => {
        if (note !== undefined) texts.push(note);
        answers.push({ name: tool, answer });
        brain.takeAnswer({ id, response: answer });
      },
      truncate: ({ heardText }) => void texts.push(`heard: ${heardText}`),
      close: () => {
        close();
        return Promise.resolve();
      },
    });
  };
  return {
    name,
    inputRateHz,
    outputRateHz: voice.sampleRateHz,
    chunkMs: 100,
    abilities: { truncation: false, textDuringAudio: false, resumption: false, ...abilities },
    sessions,
    open,
  };
}
