import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '@agentao/clock';
import type { WebSocket } from 'ws';
import { createRuleModel, type RuleModel, type RuleModelEvent } from '../model/rule-model.ts';
import type { ModelRules } from '../model/rules.ts';
import type { Voice } from '../model/voice.ts';
import type { LiveClientMessage, LiveSetup } from './live-setup.ts';

/** A conversation of a client, over one connection or several that resumed each other, and what can be done to it. */
export interface LiveServerSession {
  /** The newest. */
  readonly setup: LiveSetup;
  readonly connections: number;
  /** What the caller said, turn by turn. */
  readonly heard: readonly string[];
  readonly notes: readonly string[];
  /** What the author of the rules has to know, such as a placeholder that stands for nothing. */
  readonly warnings: readonly string[];
  readonly toolAnswers: readonly { readonly name: string; readonly response: unknown }[];
  readonly open: boolean;
  /** Says that the connection ends soon, and ends it then. */
  goAway(timeLeftMs?: number): void;
  /** The connection is gone without a word. `forgets`: with what it was saying. */
  drop(options?: { readonly forgets?: boolean }): void;
  /** Sends this as a message, whatever it is. */
  sendRaw(text: string): void;
  say(text: string): void;
  call(name: string, args?: Readonly<Record<string, unknown>>): void;
  cancelTools(): void;
}

/** What all sessions share. */
export interface LiveSessionOptions {
  readonly rules: ModelRules;
  readonly voice: Voice;
  readonly clock: Clock;
  readonly thinkMs: number;
  readonly toolsEndTurns: boolean;
}

const inputRateHz = 16_000;
const tokensOfASecond = 25;
/** A client that lost its connection may come back for so long, and gets so many messages then; the oldest are dropped. */
const longestAwayMs = 30_000;
const mostUnsent = 1_000;
/** A client that reads no more of this is given up. */
const mostUnreadBytes = 8 * 1024 * 1024;

/** One of them, on the server's side. */
export class LiveSession implements LiveServerSession {
  readonly #options: LiveSessionOptions;
  readonly #heard: string[] = [];
  readonly #notes: string[] = [];
  readonly #toolAnswers: { readonly name: string; readonly response: unknown }[] = [];
  /** By which a client comes back. */
  readonly handle: string = `handle-${randomUUID()}`;
  setup: LiveSetup;
  connections = 0;
  /** The client tells when the caller speaks; from the first set-up on. */
  readonly #toldActivity: boolean;
  #warnings: readonly string[] = [];
  #socket: WebSocket | undefined;
  #model: RuleModel | undefined;
  #unsent: object[] = [];
  #away: Timer | undefined;
  #words: string[] = [];
  /** Nothing more of this turn is told. */
  #forgets = false;
  /** Samples that came and went since the last usage. */
  #heardSamples = 0;
  #saidSamples = 0;

  constructor(setup: LiveSetup, options: LiveSessionOptions) {
    this.setup = setup;
    this.#options = options;
    this.#toldActivity = setup.realtimeInputConfig?.automaticActivityDetection?.disabled === true;
  }

  get heard(): readonly string[] {
    return this.#heard;
  }

  get notes(): readonly string[] {
    return this.#notes;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  get toolAnswers(): readonly { readonly name: string; readonly response: unknown }[] {
    return this.#toolAnswers;
  }

  get open(): boolean {
    return this.#socket !== undefined;
  }

