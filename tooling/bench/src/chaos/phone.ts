import type { CallEnd } from '@agentao/calls';
import type { Clock, Wheel } from '@agentao/clock';
import { type Socket, type SocketFactory, startHeartbeat } from '@agentao/transport';
import { createSearchingEar, type SearchingEar } from './ear.ts';
import type { LineReport } from './messages.ts';
import { decodePhoneFrame, encodePhoneFrame, type PhoneMessage, phoneWire } from './phone-wire.ts';
import { createSpeech, type Voice } from './voices.ts';

/** Where and as whom a phone signs in. */
export interface PhoneOptions {
  readonly url: string;
  readonly operatorToken: string;
  readonly number: string;
  readonly voice: Voice;
  readonly clock: Clock;
  /** Paces what it says. */
  readonly wheel: Wheel;
  readonly connect: SocketFactory;
  /** Told of every message and, with `undefined`, of the end of the socket. */
  readonly onMessage: (message: PhoneMessage | undefined) => void;
}

/** A phone for one call over its own socket, which may ring more than once in it. It speaks while its line is open and searches what it hears. */
export interface Phone {
  /** In a call: dialled or rung, and not told the end. */
  readonly busy: boolean;
  readonly open: boolean;
  send(message: { readonly type: string; readonly [field: string]: unknown }): void;
  /** The socket is lost, as by a cable that is pulled. */
  cut(): void;
  /** Says goodbye. */
  close(): void;
  report(): LineReport;
}

const frameSamples = 480;

/** Opens the socket and registers. Rejects where that does not work. */
export async function openPhone(options: PhoneOptions): Promise<Phone> {
  const { url, operatorToken, number, clock, wheel, onMessage } = options;
  const socket: Socket = await options.connect({
    url: url + phoneWire.path,
    subprotocols: [phoneWire.subprotocol],
    headers: { authorization: `Bearer ${operatorToken}` },
    maxMessageBytes: phoneWire.maxMessageBytes,
    openTimeoutMs: 10_000,
  });
  const registered = Promise.withResolvers<void>();
  const ears: SearchingEar[] = [];
  const speech = createSpeech(options.voice);
  const ends: CallEnd[] = [];
  const anomalies: string[] = [];
  let calls = 0;
  let answered = false;
  let open = true;
  let closing = false;
  let lost: LineReport['lost'];
  let mouth: Disposable | undefined;
  let position = 0;
  let pings = 0;

  const inCall = (): boolean => calls === ends.length + 1;
  const send: Phone['send'] = (message) => {
    if (open) socket.send(JSON.stringify(message));
  };
  const hush = (): void => {
    mouth?.[Symbol.dispose]();
    mouth = undefined;
  };
  const speak = (): Disposable =>
    wheel.add({
      tick: () => {
        socket.send(encodePhoneFrame(speech.next(frameSamples), position));
        position += frameSamples;
      },
      skipped: (ticks) => {
        position += ticks * frameSamples;
      },
    });
  const expect = (holds: boolean, what: string): void => {
    if (!holds) anomalies.push(`${number}: ${what}`);
  };

  const heartbeat = startHeartbeat(socket, {
    clock,
    intervalMs: phoneWire.pingMs,
    deadAfterMs: phoneWire.deadMs,
    ping: () => send({ type: 'ping', id: ++pings }),
    onDead: () => socket.terminate(),
  });
  socket.start({
    text: (text) => {
      const message = JSON.parse(text) as PhoneMessage;
      switch (message.type) {
        case 'registered':
          registered.resolve();
          break;
        case 'ping':
          send({ type: 'pong', id: message.id });
          return;
        case 'dialing':
        case 'incoming':
          expect(calls === ends.length, `a second call by ${message.type}`);
          calls++;
          answered = false;
          position = 0;
          ears.push(createSearchingEar());
          break;
        case 'answered':
          expect(inCall() && !answered, 'answered when it could not be');
          answered = true;
          mouth ??= speak();
          break;
        case 'ended':
          expect(inCall(), 'an end without a call');
          ends.push({ reason: message.reason, by: message.by });
          hush();
          break;
        case 'error':
          registered.reject(new Error(message.code));
          break;
        case 'pong':
      }
      onMessage(message);
    },
    binary: (bytes) => {
      const { samples, position: heardAt } = decodePhoneFrame(bytes);
      expect(inCall(), 'audio without a call');
      ears.at(-1)?.hear(samples, heardAt);
    },
    closed: ({ code }) => {
      open = false;
      if (!closing) lost ??= 'gone';
      heartbeat[Symbol.dispose]();
      hush();
      registered.reject(new Error(`closed with ${code}`));
      onMessage(undefined);
    },
  });
  send({ type: 'register', number, sampleRateHz: 24_000 });
  await registered.promise;

  return {
    get busy() {
      return open && inCall();
    },
    get open() {
      return open;
    },
    send,
    cut: () => {
      lost ??= 'cut';
      socket.terminate();
    },
    close: () => {
      closing = true;
      socket.close(1000);
    },
    report: () => ({ calls, ends, lost, anomalies: anomalies.slice(0, 5), ears: ears.map((ear) => ear.take()) }),
  };
}
