import { type LiveConnection, LiveModelError, type LiveSession } from '@agentao/agent';
import { base64Of, isMadeUp, type LiveSocket, ResumedSession } from '@agentao/agent/internal';
import type { GeminiOptions } from './gemini-options.ts';
import { openSdk, type SdkSession } from './sdk.ts';

const defaultSetupTimeoutMs = 10_000;

/** A conversation with Gemini. */
export class GeminiConnection implements LiveConnection {
  readonly #options: GeminiOptions;
  readonly #model: string;
  readonly #session: LiveSession;
  readonly #live: ResumedSession<SdkSession>;
  readonly #toKnow: string[] = [];

  constructor(model: string, options: GeminiOptions, session: LiveSession) {
    this.#model = model;
    this.#options = options;
    this.#session = session;
    this.#live = new ResumedSession({
      session,
      model,
      setupTimeoutMs: options.setupTimeoutMs ?? defaultSetupTimeoutMs,
      connect: (socket, handle) => this.#connect(socket, handle),
      sendAudio: (sdk, samples) =>
        sdk.sendRealtimeInput({ audio: { data: base64Of(samples), mimeType: 'audio/pcm;rate=16000' } }),
    });
  }

  open(): Promise<void> {
    return this.#live.open();
  }

  sendAudio(samples: Int16Array): void {
    this.#live.sendAudio(samples);
  }

  /** What is only to be known waits for what is to be answered. */
  sendText(text: string, { answer = true }: { readonly answer?: boolean } = {}): void {
    this.#toKnow.push(text);
    if (!answer) return;
    const whole = this.#toKnow.splice(0).join('\n');
    this.#live.send((sdk) => sdk.sendRealtimeInput({ text: whole }));
  }

  sendToolAnswer({ id, name, note, ...answer }: Parameters<LiveConnection['sendToolAnswer']>[0]): void {
    const notes = [...this.#toKnow.splice(0), ...(note === undefined ? [] : [note])];
    const response = { ...answer, ...(notes.length === 0 ? {} : { note: notes.join('\n') }) };
    // Vertex may ask without ids, and knows none of ours; the SDK insists on one elsewhere.
    const named = isMadeUp(id) && this.#options.vertex !== undefined ? { name } : { id, name };
    this.#live.send((sdk) => sdk.sendToolResponse({ functionResponses: [{ ...named, response }] }));
  }

  close(): Promise<void> {
    this.#live.close();
    return Promise.resolve();
  }

  async #connect(socket: LiveSocket, handle: string | undefined): Promise<SdkSession> {
    const live = await openSdk(this.#options, socket);
    if (this.#session.signal.aborted) throw new LiveModelError('ABORTED', 'The call has ended.');
    const ignore = (): void => {};
    const callbacks = { onopen: ignore, onmessage: ignore, onerror: ignore, onclose: ignore };
    return live.connect({ model: this.#model, config: this.#config(handle), callbacks });
  }

  #config(handle: string | undefined): object {
    const { voice, language, temperature, compression = true, config = {} } = this.#options;
    const { instruction, tools } = this.#session;
    const functionDeclarations = tools.map(({ name, description, parameters }) => ({
      name,
      description,
      parametersJsonSchema: parameters,
    }));
    const speechConfig = {
      ...(voice === undefined ? {} : { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } }),
      ...(language === undefined ? {} : { languageCode: language }),
    };
    return {
      responseModalities: ['AUDIO'],
      inputAudioTranscription: {},
      outputAudioTranscription: {},
      ...(instruction === '' ? {} : { systemInstruction: instruction }),
      ...(tools.length === 0 ? {} : { tools: [{ functionDeclarations }] }),
      ...(Object.keys(speechConfig).length === 0 ? {} : { speechConfig }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(compression ? { contextWindowCompression: { slidingWindow: {} } } : {}),
      ...config,
      sessionResumption: handle === undefined ? {} : { handle },
    };
  }
}