  /** The client is here, for the first time or again: what was not sent, because it was away, goes first. */
  connect(socket: WebSocket, setup: LiveSetup): void {
    const old = this.#socket;
    this.setup = setup;
    this.connections += 1;
    this.#socket = socket;
    this.#away?.cancel();
    this.#send({ setupComplete: {} });
    this.#model ??= createRuleModel({
      ...this.#options,
      inputRateHz,
      toldActivity: this.#toldActivity,
      onEvent: (event) => this.#tell(event),
    });
    this.#warnings = this.#model.warnings;
    if (setup.sessionResumption) {
      this.#send({ sessionResumptionUpdate: { newHandle: this.handle, resumable: true } });
    }
    for (const message of this.#unsent.splice(0)) this.#send(message);
    old?.close(1000);
  }

  /** Whether this is its connection, and not an earlier one. */
  uses(socket: WebSocket): boolean {
    return this.#socket === socket;
  }

  /** The connection is gone. The client may come back for a while, unless it has said goodbye. */
  leave(isGoodbye: boolean): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
    if (isGoodbye) {
      this.#end();
      return;
    }
    const { clock } = this.#options;
    this.#away = clock.setTimer(clock.now() + longestAwayMs, () => this.#end());
  }

  take({ realtimeInput, clientContent, toolResponse }: LiveClientMessage): void {
    const { audio, mediaChunks = [], text, audioStreamEnd, activityStart, activityEnd } = realtimeInput ?? {};
    if ((activityStart ?? activityEnd) !== undefined && !this.#toldActivity) {
      this.#socket?.close(1007, 'Explicit activity control is not supported when automatic activity detection is on.');
      return;
    }
    if (activityStart !== undefined) this.#model?.activityStart();
    for (const { data, mimeType } of audio === undefined ? mediaChunks : [audio]) {
      if (!mimeType.startsWith('audio/')) continue;
      const bytes = Buffer.from(data, 'base64');
      const samples = new Int16Array(bytes.length >> 1);
      for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(i * 2);
      this.#heardSamples += samples.length;
      this.#model?.hear(samples);
    }
    if (text !== undefined) this.#read(text, true);
    if (audioStreamEnd) this.#model?.audioStreamEnd();
    if (activityEnd !== undefined) this.#model?.activityEnd();
    if (clientContent !== undefined) {
      const said = clientContent.turns?.flatMap(({ parts }) => parts?.map((part) => part.text ?? '') ?? []) ?? [];
      this.#read(said.join(' '), clientContent.turnComplete === true);
    }
    for (const answer of toolResponse?.functionResponses ?? []) {
      this.#toolAnswers.push({ name: answer.name, response: answer.response });
      this.#model?.takeAnswer(answer);
    }
  }

  goAway(timeLeftMs: number = 5_000): void {
    const socket = this.#socket;
    this.#send({ goAway: { timeLeft: `${timeLeftMs / 1000}s` } });
    const { clock } = this.#options;
    clock.setTimer(clock.now() + timeLeftMs, () => {
      if (socket !== undefined && this.#socket === socket) this.leave(false);
    });
  }

  drop({ forgets = false }: { readonly forgets?: boolean } = {}): void {
    this.#forgets = forgets;
    this.#socket?.terminate();
  }

  sendRaw(text: string): void {
    this.#socket?.send(text);
  }

  say(text: string): void {
    this.#model?.say(text);
  }

  call(name: string, args: Readonly<Record<string, unknown>> = {}): void {
    this.#model?.call(name, args);
  }

  cancelTools(): void {
    this.#model?.cancelTools();
  }

  #end(): void {
    this.#away?.cancel();
    this.#model?.close();
    this.#model = undefined;
    this.#unsent = [];
  }

  #read(text: string, answer: boolean): void {
    if (!answer) this.#notes.push(text);
    this.#model?.read(text, { answer });
  }

  #tell(event: RuleModelEvent): void {
    switch (event.type) {
      case 'heard':
        if (event.final) this.#heard.push(this.#words.splice(0).join(' '));
        else {
          const text = this.#words.length === 0 ? event.text : ` ${event.text}`;
          this.#words.push(event.text);
          if (this.setup.inputAudioTranscription) this.#content({ inputTranscription: { text } });
        }
        return;
      case 'said':
        if (this.setup.outputAudioTranscription) this.#content({ outputTranscription: { text: `${event.text} ` } });
        return;
      case 'audio': {
        this.#saidSamples += event.samples.length;
        const { buffer, byteOffset, byteLength } = event.samples;
        const data = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
        const mimeType = `audio/pcm;rate=${this.#options.voice.sampleRateHz}`;
        this.#content({ modelTurn: { parts: [{ inlineData: { mimeType, data } }] } });
        return;
      }
      case 'tool-calls':
        this.#send({ toolCall: { functionCalls: event.calls } });
        return;
      case 'tools-cancelled':
        this.#send({ toolCallCancellation: { ids: event.ids } });
        return;
      case 'interrupted':
        this.#content({ interrupted: true });
        return;
      case 'generation-complete':
        this.#content({ generationComplete: true });
        return;
      case 'turn-complete':
        this.#content({ turnComplete: true });
        this.#forgets = false;
        this.#sendUsage();
        return;
      case 'fault':
        if (event.fault === 'go-away' || event.fault === 'go-away-mid-sentence') this.goAway();
        else if (event.fault === 'drop') this.drop();
        else if (event.fault === 'malformed') this.sendRaw('{"serverContent": {');
        else if (event.fault === 'stall') this.#model?.close();
        return;
      default:
    }
  }

  #content(serverContent: object): void {
    if (!this.#forgets) this.#send({ serverContent });
  }

  /** As the service counts: tokens for the seconds of sound since the last time. */
  #sendUsage(): void {
    const promptTokenCount = Math.round((this.#heardSamples / inputRateHz) * tokensOfASecond);
    const responseTokenCount = Math.round((this.#saidSamples / this.#options.voice.sampleRateHz) * tokensOfASecond);
    this.#heardSamples = 0;
    this.#saidSamples = 0;
    const totalTokenCount = promptTokenCount + responseTokenCount;
    this.#send({ usageMetadata: { promptTokenCount, responseTokenCount, totalTokenCount } });
  }

  /** Binary, as the service does. */
  #send(message: object): void {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState !== socket.OPEN) {
      this.#unsent.push(message);
      if (this.#unsent.length > mostUnsent) this.#unsent.shift();
      return;
    }
    if (socket.bufferedAmount > mostUnreadBytes) socket.terminate();
    else socket.send(Buffer.from(JSON.stringify(message)));
  }
}
