import { sleep, type Timer, withDeadline } from '@agentao/clock';
import { LiveModelError, type LiveSession } from '../live-model.ts';
import { LiveSocket } from './live-socket.ts';
import { madeUpId, samplesOf, type ServerMessage } from './server-message.ts';

/** How the connections of one conversation are made, and what it is made for. */
export interface ResumedSessionOptions<Session> {
  readonly session: LiveSession;
  /** For logs. */
  readonly model: string;
  /** Connects over this socket, with the handle of the conversation so far, and resolves when it is set up. */
  readonly connect: (socket: LiveSocket, handle: string | undefined) => Promise<Session>;
  /** Audio in the form that `sendAudio` of the session wants; never throws. */
  readonly sendAudio: (session: Session, samples: Int16Array) => void;
  readonly setupTimeoutMs: number;
  /** True: the SDK gets what the service sends as well; `goAway` never. Default: it does not. */
  readonly passOn?: boolean;
  /** Told each message before its events are. */
  readonly onMessage?: (message: ServerMessage) => void;
  /** A new connection has taken over. */
  readonly onSession?: (session: Session) => void;
  /** What the service asks of tools: told as events (default), or left to `onMessage`. */
  readonly ownTools?: boolean;
}

/** One connection, set up. */
interface Line<Session> {
  readonly socket: LiveSocket;
  readonly session: Session;
}

/** Audio that the network does not take is dropped beyond this: two seconds of it, as base64. */
const mostWaitingBytes = 90_000;
/** How long a lost connection is tried for. */
const resumeWithinMs = 10_000;
const retryAfterMs = { least: 250, most: 2_000 };
/** A turn that a new connection does not go on with for so long is over. */
const goOnWithinMs = 2_000;
/** Pieces of the caller that wait for a connection: ten seconds. */
const mostWaitingPieces = 100;
const samplesOfAMs = 16;

/**
 * A conversation with Gemini Live over one connection after another: it hands over between them before the service ends one, and comes back
 * when one is lost, with nothing said unheard.
 */
export class ResumedSession<Session> {
  readonly #options: ResumedSessionOptions<Session>;
  readonly #session: LiveSession;
  #line: Line<Session> | undefined;
  #handle: string | undefined;
  #pieces: Int16Array[] = [];
  #later: (() => void)[] = [];
  #leaving: Timer | undefined;
  #resuming = false;
  #closed = false;
  /** Audio of the caller that was dropped, and not told of yet. */
  #droppedMs = 0;
  /** What was kept for this connection, as far as it may still wait in its socket. */
  #catchUpBytes = 0;
  /** Inside a turn of the model. */
  #speaking = false;
  /** The turn was under way when the connection changed. */
  #abandoned: Timer | undefined;
  /** When the connection was lost, until there is another one. */
  #lostMs: number | undefined;

  constructor(options: ResumedSessionOptions<Session>) {
    this.#options = options;
    this.#session = options.session;
    options.session.signal.addEventListener('abort', () => this.close(), { once: true });
  }

