import { type LiveConnection, LiveModelError, type LiveSession } from '@agentao/agent';
import { sleep, type Timer, withDeadline } from '@agentao/clock';
import type { GeminiOptions } from './gemini-options.ts';
import { LiveSocket } from './live-socket.ts';
import { openSdk, type SdkSession } from './sdk.ts';
import { base64Of, samplesOf, type ServerMessage } from './server-message.ts';

/** One connection of the SDK, set up. */
interface Line {
  readonly socket: LiveSocket;
  readonly session: SdkSession;
}

const defaultSetupTimeoutMs = 10_000;
/** Audio that the network does not take is dropped beyond this: two seconds of it, as base64. */
const mostWaitingBytes = 90_000;
/** How long a lost connection is tried for. */
const resumeWithinMs = 10_000;
const retryAfterMs = 250;
/** Pieces of the caller that wait for a connection: ten seconds. */
const mostWaitingPieces = 100;

/** A conversation with Gemini, over one connection after another. */
export class GeminiConnection implements LiveConnection {
  readonly #options: GeminiOptions;
  readonly #model: string;
  readonly #session: LiveSession;
  #line: Line | undefined;
  #handle: string | undefined;
  #pieces: Int16Array[] = [];
  #later: (() => void)[] = [];
  #leaving: Timer | undefined;
  #resuming = false;
  #closed = false;
  #dropped = 0;

  constructor(model: string, options: GeminiOptions, session: LiveSession) {
    this.#model = model;
    this.#options = options;
    this.#session = session;
    session.signal.addEventListener('abort', () => void this.close(), { once: true });
  }

  async open(): Promise<void> {
    this.#line = await this.#connect();
  }

