import {
  type AnyMessage,
  type CloseCodeName,
  closeCodes,
  encode,
  limits,
  type Ping,
  type Pong,
  ProtocolError,
  subprotocols,
} from '@agentao/protocol';
import { type Door, DoorError } from '../session/session.ts';
import { createBackoff } from './backoff.ts';
import { closingName, pageCloseCode } from './closings.ts';
import { type Liveness, watchLiveness } from './liveness.ts';
import type { OpenPageSocket, PageSocket, SocketKind } from './page-socket.ts';
import type { PageTime } from './page-time.ts';

/** Where a link stands. */
export type LinkState =
  | { readonly name: 'down'; readonly why?: LinkEnd }
  /** On the way, or waiting for the next attempt, which is number `attempt`. */
  | { readonly name: 'connecting'; readonly attempt: number; readonly why?: LinkEnd }
  /** The socket is open; `established()` makes it count as a success. */
  | { readonly name: 'open' };

/** Why a connection ended or did not come about: a close code's name, or what happened before there was a socket. */
export type LinkEnd = CloseCodeName | 'LOST' | 'NOT_OPENED' | 'UNREACHABLE' | 'SIGNED_OUT' | 'NO_TICKET';

/** One socket to the switch that is opened again whenever it is lost. */
export interface Link<Sent> {
  readonly state: LinkState;
  /** Connects at once, also out of a wait. */
  start(): void;
  /** Says goodbye and stays down. */
  stop(): void;
  /** The peer has taken us in: attempts count anew, and no deadline waits any more. */
  established(): void;
  send(message: Sent): void;
  /** The peer owes an answer for too long: gives the connection up and makes another. */
  giveUp(): void;
  /** Looks whether the peer lives and whether an attempt is due; timers of a hidden tab come late. */
  look(): void;
  /** As `look`, and what waits for its next attempt makes it now. */
  wake(): void;
}

/** What a link is made of. `Received` lacks pings and pongs: the link deals with them. */
export interface LinkOptions<Received> {
  readonly kind: SocketKind;
  readonly door: Pick<Door, 'ticket' | 'sessionOver'>;
  readonly time: PageTime;
  readonly open: OpenPageSocket;
  readonly random: () => number;
  readonly pingMs: number;
  readonly deadMs: number;
  /** Throws ProtocolError, as do `text` and `binary`: the link closes with its code. */
  readonly decode: (text: string) => Received | Ping | Pong | { readonly type: 'unknown' };
  /** The socket is open. */
  readonly opened: () => void;
  readonly text: (message: Received) => void;
  readonly binary: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly changed: (state: LinkState) => void;
}

const encoder = new TextEncoder();
/** What one UTF-16 unit comes to in UTF-8 at most. */
const bytesPerUnit = 3;

/** From the start of an attempt to `established()`. */
const attemptMs = 10_000;

