import type { LiveSession } from '@agentao/agent';
import { base64Of, ResumedSession, type ServerMessage } from '@agentao/agent/internal';
import type { BaseLlm, BaseLlmConnection, LlmRequest, LlmResponse } from '@google/adk';
import { connectOver } from './live-llm.ts';
import { ResponseQueue } from './response-queue.ts';

type Content = Parameters<BaseLlmConnection['sendContent']>[0];
type Blob = Parameters<BaseLlmConnection['sendRealtime']>[0];
type Part = NonNullable<Content['parts']>[number];

/** What one connection of the kit is made for. */
export interface AdkConnectionOptions {
  readonly session: LiveSession;
  readonly llm: BaseLlm;
  readonly request: LlmRequest;
  readonly setupTimeoutMs: number;
  /** The kit is done with it. */
  readonly onClose: () => void;
}

/**
 * What the kit gets for a connection to its model. Below it there may be several of them, one after another; what the model says goes to the call as
 * it comes, whatever the kit is busy with, and tools are asked for at once.
 */
export class AdkConnection implements BaseLlmConnection {
  readonly #options: AdkConnectionOptions;
  readonly #live: ResumedSession<BaseLlmConnection>;
  readonly #responses = new ResponseQueue();
  /** Tool calls that are not answered. */
  readonly #asked = new Map<string, AbortController>();
  /** What the model is to know beside the answer of a tool. */
  readonly #notes = new Map<string, string>();

  constructor(options: AdkConnectionOptions) {
    const { session, llm, setupTimeoutMs } = options;
    this.#options = options;
    this.#live = new ResumedSession<BaseLlmConnection>({
      session: {
        ...session,
        onEvent: (event) => (event.type === 'closed' ? this.#responses.end(event.error) : session.onEvent(event)),
      },
      model: llm.model,
      setupTimeoutMs,
      passOn: true,
      ownTools: true,
      connect: (socket, handle) => {
        const { request } = this.#options;
        const sessionResumption = handle === undefined ? {} : { handle };
        request.liveConnectConfig = { ...request.liveConnectConfig, sessionResumption };
        return connectOver(socket, llm, request);
      },
      sendAudio: (connection, samples) =>
        this.#sent(connection.sendRealtime({ data: base64Of(samples), mimeType: 'audio/pcm;rate=16000' })),
      onMessage: (message) => this.#tools(message),
      onSession: (connection) => void this.#pump(connection),
    });
  }

  open(): Promise<void> {
    return this.#live.open();
  }

  sendAudio(samples: Int16Array): void {
    this.#live.sendAudio(samples);
  }

  /** Aborts when the model no longer wants the answer of this tool call. */
  signalOf(id: string): AbortSignal | undefined {
    return this.#asked.get(id)?.signal;
  }

  /** Goes with the answer of this tool call. */
  note(id: string, note: string): void {
    this.#notes.set(id, note);
  }

  sendHistory(history: Content[]): Promise<void> {
    this.#live.send((connection) => this.#sent(connection.sendHistory(history)));
    return Promise.resolve();
  }

  /** What the kit answers to a tool call that was cancelled is not sent. */
  sendContent(content: Content): Promise<void> {
    const parts = content.parts?.flatMap((part) => this.#answered(part));
    if (parts === undefined || parts.length > 0) {
      const sending = parts === undefined ? content : { ...content, parts };
      this.#live.send((connection) => this.#sent(connection.sendContent(sending)));
    }
    return Promise.resolve();
  }

  sendRealtime(blob: Blob): Promise<void> {
    this.#live.send((connection) => this.#sent(connection.sendRealtime(blob)));
    return Promise.resolve();
  }

  receive(): AsyncGenerator<LlmResponse, void, void> {
    return this.#responses.read();
  }

  close(): Promise<void> {
    const { session, onClose } = this.#options;
    if (this.#live.speaking && !session.signal.aborted) session.onEvent({ type: 'turn-complete' });
    this.#live.close();
    for (const asked of this.#asked.values()) asked.abort();
    this.#asked.clear();
    this.#responses.end();
    onClose();
    return Promise.resolve();
  }

  /** The kit would ask for tools at the end of the turn only, and for cancelled ones too. */
  #tools({ toolCall, toolCallCancellation }: ServerMessage): void {
    const parts = (toolCall?.functionCalls ?? []).map(({ id: given, name, args }) => {
      const id = given ?? crypto.randomUUID();
      this.#asked.set(id, new AbortController());
      return { functionCall: { id, name: name ?? '', args: (args ?? {}) as Record<string, unknown> } };
    });
    if (parts.length > 0) this.#responses.push({ content: { role: 'model', parts } });
    for (const id of toolCallCancellation?.ids ?? []) {
      this.#asked.get(id)?.abort();
      this.#asked.delete(id);
    }
  }

  #answered(part: Part): readonly Part[] {
    const { functionResponse } = part;
    if (functionResponse === undefined) return [part];
    const { id = '' } = functionResponse;
    const note = this.#notes.get(id);
    this.#notes.delete(id);
    if (!this.#asked.delete(id)) return [];
    if (note === undefined) return [part];
    return [{ functionResponse: { ...functionResponse, response: { ...functionResponse.response, note } } }];
  }

  async #pump(connection: BaseLlmConnection): Promise<void> {
    try {
      for await (const response of connection.receive()) {
        const isToolCall = response.content?.parts?.some(({ functionCall }) => functionCall !== undefined) === true;
        if (!isToolCall) this.#responses.push(response);
      }
    } catch {
      // What becomes of the conversation is decided by its socket: the call hears the model, and its tools are asked for, all the same.
      this.#options.session.logger.warn(
        { callId: this.#options.session.call.callId, model: this.#options.llm.model },
        'the kit cannot read what the model says; it is told of tools only',
      );
    }
  }

  #sent(sending: Promise<void>): void {
    sending.catch(() => {
      const { session, llm } = this.#options;
      session.logger.warn(
        { callId: session.call.callId, model: llm.model },
        'the model did not take what was sent to it',
      );
    });
  }
}