  async open(): Promise<void> {
    const line = await this.#connect();
    if (this.#closed) line.socket.terminate();
    else this.#takeOver(line);
  }

  /** Inside a turn of the model. */
  get speaking(): boolean {
    return this.#speaking;
  }

  /**
   * Sends caller audio, 16 kHz. What the network does not take is dropped; what comes while there is no connection is sent later, the last ten seconds
   * of it. How much was dropped is logged when audio flows again, or at the end.
   */
  sendAudio(samples: Int16Array): void {
    const line = this.#line;
    if (this.#closed) return;
    if (line === undefined) {
      this.#pieces.push(samples);
      if (this.#pieces.length > mostWaitingPieces) this.#dropped(this.#pieces.shift());
      return;
    }
    const { waitingBytes } = line.socket;
    this.#catchUpBytes = Math.min(this.#catchUpBytes, waitingBytes);
    if (waitingBytes > mostWaitingBytes + this.#catchUpBytes) {
      if (this.#droppedMs === 0) this.#warn('the network takes audio too slowly; some of it is dropped');
      this.#dropped(samples);
      return;
    }
    this.#tellDropped();
    this.#options.sendAudio(line.session, samples);
  }

  /** Sends now, or when there is a connection again. */
  send(send: (session: Session) => void): void {
    if (this.#closed) return;
    if (this.#line === undefined) this.#later.push(() => this.send(send));
    else send(this.#line.session);
  }

  /** Ends the connection there is; whoever does not answer the close is not waited for. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#leaving?.cancel();
    this.#goesOn();
    this.#tellDropped();
    this.#later = [];
    this.#pieces = [];
    const line = this.#line;
    this.#line = undefined;
    line?.socket.close();
    const { clock } = this.#session;
    if (line !== undefined) clock.setTimer(clock.now() + 1_000, () => line.socket.terminate());
  }

  async #connect(): Promise<Line<Session>> {
    const { clock, signal } = this.#session;
    const { setupTimeoutMs, passOn = false, connect } = this.#options;
    let line: Line<Session> | undefined;
    // The SDK may wait for ever for a connection that is refused.
    const refused = Promise.withResolvers<never>();
    refused.promise.catch(() => {});
    const socket = new LiveSocket({
      onMessage: (message) => {
        this.#receive(message, () => line !== undefined && this.#line === line);
        return passOn && !message.goAway;
      },
      onMalformed: () => this.#warn('a message of Gemini cannot be read; it is dropped'),
      onClose: (error) => {
        refused.reject(error);
        if (line !== undefined && this.#line === line) this.#lost(error);
      },
    });
    try {
      if (signal.aborted) throw new LiveModelError('ABORTED', 'The call has ended.');
      const session = await withDeadline(clock, Promise.race([connect(socket, this.#handle), refused.promise]), {
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

  #receive(message: ServerMessage, isCurrent: () => boolean): void {
    if (this.#closed) return;
    const { onEvent } = this.#session;
    const { serverContent, toolCall, toolCallCancellation, usageMetadata, goAway, sessionResumptionUpdate } = message;
    this.#options.onMessage?.(message);
    const { newHandle, resumable } = sessionResumptionUpdate ?? {};
    if (newHandle && resumable !== false) this.#handle = newHandle;
    if (usageMetadata) {
      const { promptTokenCount, responseTokenCount, totalTokenCount } = usageMetadata;
      onEvent({
        type: 'usage',
        inputTokens: promptTokenCount ?? 0,
        outputTokens: responseTokenCount ?? 0,
        totalTokens: totalTokenCount ?? 0,
      });
    }
    if (serverContent) this.#content(serverContent);
    if (this.#options.ownTools !== true) {
      for (const { id, name, args } of toolCall?.functionCalls ?? []) {
        onEvent({ type: 'tool-call', id: id || madeUpId(), name: name ?? '', args: args ?? {} });
      }
      if (toolCallCancellation?.ids) onEvent({ type: 'tool-cancelled', ids: toolCallCancellation.ids });
    }
    if (goAway && isCurrent()) this.#leaveSoon(goAway.timeLeft);
    if (serverContent?.turnComplete === true && this.#leaving !== undefined) void this.#resume('go-away');
  }

  #content(content: NonNullable<ServerMessage['serverContent']>): void {
    const { onEvent } = this.#session;
    const { modelTurn, inputTranscription, outputTranscription, interrupted, turnComplete } = content;
    if (this.#abandoned !== undefined) {
      // Somebody else speaks: the service does not go on.
      if (inputTranscription?.text) this.#endTurn();
      else if (modelTurn || outputTranscription || interrupted) this.#goesOn();
    }
    if (inputTranscription?.text) {
      onEvent({ type: 'transcript', speaker: 'caller', text: inputTranscription.text, final: false });
    }
    // Words before their sound, so that an interruption in between finds them.
    if (outputTranscription?.text) {
      onEvent({ type: 'transcript', speaker: 'agent', text: outputTranscription.text, final: false });
    }
    for (const { inlineData } of modelTurn?.parts ?? []) {
      if (!inlineData?.data) continue;
      this.#speaking = true;
      onEvent({ type: 'audio', samples: samplesOf(inlineData.data) });
    }
    if (interrupted === true) onEvent({ type: 'interrupted' });
    if (turnComplete === true) this.#endTurn();
  }

  #goesOn(): void {
    this.#abandoned?.cancel();
    this.#abandoned = undefined;
  }

  #endTurn(): void {
    this.#goesOn();
    if (this.#closed) return;
    this.#speaking = false;
    this.#session.onEvent({ type: 'turn-complete' });
  }

  /** The service ends this connection soon: another one is opened at the end of the turn, or shortly before time is up. */
  #leaveSoon(timeLeft: string | null | undefined): void {
    if (this.#leaving !== undefined || this.#resuming) return;
    const { clock } = this.#session;
    const leftMs = Number.parseFloat(timeLeft ?? '') * 1_000;
    const waitMs = Number.isFinite(leftMs) ? Math.max(0, leftMs - 2_000) : 0;
    this.#leaving = clock.setTimer(clock.now() + waitMs, () => void this.#resume('go-away'));
  }

  #lost(error: LiveModelError): void {
    if (this.#closed) return;
    // From here on what the caller says is kept.
    this.#line = undefined;
    this.#lostMs = this.#session.clock.now();
    if (this.#resuming) return;
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
    for (let waitMs = retryAfterMs.least; ; waitMs = Math.min(waitMs * 2, retryAfterMs.most)) {
      try {
        const line = await this.#connect();
        if (this.#closed) line.socket.terminate();
        else this.#takeOver(line);
        break;
      } catch (error) {
        // As long as the old one lives the conversation goes on over it.
        const isLate = this.#line === undefined && clock.now() - (this.#lostMs ?? fromMs) > resumeWithinMs;
        const isFinal = this.#line === undefined && error instanceof LiveModelError && !error.retryable;
        if (isLate || isFinal || this.#closed) {
          const cause = error instanceof LiveModelError ? error : new LiveModelError('LOST', 'Gemini is lost.');
          this.#end(new LiveModelError('LOST', `Gemini did not come back. ${cause.message}`, { cause }));
          return;
        }
        await sleep(clock, waitMs);
      }
    }
    this.#resuming = false;
    old?.socket.close();
    if (this.#closed) return;
    const outageMs = this.#lostMs === undefined ? 0 : clock.now() - this.#lostMs;
    this.#lostMs = undefined;
    onEvent({ type: 'resumed', outageMs, why });
    if (this.#speaking) this.#abandoned = clock.setTimer(clock.now() + goOnWithinMs, () => this.#endTurn());
  }

  #takeOver(line: Line<Session>): void {
    this.#line = line;
    this.#options.onSession?.(line.session);
    for (const send of this.#later.splice(0)) send();
    this.#tellDropped();
    for (const samples of this.#pieces.splice(0)) this.#options.sendAudio(line.session, samples);
    this.#catchUpBytes = line.socket.waitingBytes;
  }

  #dropped(samples: Int16Array | undefined): void {
    this.#droppedMs += (samples?.length ?? 0) / samplesOfAMs;
  }

  #tellDropped(): void {
    if (this.#droppedMs === 0) return;
    const { call, logger } = this.#session;
    const droppedMs = Math.round(this.#droppedMs);
    this.#droppedMs = 0;
    logger.warn(
      { callId: call.callId, model: this.#options.model, droppedMs },
      'the model did not get all the caller said',
    );
  }

  #end(error: LiveModelError): void {
    if (this.#closed) return;
    this.close();
    this.#session.onEvent({ type: 'closed', error });
  }

  #warn(message: string): void {
    this.#session.logger.warn({ callId: this.#session.call.callId, model: this.#options.model }, message);
  }
}
