import type { Clock, Wheel } from '@agentao/clock';
import {
  decodeFrame,
  decodePhoneSwitch,
  encode,
  limits,
  paths,
  type PhoneClientMessage,
  type PhoneSwitchMessage,
  subprotocols,
} from '@agentao/protocol';
import { type SocketFactory, startHeartbeat } from '@agentao/transport';
import { createRecording, type Recording } from '../measure/recording.ts';
import { createMailbox, type Received } from './mailbox.ts';
import { createMouth, type Span } from './mouth.ts';
import { PhoneError } from './phone-error.ts';

/** One simulated phone on `agentao.phone.v1`, for one call: what it says and hears is recorded from the moment its line opens. */
export interface Phone {
  readonly number: string;
  /** What was heard; rings back before the line opens included. */
  readonly ear: Recording;
  /** What was said. */
  readonly mouth: Recording;
  dial(to: string): void;
  answer(): void;
  reject(): void;
  hangUp(): void;
  press(digit: string): void;
  /** Speaks; resolves when the last sample has left. Rejects with PhoneError if the line closes before. */
  say(samples: Int16Array): Promise<Span>;
  /** The next message of a type, or a PhoneError after `withinMs`, on a refusal, at the end of the call or of the socket. */
  next<Type extends PhoneSwitchMessage['type']>(type: Type, withinMs: number): Promise<Received<Type>>;
  /** Says goodbye to the switch. Idempotent. */
  close(): void;
}

/** Where and as whom a phone signs in. */
export interface PhoneOptions {
  /** Base URL of the switch, `ws://127.0.0.1:7350`. */
  readonly url: string;
  readonly operatorToken: string;
  readonly number: string;
  readonly sampleRateHz: 8000 | 16000 | 24000;
  readonly clock: Clock;
  /** Paces what the phone sends. */
  readonly wheel: Wheel;
  readonly connect: SocketFactory;
}

const signInTimeoutMs = 5_000;

/** Opens the socket and registers, if no other phone has the number (`REFUSED`). Rejects with SocketOpenError or PhoneError. */
export async function openPhone(options: PhoneOptions): Promise<Phone> {
  const { url, operatorToken, number, sampleRateHz, clock, wheel } = options;
  const socket = await options.connect({
    url: new URL(paths.phone, url).href,
    subprotocols: [subprotocols.phone],
    headers: { authorization: `Bearer ${operatorToken}` },
    maxMessageBytes: limits.mediaMessageBytes,
    openTimeoutMs: signInTimeoutMs,
  });
  const mailbox = createMailbox(clock, number);
  const ear = createRecording({ sampleRateHz });
  const mouth = createMouth({
    sampleRateHz,
    tickMs: wheel.tickMs,
    now: () => clock.now(),
    send: (bytes) => socket.send(bytes),
  });
  let line: Disposable | undefined;
  let pings = 0;

  const send = (message: PhoneClientMessage): void => socket.send(encode(message));
  const hushed = (): PhoneError => new PhoneError('ENDED', `the line of ${number} is closed`);
  const closeLine = (): void => {
    line?.[Symbol.dispose]();
    line = undefined;
    mouth.stop(hushed());
  };

  const heartbeat = startHeartbeat(socket, {
    clock,
    intervalMs: limits.mediaPingMs,
    deadAfterMs: limits.mediaDeadMs,
    ping: () => send({ type: 'ping', id: ++pings }),
    onDead: () => socket.terminate(),
  });
  socket.start({
    text: (text) => {
      const message = decodePhoneSwitch(text);
      if (message.type === 'unknown' || message.type === 'pong') return;
      if (message.type === 'ping') {
        send({ type: 'pong', id: message.id });
        return;
      }
      if (message.type === 'answered') line ??= wheel.add(mouth);
      if (message.type === 'ended') closeLine();
      mailbox.put(message);
    },
    binary: (bytes) => {
      const { header, samples } = decodeFrame(bytes);
      ear.write(samples, header.position, clock.now());
    },
    closed: ({ code, reason }) => {
      heartbeat[Symbol.dispose]();
      closeLine();
      mailbox.close(
        new PhoneError('CLOSED', `the switch closed the line of ${number} (${code}${reason && `: ${reason}`})`),
      );
    },
  });
  send({ type: 'register', number, sampleRateHz, onlyIfFree: true });
  try {
    await mailbox.next('registered', signInTimeoutMs);
  } catch (error) {
    socket.terminate();
    throw error;
  }

  return {
    number,
    ear,
    mouth: mouth.said,
    dial: (to) => send({ type: 'dial', to }),
    answer: () => send({ type: 'answer' }),
    reject: () => send({ type: 'reject' }),
    hangUp: () => send({ type: 'hangup' }),
    press: (digit) => send({ type: 'dtmf', digit }),
    say: mouth.say,
    next: (type, withinMs) => mailbox.next(type, withinMs),
    close: () => socket.close(1000),
  };
}
