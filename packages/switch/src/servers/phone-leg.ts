import {
  type EndedBy,
  type EndReason,
  encodeFrame,
  frameFlags,
  type Party,
  type PhoneSwitchMessage,
  tracks,
} from '@agentao/protocol';
import type { Leg, LegEnd, LegEvents } from '../legs/leg.ts';

/** The phone under a leg. */
export interface PhoneLine {
  readonly number: string;
  readonly sampleRateHz: number;
  readonly outputDelayMs: number;
  send(message: PhoneSwitchMessage): void;
  /** One frame; false if the phone does not read and it was dropped. */
  sendAudio(frame: Uint8Array): boolean;
  /** The leg is over; the line is free for the next call. */
  hungUp(leg: PhoneLeg): void;
}

/** What rings or is dialled: `silent` until started by its call, `waiting` until picked up, `open`, `over`. */
type Phase = 'silent' | 'waiting' | 'open' | 'over';

/** One call on one phone. What the phone does comes in by the verbs below, what the call does by those of {@link Leg}. */
export class PhoneLeg implements Leg {
  readonly number: string;
  readonly sampleRateHz: number;
  readonly outputDelayMs: number;
  readonly #line: PhoneLine;
  readonly #party: Party;
  readonly #ringing: PhoneSwitchMessage | undefined;
  #events: LegEvents | undefined;
  #phase: Phase = 'silent';
  #playPosition = 0;
  #gap = false;

  /** `ringing` is what makes the phone ring; a caller's leg has none. */
  constructor(line: PhoneLine, ringing?: Extract<PhoneSwitchMessage, { readonly type: 'incoming' }>) {
    this.number = line.number;
    this.sampleRateHz = line.sampleRateHz;
    this.outputDelayMs = line.outputDelayMs;
    this.#line = line;
    this.#ringing = ringing;
    this.#party = ringing === undefined ? 'caller' : 'callee';
  }

  /** Whether audio flows both ways. */
  get open(): boolean {
    return this.#phase === 'open';
  }

  start(events: LegEvents): void {
    this.#events = events;
    if (this.#phase === 'over') {
      this.#report(() => events.ended('unreachable'));
      return;
    }
    this.#phase = 'waiting';
    if (this.#ringing !== undefined) this.#line.send(this.#ringing);
  }

  answer(): void {
    if (this.#party === 'caller') this.#open();
  }

  hangUp(reason: EndReason, by: EndedBy): void {
    this.#end('hangup', reason, by);
  }

  play(samples: Int16Array): void {
    if (this.#phase === 'over') return;
    const flags = this.#gap ? frameFlags.gapBefore : 0;
    const position = this.#playPosition >>> 0;
    this.#gap = !this.#line.sendAudio(encodeFrame({ track: tracks.mix, generation: 0, flags, position }, samples));
    this.#playPosition += samples.length;
  }

  skip(samples: number): void {
    // Positions count from the first message on: before it nothing is missing.
    if (this.#phase === 'over' || this.#playPosition === 0) return;
    this.#gap = true;
    this.#playPosition += samples;
  }

  sendDtmf(digits: string): void {
    if (this.#phase === 'over') return;
    for (const digit of digits) this.#line.send({ type: 'dtmf', digit });
  }

  /** The phone picked up. False if it was not ringing. */
  pickedUp(): boolean {
    return this.#party === 'callee' && this.#open();
  }

  /** The phone refused. False if it was not ringing. */
  rejected(): boolean {
    if (this.#party !== 'callee' || this.#phase !== 'waiting') return false;
    this.#end('rejected', 'rejected', 'callee');
    return true;
  }

  /** The phone hung up, stopped dialling or refused. */
  putDown(): void {
    if (!this.rejected()) this.#end('hangup', 'hangup', this.#party);
  }

  /** The phone is gone. */
  lost(): void {
    this.#end(this.#party === 'callee' && this.#phase === 'waiting' ? 'unreachable' : 'failed', 'failed', this.#party);
  }

  /** A key of the phone. */
  pressed(digit: string, durationMs: number): void {
    if (this.open) this.#events?.dtmf(digit, durationMs);
  }

  /** PCM of the phone, valid until this returns; what it says before the line is open is nobody's. */
  spoke(samples: Int16Array, position: number): void {
    if (this.open) this.#events?.audio(samples, position);
  }

  #open(): boolean {
    if (this.#phase !== 'waiting') return false;
    this.#phase = 'open';
    this.#line.send({ type: 'answered' });
    this.#report((events) => {
      if (this.open) events.answered();
    });
    return true;
  }

  #end(end: LegEnd, reason: EndReason, by: EndedBy): void {
    if (this.#phase === 'over') return;
    const rang = this.#phase !== 'silent' || this.#party === 'caller';
    this.#phase = 'over';
    this.#line.hungUp(this);
    if (rang) this.#line.send({ type: 'ended', reason, by });
    this.#report((events) => events.ended(end));
  }

  /** Tells the call later in the same turn: it may be the call itself that is at work. */
  #report(tell: (events: LegEvents) => void): void {
    queueMicrotask(() => {
      if (this.#events !== undefined) tell(this.#events);
    });
  }
}

/** The leg of a phone that is busy: ends `rejected` as soon as it is started. */
export function createBusyLeg(line: PhoneLine): Leg {
  return {
    number: line.number,
    sampleRateHz: line.sampleRateHz,
    outputDelayMs: line.outputDelayMs,
    start: (events) => queueMicrotask(() => events.ended('rejected')),
    answer() {},
    hangUp() {},
    play() {},
    sendDtmf() {},
  };
}
