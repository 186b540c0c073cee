import type { SampleRateHz } from '@agentao/audio';
import type { Clock } from '@agentao/clock';
import type { EndedBy, EndReason } from '@agentao/protocol';
import type { IncomingOutcome, Leg, LegEnd, LegEvents, LegHost } from '../legs/leg.ts';
import { createEar, type Ear } from './ear.ts';
import { createMouth } from './mouth.ts';

/** What happened to a phone, oldest first. */
export type PhoneEvent =
  | { readonly type: 'ringing'; readonly from: string }
  | { readonly type: 'answered' }
  | { readonly type: 'dtmf'; readonly digits: string }
  | { readonly type: 'ended'; readonly reason: EndReason; readonly by: EndedBy };

/** How a phone behaves by itself. */
export interface PhoneOptions {
  /** Default 24,000, which no resampler touches: what it hears is the switch's mix, sample for sample. */
  readonly sampleRateHz?: SampleRateHz;
  /** Picks up so long after it begins to ring; left out = waits for `answer()`. */
  readonly answerAfterMs?: number;
  /** Refuses every call. */
  readonly reject?: boolean;
  /** As a caller: how long its line takes to open once it is answered. */
  readonly answerTakesMs?: number;
  /** As a caller it cannot be answered. */
  readonly answerFails?: boolean;
  /** How much too fast its clock runs. */
  readonly driftPpm?: number;
  readonly outputDelayMs?: number;
}

/** A phone that a test holds in its hand. One call at a time; everything it tells the switch it tells from a timer of the clock. */
export interface Phone extends Ear {
  readonly number: string;
  readonly sampleRateHz: SampleRateHz;
  readonly events: readonly PhoneEvent[];
  readonly state: 'idle' | 'dialing' | 'ringing' | 'answered';
  /** Samples said and not yet on their way. */
  readonly unspoken: number;
  /** Calls `to`. Throws `Error` if the phone is not idle. */
  dial(to: string): IncomingOutcome;
  /** Picks up. Throws `Error` unless it rings. */
  answer(): void;
  /** Refuses. Throws `Error` unless it rings. */
  reject(): void;
  /** Hangs up, or stops dialling; nothing if idle. */
  hangUp(): void;
  /** Presses a key of a call. */
  press(digit: string, options?: { readonly durationMs?: number }): void;
  /** Speaks after what is queued, at the pace of its clock, as soon as the line is open; copies. */
  say(samples: Int16Array): void;
  /** Resolves with the next event of that type, or the latest if it happened already. Give it to `clock.runUntil`. */
  until<Type extends PhoneEvent['type']>(type: Type): Promise<Extract<PhoneEvent, { readonly type: Type }>>;
}

/** The side of a scripted phone that its provider uses. */
export interface PhoneLine {
  readonly phone: Phone;
  /** A leg that rings this phone, or that ends `rejected` if it is busy. */
  ring(from: string): Leg;
}

/** What a line is made of. `host` answers with the switch the provider was started by. */
export interface PhoneLineOptions extends PhoneOptions {
  readonly clock: Clock;
  readonly host: () => LegHost;
}

/** Makes a phone and its line. */
export function createPhoneLine(number: string, options: PhoneLineOptions): PhoneLine {
  const { clock, host, sampleRateHz = 24_000, answerAfterMs, driftPpm = 0, outputDelayMs = 0 } = options;
  const ear = createEar(sampleRateHz);
  const events: PhoneEvent[] = [];
  const waiting: { readonly type: string; readonly resolve: (event: never) => void }[] = [];
  let state: Phone['state'] = 'idle';
  let role: 'caller' | 'callee' = 'caller';
  let call: LegEvents | undefined;

  const happen = (event: PhoneEvent): void => {
    events.push(event);
    for (const waiter of waiting.splice(0)) {
      if (waiter.type === event.type) waiter.resolve(event as never);
      else waiting.push(waiter);
    }
  };
  /** Tells the switch, if the call is still the same by then. */
  const tell = (delayMs: number, action: (to: LegEvents) => void): void => {
    const told = call;
    clock.setTimer(clock.now() + delayMs, () => {
      if (told !== undefined && told === call) action(told);
    });
  };
  const mouth = createMouth({ clock, sampleRateHz, driftPpm, send: (frame, position) => call?.audio(frame, position) });

  const open = (): void => {
    if (state === 'answered') return;
    state = 'answered';
    happen({ type: 'answered' });
    mouth.open();
    call?.answered();
  };
  const over = (end: LegEnd, reason: EndReason, by: EndedBy): void => {
    const told = call;
    if (state === 'idle') return;
    state = 'idle';
    call = undefined;
    mouth.close();
    happen({ type: 'ended', reason, by });
    clock.setTimer(clock.now(), () => told?.ended(end));
  };

  const leg: Leg = {
    number,
    sampleRateHz,
    outputDelayMs,
    start(to) {
      call = to;
      if (state !== 'ringing') return;
      if (options.reject) tell(0, () => over('rejected', 'rejected', 'callee'));
      else if (answerAfterMs !== undefined) tell(answerAfterMs, open);
    },
    answer() {
      if (options.answerFails) tell(0, (to) => to.answerFailed('the phone does not pick up'));
      else tell(options.answerTakesMs ?? 0, open);
    },
    hangUp: (reason, by) => over('hangup', reason, by),
    play(samples) {
      if (state !== 'idle') ear.write(samples);
    },
    sendDtmf: (digits) => happen({ type: 'dtmf', digits }),
  };

  const expectState = (wanted: Phone['state'], verb: string): void => {
    if (state !== wanted) throw new Error(`phone ${number} cannot ${verb}: it is ${state}`);
  };

  const phone: Phone = {
    number,
    sampleRateHz,
    events,
    get state() {
      return state;
    },
    get unspoken() {
      return mouth.unspoken;
    },
    get heardMs() {
      return ear.heardMs;
    },
    heard: ear.heard,
    levelDb: ear.levelDb,
    recording: ear.recording,
    dial(to) {
      expectState('idle', 'dial');
      state = 'dialing';
      role = 'caller';
      const outcome = host().incoming({ caller: leg, calleeNumber: to });
      if (!outcome.accepted) over('rejected', 'rejected', 'switch');
      return outcome;
    },
    answer() {
      expectState('ringing', 'answer');
      tell(0, open);
    },
    reject() {
      expectState('ringing', 'reject');
      over('rejected', 'rejected', 'callee');
    },
    hangUp: () => over('hangup', 'hangup', role),
    press: (digit, { durationMs = 100 } = {}) => tell(durationMs, (to) => to.dtmf(digit, durationMs)),
    say: mouth.say,
    until: (type) => {
      const happened = events.findLast((event) => event.type === type);
      if (happened !== undefined) return Promise.resolve(happened as never);
      return new Promise((resolve) => waiting.push({ type, resolve }));
    },
  };

  return {
    phone,
    ring(from) {
      if (state !== 'idle') return busyLeg(number, sampleRateHz, clock);
      state = 'ringing';
      role = 'callee';
      happen({ type: 'ringing', from });
      return leg;
    },
  };
}

function busyLeg(number: string, sampleRateHz: number, clock: Clock): Leg {
  return {
    number,
    sampleRateHz,
    outputDelayMs: 0,
    start: (events) => void clock.setTimer(clock.now(), () => events.ended('rejected')),
    answer: () => {},
    hangUp: () => {},
    play: () => {},
    sendDtmf: () => {},
  };
}
