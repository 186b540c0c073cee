import { type LiveConnection, LiveModelError, type LiveSession } from '@agentao/agent';
import type { ActiveCall } from '@agentao/calls';
import type { BaseLlm, BaseLlmConnection, LiveRequestQueue, LlmRequest, RunConfig, Runner } from '@google/adk';
import type { AdkAgentOptions } from './adk-agent.ts';
import { AdkConnection } from './adk-connection.ts';
import { guardTools } from './adk-tools.ts';
import { currentRun } from './current-run.ts';
import type { Adk } from './load-adk.ts';

/** What one run is made of. */
export interface AdkRunOptions {
  readonly adk: Adk;
  readonly runner: Runner;
  readonly options: AdkAgentOptions;
  readonly session: LiveSession;
}

const defaultSetupTimeoutMs = 10_000;
/** Pieces of the caller that wait while one agent of the kit hands over to another: ten seconds. */
const mostWaitingPieces = 100;

/** One call of the kit: `runLive` from the first connection to the end. */
export class AdkRun implements LiveConnection {
  readonly #options: AdkRunOptions;
  readonly #queue: LiveRequestQueue;
  readonly #aborting = new AbortController();
  readonly #opened = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();
  #connection: AdkConnection | undefined;
  #pieces: Int16Array[] = [];
  #texts: string[] = [];
  #notes: string[] = [];
  #isOpen = false;
  #closing = false;

  constructor(options: AdkRunOptions) {
    this.#options = options;
    this.#queue = new options.adk.LiveRequestQueue();
    options.session.signal.addEventListener('abort', () => void this.close(), { once: true });
  }

  get call(): ActiveCall {
    return this.#options.session.call;
  }

  get session(): LiveSession {
    return this.#options.session;
  }

  async open(): Promise<void> {
    this.#running = currentRun.run({ run: this }, () => this.#run());
    await this.#opened.promise;
  }

  sendAudio(samples: Int16Array): void {
    if (this.#connection !== undefined) this.#connection.sendAudio(samples);
    else if (!this.#closing) {
      this.#pieces.push(samples);
      if (this.#pieces.length > mostWaitingPieces) this.#pieces.shift();
    }
  }

  sendText(text: string, { answer = true }: { readonly answer?: boolean } = {}): void {
    this.#notes.push(text);
    if (!answer || this.#closing) return;
    this.#texts.push(this.#notes.splice(0).join('\n'));
    this.#sendTexts();
  }

  /** The kit answers its tools itself. */
  sendToolAnswer(): void {}

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#aborting.abort();
      this.#queue.close();
      void this.#connection?.close();
      this.#opened.reject(new LiveModelError('ABORTED', 'The call has ended.'));
      this.#opened.promise.catch(() => {});
    }
    await this.#running;
  }

  /** What the kit gets when it connects one of its models. */
  async connect(llm: BaseLlm, request: LlmRequest): Promise<BaseLlmConnection> {
    const { session, options } = this.#options;
    const connection: AdkConnection = new AdkConnection({
      session,
      llm,
      request,
      setupTimeoutMs: options.setupTimeoutMs ?? defaultSetupTimeoutMs,
      onClose: () => {
        if (this.#connection === connection) this.#connection = undefined;
      },
    });
    guardTools(request, { run: this, connection });
    await connection.open();
    if (this.#closing) {
      await connection.close();
      return connection;
    }
    this.#connection = connection;
    this.#isOpen = true;
    this.#opened.resolve();
    for (const samples of this.#pieces.splice(0)) connection.sendAudio(samples);
    this.#sendTexts();
    return connection;
  }

  #sendTexts(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    for (const text of this.#texts.splice(0)) void connection.sendContent({ role: 'user', parts: [{ text }] });
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { runner, options, session } = this.#options;
    const { callId, callerNumber } = this.call;
    const userId = options.userId?.(this.call) ?? (callerNumber || 'anonymous');
    const key = { appName: runner.appName, userId, sessionId: callId };
    try {
      const state = (await options.state?.(this.call)) ?? {};
      await runner.sessionService.getOrCreateSession({ ...key, state });
      const events = runner.runLive({
        userId,
        sessionId: callId,
        liveRequestQueue: this.#queue,
        abortSignal: this.#aborting.signal,
        runConfig: {
          responseModalities: ['AUDIO'] as unknown as NonNullable<RunConfig['responseModalities']>,
          inputAudioTranscription: {},
          outputAudioTranscription: {},
          contextWindowCompression: { slidingWindow: {} },
          ...options.runConfig,
        },
      });
      for await (const event of events) this.#tell(() => options.onEvent?.(event, this.call));
      this.#end(new LiveModelError('LOST', `The agent ${runner.agent?.name ?? ''} of the kit has ended its run.`));
    } catch (error) {
      this.#end(liveModelError(error));
    } finally {
      // A runner of the user's keeps what it has.
      if (options.runner === undefined) await runner.sessionService.deleteSession(key).catch(() => {});
    }
    if (this.#closing) return;
    this.#closing = true;
    session.logger.debug({ callId }, 'the run of the kit has ended');
  }

  #end(error: LiveModelError): void {
    if (this.#closing) return;
    if (this.#isOpen) this.#options.session.onEvent({ type: 'closed', error });
    else this.#opened.reject(error);
  }

  #tell(run: () => unknown): void {
    try {
      run();
    } catch (err) {
      this.#options.session.logger.error({ callId: this.call.callId, err }, 'a handler of the agent failed');
    }
  }
}

/** The kit's own errors are about how it is set up, or come from what the user wrote for it. */
function liveModelError(error: unknown): LiveModelError {
  if (error instanceof LiveModelError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new LiveModelError('BAD_REQUEST', `The kit gave up: ${why}`, { cause: error });
}
