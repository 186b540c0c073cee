import {
  decodePhoneSwitch,
  limits,
  type PhoneClientMessage,
  type PhoneSwitchMessage,
  type Ping,
  type Pong,
  ProtocolError,
} from '@agentao/protocol';
import { lineRateHz } from '../../worklet/handset-messages.ts';
import type { Door } from '../session/session.ts';
import { createLink, type LinkState } from '../socket/link.ts';
import type { OpenPageSocket } from '../socket/page-socket.ts';
import type { PageTime } from '../socket/page-time.ts';
import { dialProblem, finalProblem, registerProblem, waitingProblem } from './line-problems.ts';
import type { EndedCall, LineState } from './softphone.ts';

/** What a line asks of the phone's sound: to ring, to play what comes, to play and to send. */
export type LineSound = 'silent' | 'rings' | 'plays' | 'talks';

/** The line of a phone to the switch, without the sound, which goes another way. */
export interface PhoneLine {
  readonly state: LineState;
  readonly sound: LineSound;
  /** Plugs in, or tries at once. */
  start(registration: { readonly number: string; readonly outputDelayMs: () => number }): void;
  /** Leaves the switch; `problem` says why, if it is not the person's wish. */
  stop(problem?: string): void;
  dial(to: string): void;
  answer(): void;
  reject(): void;
  hangUp(): void;
  sendKey(digit: string, heldMs: number): void;
  look(): void;
  wake(): void;
}

/** What a line is made of, and whom it tells. */
export interface PhoneLineOptions {
  readonly door: Pick<Door, 'ticket' | 'sessionOver'>;
  readonly time: PageTime;
  readonly open: OpenPageSocket;
  readonly random: () => number;
  /** After each change of `state` or `sound`. */
  readonly changed: () => void;
  readonly digit: (digit: string) => void;
}

type SwitchWord = Exclude<PhoneSwitchMessage, Ping | Pong>;