/** Makes a link that is down. */
export function createLink<Sent extends AnyMessage, Received extends { readonly type: string }>(
  options: LinkOptions<Received>,
): Link<Sent> {
  const { kind, door, time, random, pingMs, deadMs } = options;
  const backoff = createBackoff({ random });
  let state: LinkState = { name: 'down' };
  let attempt = 0;
  /** Of the attempt or connection at hand; what belongs to an older one is ignored. */
  let turn = 0;
  let current: { readonly socket: PageSocket; readonly listening: AbortController } | undefined;
  let liveness: Liveness | undefined;
  let openedMs = 0;
  /** What happens next unless something happens before. */
  let next: { readonly dueMs: number; readonly act: () => void; readonly cancel: () => void } | undefined;
  let pings = 0;

  const become = (newState: LinkState): void => {
    state = newState;
    options.changed(newState);
  };

  const forget = (): void => {
    next?.cancel();
    next = undefined;
  };

  const plan = (ms: number, act: () => void): void => {
    forget();
    const run = (): void => {
      next = undefined;
      act();
    };
    next = { dueMs: time.now() + ms, act, cancel: time.after(ms, run) };
  };

  /** Drops the socket at hand without waiting for its answer (G-16). */
  const release = (closing?: CloseCodeName): void => {
    turn += 1;
    forget();
    liveness?.stop();
    liveness = undefined;
    const last = current;
    current = undefined;
    if (last === undefined) return;
    last.listening.abort();
    if (closing !== undefined) last.socket.close(pageCloseCode(closing));
  };

  const fail = (why: LinkEnd, retry: boolean, closing?: CloseCodeName): void => {
    if (state.name === 'down') return;
    if (state.name === 'open') backoff.lived(time.now() - openedMs);
    release(closing);
    if (why === 'UNAUTHENTICATED') door.sessionOver();
    // Whoever was told that the session is over may have stopped this link.
    if ((state as LinkState).name === 'down') return;
    if (!retry) {
      become({ name: 'down', why });
      return;
    }
    const myTurn = turn;
    attempt += 1;
    become({ name: 'connecting', attempt, why });
    if (turn === myTurn) plan(backoff.next(), connect);
  };

  const receive = (data: unknown): void => {
    liveness?.heard();
    try {
      const size = typeof data === 'string' ? textBytes(data) : (data as ArrayBuffer).byteLength;
      if (size > limits.controlMessageBytes) throw new ProtocolError('TOO_LARGE', `a message of ${size} bytes`);
      if (typeof data === 'string') read(data);
      else options.binary(new Uint8Array(data as ArrayBuffer));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      fail(error.closeCode, error.retryable, error.closeCode);
    }
  };

  const read = (text: string): void => {
    const message = options.decode(text);
    if (message.type === 'ping') send({ type: 'pong', id: (message as Ping).id });
    else if (message.type !== 'pong' && message.type !== 'unknown') options.text(message as Received);
  };

  const opened = (): void => {
    if (current?.socket.protocol !== subprotocols[kind]) {
      fail('BAD_MESSAGE', false, 'BAD_MESSAGE');
      return;
    }
    openedMs = time.now();
    liveness = watchLiveness({
      time,
      pingMs,
      deadMs,
      ping: () => send({ type: 'ping', id: (pings = (pings + 1) >>> 0) }),
      dead: () => fail('LIVENESS_LOST', true, 'LIVENESS_LOST'),
    });
    become({ name: 'open' });
    options.opened();
  };

  const closed = (code: number): void => {
    const name = closingName(code);
    if (code === 1006) fail(state.name === 'open' ? 'LOST' : 'NOT_OPENED', true);
    else fail(name, closeCodes[name].retry);
  };

  const giveUpAttempt = (): void => fail('UNREACHABLE', true, 'LIVENESS_LOST');

  const connect = (): void => {
    release('NORMAL');
    const myTurn = turn;
    plan(attemptMs, giveUpAttempt);
    door.ticket().then(
      (ticket) => {
        if (turn !== myTurn) return;
        const socket = options.open(kind, ticket);
        const listening = new AbortController();
        const { signal } = listening;
        current = { socket, listening };
        socket.binaryType = 'arraybuffer';
        socket.addEventListener('open', opened, { signal });
        socket.addEventListener('message', ({ data }) => receive(data), { signal });
        socket.addEventListener('close', ({ code }) => closed(code), { signal });
      },
      (error: unknown) => {
        if (turn !== myTurn) return;
        if (!(error instanceof DoorError) || error.code === 'UNREACHABLE') fail('UNREACHABLE', true);
        else fail(error.code === 'SIGNED_OUT' ? 'SIGNED_OUT' : 'NO_TICKET', false);
      },
    );
  };

  const actNow = (act: () => void): void => {
    forget();
    act();
  };

  const begin = (): void => {
    backoff.reset();
    attempt = 1;
    const why = state.name === 'connecting' ? state.why : undefined;
    become({ name: 'connecting', attempt, ...(why && { why }) });
    connect();
  };

  const send = (message: Sent | Ping | Pong): void => {
    if (state.name === 'open') current?.socket.send(encode(message));
  };

  return {
    get state() {
      return state;
    },
    start: () => {
      if (state.name !== 'open') begin();
    },
    stop: () => {
      if (state.name === 'down') return;
      release('NORMAL');
      become({ name: 'down' });
    },
    established: () => {
      forget();
      attempt = 0;
    },
    send,
    giveUp: () => fail('LIVENESS_LOST', true, 'LIVENESS_LOST'),
    look: () => {
      liveness?.look();
      if (next !== undefined && time.now() >= next.dueMs) actNow(next.act);
    },
    wake: () => {
      liveness?.look();
      if (next?.act === connect) actNow(connect);
    },
  };
}

/** Its length in UTF-8; of a text that is surely within the limit an upper bound, which costs nothing. */
function textBytes(text: string): number {
  const bound = text.length * bytesPerUnit;
  return bound > limits.controlMessageBytes ? encoder.encode(text).length : bound;
}