  sendAudio(samples: Int16Array): void {
    const line = this.#line;
    if (line === undefined) {
      this.#pieces.push(samples);
      if (this.#pieces.length > mostWaitingPieces) this.#pieces.shift();
    } else if (line.socket.waitingBytes > mostWaitingBytes) {
      if (this.#dropped === 0) this.#warn('the network takes audio too slowly; some of it is dropped');
      this.#dropped += 1;
    } else line.session.sendRealtimeInput({ audio: { data: base64Of(samples), mimeType: 'audio/pcm;rate=16000' } });
  }

  sendText(text: string): void {
    this.#send(({ session }) => session.sendRealtimeInput({ text }));
  }

  sendToolAnswer({ id, name, note, ...answer }: Parameters<LiveConnection['sendToolAnswer']>[0]): void {
    const response = { ...answer, ...(note === undefined ? {} : { note }) };
    this.#send(({ session }) => session.sendToolResponse({ functionResponses: [{ id, name, response }] }));
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#leaving?.cancel();
    this.#later = [];
    this.#pieces = [];
    const line = this.#line;
    this.#line = undefined;
    line?.socket.close();
    // Whoever does not answer the close is not waited for.
    const { clock } = this.#session;
    if (line !== undefined) clock.setTimer(clock.now() + 1_000, () => line.socket.terminate());
    return Promise.resolve();
  }

  /** Sends now, or when there is a connection again. */
  #send(send: (line: Line) => void): void {
    if (this.#closed) return;
    if (this.#line === undefined) this.#later.push(() => this.#line && send(this.#line));
    else send(this.#line);
  }

  async #connect(): Promise<Line> {
    const { clock, signal } = this.#session;
    let line: Line | undefined;
    const socket = new LiveSocket({
      onMessage: (message) => this.#receive(message, () => line !== undefined && this.#line === line),
      onMalformed: () => this.#warn('a message of Gemini is no JSON; it is dropped'),
      onClose: (error) => {
        if (line !== undefined && this.#line === line) this.#lost(error);
      },
    });
    const { setupTimeoutMs = defaultSetupTimeoutMs } = this.#options;
    try {
      const live = await openSdk(this.#options, socket);
      if (signal.aborted) throw new LiveModelError('ABORTED', 'The call has ended.');
      const ignore = (): void => {};
      const callbacks = { onopen: ignore, onmessage: ignore, onerror: ignore, onclose: ignore };
      const connecting = live.connect({ model: this.#model, config: this.#config(), callbacks });
      const session = await withDeadline(clock, connecting, {
        timeoutMs: setupTimeoutMs,
        error: () => new LiveModelError('UNREACHABLE', `Gemini is not set up after ${setupTimeoutMs / 1000} s.`),
      });
      line = { socket, session };
      return line;
    } catch (error) {
      socket.terminate();
      if (error instanceof LiveModelError) throw error;
      // The SDK's own text may hold the URL, and with it the key.
      throw socket.refusal ?? new LiveModelError('BAD_REQUEST', 'Gemini could not be set up with these options.');
    }
  }

  #config(): object {
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
      sessionResumption: this.#handle === undefined ? {} : { handle: this.#handle },
      ...(instruction === '' ? {} : { systemInstruction: instruction }),
      ...(tools.length === 0 ? {} : { tools: [{ functionDeclarations }] }),
      ...(Object.keys(speechConfig).length === 0 ? {} : { speechConfig }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(compression ? { contextWindowCompression: { slidingWindow: {} } } : {}),
      ...config,
    };
  }

  #receive(message: ServerMessage, isCurrent: () => boolean): void {
    if (this.#closed) return;
    const { onEvent } = this.#session;
    const { serverContent, toolCall, toolCallCancellation, usageMetadata, goAway, sessionResumptionUpdate } = message;
    const { newHandle, resumable } = sessionResumptionUpdate ?? {};
    if (newHandle !== undefined && newHandle !== '' && resumable !== false) this.#handle = newHandle;
    if (usageMetadata !== undefined) {
      const { promptTokenCount = 0, responseTokenCount = 0, totalTokenCount = 0 } = usageMetadata;
      onEvent({
        type: 'usage',
        inputTokens: promptTokenCount,
        outputTokens: responseTokenCount,
        totalTokens: totalTokenCount,
      });
    }
    if (serverContent !== undefined) this.#content(serverContent);
    for (const { id = '', name = '', args = {} } of toolCall?.functionCalls ?? []) {
      onEvent({ type: 'tool-call', id, name, args });
    }
    if (toolCallCancellation?.ids !== undefined) onEvent({ type: 'tool-cancelled', ids: toolCallCancellation.ids });
    if (goAway !== undefined && isCurrent()) this.#leaveSoon(goAway.timeLeft);
    if (serverContent?.turnComplete === true && this.#leaving !== undefined) void this.#resume('go-away');
  }

  #content(content: NonNullable<ServerMessage['serverContent']>): void {
    const { onEvent } = this.#session;
    const { modelTurn, inputTranscription, outputTranscription, interrupted, turnComplete } = content;
    if (inputTranscription?.text) {
      onEvent({ type: 'transcript', speaker: 'caller', text: inputTranscription.text, final: false });
    }
    // Words before their sound, so that an interruption in between finds them.
    if (outputTranscription?.text) {
      onEvent({ type: 'transcript', speaker: 'agent', text: outputTranscription.text, final: false });
    }
    for (const { inlineData } of modelTurn?.parts ?? []) {
      if (inlineData?.data !== undefined) onEvent({ type: 'audio', samples: samplesOf(inlineData.data) });
    }
    if (interrupted === true) onEvent({ type: 'interrupted' });
    if (turnComplete === true) onEvent({ type: 'turn-complete' });
  }

  /** The service ends this connection soon: another one is opened at the end of the turn, or shortly before time is up. */
  #leaveSoon(timeLeft: string | undefined): void {
    if (this.#leaving !== undefined || this.#resuming) return;
    const { clock } = this.#session;
    const leftMs = Number.parseFloat(timeLeft ?? '') * 1_000;
    const waitMs = Number.isFinite(leftMs) ? Math.max(0, leftMs - 2_000) : 0;
    this.#leaving = clock.setTimer(clock.now() + waitMs, () => void this.#resume('go-away'));
  }

  #lost(error: LiveModelError): void {
    if (this.#closed || this.#resuming) return;
    if (this.#handle === undefined || error.code === 'REFUSED' || error.code === 'BAD_REQUEST') this.#end(error);
    else void this.#resume('lost');
  }

  /** Goes on over a new connection; the old one speaks until then. */
  async #resume(why: 'go-away' | 'lost'): Promise<void> {
    if (this.#resuming || this.#closed) return;
    this.#resuming = true;
    this.#leaving?.cancel();
    this.#leaving = undefined;
    const { clock, onEvent } = this.#session;
    const fromMs = clock.now();
    const old = this.#line;
    if (why === 'lost') this.#line = undefined;
    for (;;) {
      try {
        const line = await this.#connect();
        if (this.#closed) line.socket.terminate();
        else this.#takeOver(line);
        break;
      } catch (error) {
        const isLate = clock.now() - fromMs > resumeWithinMs;
        const isFinal = error instanceof LiveModelError && !error.retryable;
        if (isLate || isFinal || this.#closed) {
          const cause = error instanceof LiveModelError ? error : new LiveModelError('LOST', 'Gemini is lost.');
          this.#end(new LiveModelError('LOST', `Gemini did not come back. ${cause.message}`, { cause }));
          return;
        }
        await sleep(clock, retryAfterMs);
      }
    }
    this.#resuming = false;
    old?.socket.close();
    if (!this.#closed) onEvent({ type: 'resumed', outageMs: why === 'lost' ? clock.now() - fromMs : 0, why });
  }

  #takeOver(line: Line): void {
    this.#line = line;
    for (const send of this.#later.splice(0)) send();
    for (const samples of this.#pieces.splice(0)) this.sendAudio(samples);
  }

  #end(error: LiveModelError): void {
    if (this.#closed) return;
    void this.close();
    this.#session.onEvent({ type: 'closed', error });
  }

  #warn(message: string): void {
    this.#session.logger.warn({ callId: this.#session.call.callId, model: this.#model }, message);
  }
}