/** Makes a line that is unplugged. */
export function createPhoneLine(options: PhoneLineOptions): PhoneLine {
  const { door, time, open, random, changed } = options;
  let state: LineState = { name: 'unplugged' };
  let lastCall: EndedCall | undefined;
  /** Of the call at hand: what the person wished that the switch has not yet confirmed. */
  let wish: 'none' | 'answer' | 'leave' = 'none';
  let cancelDeadline: () => void = () => undefined;
  let stopProblem: string | undefined;
  /** Whether the next registration takes the number from a phone that has it: back after a loss, or when the person insists. */
  let takes = false;
  let registration = { number: '', outputDelayMs: (): number => 0 };

  /** A wish that the switch leaves unanswered costs it the connection. */
  const expectAnswer = (): void => {
    cancelDeadline();
    cancelDeadline = time.after(limits.commandTimeoutMs, link.giveUp);
  };

  const become = (next: LineState): void => {
    cancelDeadline();
    state = next;
    if (wish === 'leave') expectAnswer();
    changed();
  };

  const wishes = (next: typeof wish): void => {
    wish = next;
    expectAnswer();
    changed();
  };

  const soundOf = (): LineSound => {
    if (wish === 'leave') return 'silent';
    // What follows an answer at once is heard already.
    if (state.name === 'ringing') return wish === 'answer' ? 'plays' : 'rings';
    if (state.name === 'dialing') return 'plays';
    return state.name === 'talking' ? 'talks' : 'silent';
  };

  const begin = (next: LineState): void => {
    wish = 'none';
    become(next);
  };

  /** Notes how the call at hand ended; the caller says what comes next. */
  const note = (ending: Pick<EndedCall, 'how' | 'by' | 'problem'>): void => {
    if (state.name !== 'dialing' && state.name !== 'ringing' && state.name !== 'talking') return;
    const talkedMs = state.name === 'talking' ? Math.max(0, time.wallMs() - state.sinceMs) : 0;
    lastCall = { peer: state.peer, talkedMs, ...ending };
  };

  const idle = (): void => begin({ name: 'idle', ...(lastCall && { lastCall }) });

  const refused = (code: string, message: string): void => {
    if (state.name !== 'dialing' || state.callId !== undefined) return;
    // A dial is never refused by INVALID_STATE, unless a call rings that was here first: it belongs to a verb that crossed an end.
    if (code !== 'INVALID_STATE') note({ how: 'refused', by: 'switch', problem: dialProblem(code, message) });
    else if (wish === 'leave') note({ how: 'hangup', by: 'caller' });
    else return;
    idle();
  };

  const outOfOrder = (type: string): ProtocolError => new ProtocolError('OUT_OF_ORDER', `${type} at this point`);

  const hear = (message: SwitchWord): void => {
    if (message.type === 'registered') {
      if (state.name !== 'connecting') throw outOfOrder('registered');
      takes = true;
      link.established();
      idle();
    } else if (message.type === 'error' && state.name === 'connecting') {
      stop(registerProblem(message.code, message.message));
      takes = true;
    } else if (message.type === 'error') {
      refused(message.code, message.message);
    } else if (message.type === 'incoming') {
      const { callId, from } = message;
      const free = state.name === 'idle' || (state.name === 'dialing' && state.callId === undefined);
      if (!free) throw outOfOrder('incoming');
      begin({ name: 'ringing', callId, peer: from });
    } else {
      hearOfCall(message);
    }
  };

  const hearOfCall = (message: Exclude<SwitchWord, { type: 'registered' | 'error' | 'incoming' }>): void => {
    if (state.name !== 'dialing' && state.name !== 'ringing' && state.name !== 'talking')
      throw outOfOrder(message.type);
    switch (message.type) {
      case 'dialing':
        if (state.name !== 'dialing' || state.callId !== undefined) throw outOfOrder('dialing');
        become({ ...state, callId: message.callId });
        return;
      case 'answered':
        if (state.name === 'talking' || state.callId === undefined) throw outOfOrder('answered');
        if (wish === 'answer') wish = 'none';
        become({ name: 'talking', callId: state.callId, peer: state.peer, sinceMs: time.wallMs() });
        return;
      case 'dtmf':
        options.digit(message.digit);
        return;
      case 'ended':
        note({ how: message.reason, by: message.by });
        idle();
    }
  };

  const follow = (linkState: LinkState): void => {
    if (linkState.name === 'open') return;
    note({ how: 'lost', by: 'line' });
    const { why } = linkState;
    if (linkState.name === 'down') {
      const problem = why === undefined ? stopProblem : finalProblem(why);
      takes = why === 'DISPLACED';
      begin({ name: 'unplugged', ...(problem !== undefined && { problem }) });
    } else {
      begin({ name: 'connecting', attempt: linkState.attempt, ...(why && { problem: waitingProblem(why) }) });
    }
  };

  const link = createLink<PhoneClientMessage, SwitchWord>({
    kind: 'phone',
    door,
    time,
    open,
    random,
    pingMs: limits.mediaPingMs,
    deadMs: limits.mediaDeadMs,
    decode: decodePhoneSwitch,
    opened: () => {
      const outputDelayMs = Math.max(0, Math.round(registration.outputDelayMs()));
      const { number } = registration;
      const onlyIfFree = takes ? {} : { onlyIfFree: true };
      link.send({ type: 'register', number, sampleRateHz: lineRateHz, outputDelayMs, ...onlyIfFree });
    },
    text: hear,
    // Audio goes from socket to handset without coming by here.
    binary: () => {
      throw new ProtocolError('BAD_AUDIO', 'a binary message that is no audio of a phone');
    },
    changed: follow,
  });

  const stop = (problem?: string): void => {
    stopProblem = problem;
    if (link.state.name === 'down') follow(link.state);
    else link.stop();
    stopProblem = undefined;
  };

  return {
    get state() {
      return state;
    },
    get sound() {
      return soundOf();
    },
    start: (next) => {
      registration = next;
      link.start();
    },
    stop,
    dial: (to) => {
      if (state.name !== 'idle') return;
      link.send({ type: 'dial', to });
      begin({ name: 'dialing', callId: undefined, peer: to });
      expectAnswer();
    },
    answer: () => {
      if (state.name !== 'ringing' || wish !== 'none') return;
      link.send({ type: 'answer' });
      wishes('answer');
    },
    reject: () => {
      if (state.name !== 'ringing' || wish !== 'none') return;
      link.send({ type: 'reject' });
      wishes('leave');
    },
    hangUp: () => {
      if ((state.name !== 'talking' && state.name !== 'dialing' && state.name !== 'ringing') || wish === 'leave')
        return;
      link.send({ type: 'hangup' });
      wishes('leave');
    },
    sendKey: (digit, heldMs) => {
      if (state.name === 'talking' && wish === 'none') link.send({ type: 'dtmf', digit, durationMs: heldMs });
    },
    look: link.look,
    wake: link.wake,
  };
}
