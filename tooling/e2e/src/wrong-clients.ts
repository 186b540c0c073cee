import { decodeFrame, encodeFrame } from '@agentao/protocol';
import { type Socket, type SocketFactory, SocketOpenError, type SocketRequest } from '@agentao/transport';
import { createWsConnector } from '@agentao/transport/ws';
import { clock } from './real-line.ts';

/** A message as the faults see it. */
type Message = { readonly type: string } & Readonly<Record<string, unknown>>;
/** What becomes of one text: itself, others in its place, or nothing. */
type Change = (message: Message, peer: Wrong) => Message | readonly Message[] | undefined;

/** One socket of a wrong client. */
interface Wrong {
  readonly request: SocketRequest;
  readonly socket: Socket;
  /** Number of the control connection, counted from 1. */
  readonly session: number;
}

/** How a client is wrong: in what it sends, in what it takes in, or in how it opens and closes. */
export interface Fault {
  /** The rule that it breaks, one of the clauses of the check that finds it. */
  readonly rule: string;
  /** The name of that check, or a part of it. */
  readonly check: string;
  readonly says?: Change;
  readonly hears?: Change;
  readonly sendsFrame?: (frame: Uint8Array, peer: Wrong) => readonly Uint8Array[];
  readonly hearsFrame?: (frame: Uint8Array) => Uint8Array;
  readonly closes?: (code: number) => number;
  readonly isClosed?: (code: number) => number;
  /** Replaces the opening of a socket. */
  readonly opens?: (request: SocketRequest, open: SocketFactory) => Promise<Socket>;
  /** Never finds its peer gone. */
  readonly neverDead?: boolean;
  readonly random?: () => number;
}

const connect = createWsConnector({ clock });

/** The sockets of a client that is right, made wrong. */
export function wrongTransport(fault: Fault): SocketFactory {
  let sessions = 0;
  return async (request) => {
    const socket = await (fault.opens?.(request, connect) ?? connect(request));
    if (request.url.endsWith('/control')) sessions++;
    return wrongSocket(fault, { request, socket, session: sessions });
  };
}

function wrongSocket(fault: Fault, peer: Wrong): Socket {
  const { socket } = peer;
  const changed = (change: Change | undefined, message: Message): readonly Message[] => {
    const result = change === undefined ? message : change(message, peer);
    return result === undefined ? [] : Array.isArray(result) ? result : [result as Message];
  };
  return {
    get subprotocol() {
      return socket.subprotocol;
    },
    get bufferedBytes() {
      return socket.bufferedBytes;
    },
    get lastReceivedMs() {
      return fault.neverDead ? clock.now() : socket.lastReceivedMs;
    },
    start: (handlers) =>
      socket.start({
        text: (raw) => {
          const message = parse(raw);
          if (message === undefined) handlers.text(raw);
          else for (const heard of changed(fault.hears, message)) handlers.text(JSON.stringify(heard));
        },
        binary: (bytes) => handlers.binary(fault.hearsFrame?.(bytes) ?? bytes),
        closed: (close) => handlers.closed({ ...close, code: fault.isClosed?.(close.code) ?? close.code }),
      }),
    send: (data) => {
      if (typeof data === 'string') {
        for (const said of changed(fault.says, JSON.parse(data) as Message)) socket.send(JSON.stringify(said));
      } else {
        for (const frame of fault.sendsFrame?.(data, peer) ?? [data]) socket.send(frame);
      }
    },
    close: (code = 1000, reason) => {
      const said = fault.closes?.(code) ?? code;
      if (said !== 0) socket.close(said, reason);
    },
    terminate: () => socket.terminate(),
  };
}

function parse(raw: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'object' && value !== null && 'type' in value ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}

const isMedia = ({ request }: Wrong): boolean => !request.url.endsWith('/control');
const only = (type: string, change: Change): Change => {
  return (message, peer) => (message.type === type ? change(message, peer) : message);
};
const silentFrame = (generation: number, position: number): Uint8Array =>
  encodeFrame({ track: 3, generation, flags: 0, position }, new Int16Array(480));
const moved = (frame: Uint8Array, by: number): Uint8Array => {
  const { header, samples } = decodeFrame(frame);
  return encodeFrame({ ...header, position: header.position + by }, samples);
};

/** Faults that need to remember something are made anew for each client. */
export const wrongClients: Readonly<Record<string, () => Fault>> = {
  'shows its key in the URL': () => ({
    rule: 'G-11',
    check: 'shows its key',
    opens: (request, open) =>
      open({ ...request, url: `${request.url}?key=${request.headers?.['authorization']?.slice(7)}` }),
  }),
  'shows no key': () => ({
    rule: 'H-01',
    check: 'shows its key',
    opens: (request, open) => open({ ...request, headers: {} }),
  }),
  'says that it is ready before hello': () => ({
    rule: 'C-01',
    check: 'says hello first',
    says: only('hello', (hello) => [{ type: 'ready', ready: true }, hello]),
  }),
  'sends a hello with a field of the wrong type': () => ({
    rule: 'G-04',
    check: 'says hello first',
    says: only('hello', (hello) => ({ ...hello, client: 7 })),
  }),
  'tries again at once': () => ({ rule: 'H-11', check: 'ever longer random waits', random: () => 0 }),
  'waits no longer when it has failed before': () => {
    let failures = 0;
    return { rule: 'H-11', check: 'ever longer random waits', random: () => (0.2 * Math.random()) / 2 ** failures++ };
  },
  'tries again after a refusal that says no': () => ({
    rule: 'H-11',
    check: 'takes a refusal whose retry is no as final',
    opens: (request, open) =>
      open(request).catch(() => {
        throw new SocketOpenError('UNREACHABLE', 'it is not that bad');
      }),
  }),
  'tries again after a close that says no': () => ({
    rule: 'H-11',
    check: 'takes a close whose retry is no as final',
    hears: (message) => (message.type === 'error' ? undefined : message),
    isClosed: (code) => (code === 4403 ? 1001 : code),
  }),
  'is not ready when it is connected again': () => ({
    rule: 'C-08',
    check: 'is ready again',
    says: only('ready', (ready, { session }) => (session > 1 ? undefined : ready)),
  }),
  'answers pings with an id of its own': () => ({
    rule: 'G-12',
    check: 'answers a ping',
    says: only('pong', (pong) => ({ ...pong, id: 5 })),
  }),
  'never finds a switch gone': () => ({ rule: 'G-14', check: 'gives up a control connection', neverDead: true }),
  'never asks whether a switch lives': () => ({
    rule: 'G-15',
    check: 'asks a silent media peer',
    says: only('ping', (ping, peer) => (isMedia(peer) ? undefined : ping)),
  }),
  'closes on messages that it does not know': () => ({
    rule: 'G-03',
    check: 'ignores messages and fields',
    hears: (message, { socket }) => {
      if (message.type === 'levitate') socket.close(4400);
      return message;
    },
  }),
  'takes a malformed message for an unknown one': () => ({
    rule: 'G-04',
    check: 'an offer without its token',
    hears: only('offer', (offer) => ('mediaToken' in offer ? offer : undefined)),
  }),
  'sends the token wherever an offer says': () => {
    const places = new Map<string, string>();
    return {
      rule: 'C-07',
      check: 'to no other origin',
      hears: only('offer', (offer) => {
        places.set(String(offer['mediaToken']), String(offer['mediaUrl']));
        return { ...offer, mediaUrl: '/media' };
      }),
      opens: (request, open) => {
        const place = places.get(request.headers?.['authorization']?.slice(7) ?? '');
        return open(place === undefined ? request : { ...request, url: new URL(place, request.url).href });
      },
    };
  },
  'tries the token of an offer twice': () => ({
    rule: 'C-06',
    check: 'uses the token of an offer once',
    opens: (request, open) => open(request).catch(() => open(request)),
  }),
  'speaks before it is attached': () => ({
    rule: 'M-02',
    check: 'attaches first',
    says: only('attach', (attach, { socket }) => {
      socket.send(JSON.stringify(attach));
      socket.send(silentFrame(0, 0));
      return undefined;
    }),
  }),
  'uses the id of a command again': () => ({
    rule: 'K-01',
    check: 'matches responses',
    says: only('dtmf', (dtmf) => ({ ...dtmf, id: 1 })),
  }),
  'sends more than its credit': () => ({
    rule: 'A-08',
    check: 'within its credit',
    hears: only('attached', (attached) => ({ ...attached, upTo: Number(attached['upTo']) + 1 })),
  }),
  'takes credit of another generation': () => ({
    rule: 'A-16',
    check: 'within its credit',
    hears: only('credit', (credit) => ({ ...credit, generation: 0 })),
  }),
  'leaves a gap in its audio': () => ({
    rule: 'A-07',
    check: 'sends all that it was given',
    sendsFrame: (frame) => [moved(frame, decodeFrame(frame).header.position > 0 ? 1 : 0)],
  }),
  'sends audio on the track of the mix': () => ({
    rule: 'A-06',
    check: 'sends all that it was given',
    sendsFrame: (frame) => [Uint8Array.from(frame, (byte, index) => (index === 0 ? 0 : byte))],
  }),
  'hears tracks that it does not know': () => ({
    rule: 'A-05',
    check: 'tracks and flags that it does not know',
    hearsFrame: (frame) => Uint8Array.from(frame, (byte, index) => (index === 0 ? 0 : byte)),
  }),
  'clears at the end of what it has sent': () => {
    let sent = 0;
    return {
      rule: 'K-17',
      check: 'clears: the next generation',
      says: only('clear', (clear) => ({ ...clear, position: sent })),
      sendsFrame: (frame) => {
        const { header, samples } = decodeFrame(frame);
        sent = header.position + samples.length;
        return [frame];
      },
    };
  },
  'speaks in the new mode before it is there': () => ({
    rule: 'A-18',
    check: 'between a `mode` with `discard` and its success',
    says: only('mode', (mode, { socket }) => {
      socket.send(JSON.stringify(mode));
      const { generation, position } = mode['discard'] as { readonly generation: number; readonly position: number };
      socket.send(silentFrame(generation, position));
      return undefined;
    }),
  }),
  'takes the generation of a refused mode for begun': () => ({
    rule: 'A-18',
    check: 'begins the generation by a `clear`',
    says: only('clear', () => undefined),
  }),
  'has too many marks waiting': () => ({
    rule: 'M-10',
    check: 'marks waiting',
    says: only('mark', (mark) => Array.from({ length: 5 }, () => mark)),
  }),
  'tears down by leaving': () => ({
    rule: 'M-04',
    check: 'tears down',
    closes: (code) => (code === 4411 ? 1000 : code),
  }),
  'repeats commands with new ids': () => ({
    rule: 'R-03',
    check: 'repeats what has no response',
    says: only('dtmf', (dtmf, { request }) => {
      return request.headers?.['authorization']?.includes(' rt_') ? { ...dtmf, id: Number(dtmf['id']) + 100 } : dtmf;
    }),
  }),
  'speaks before it is resumed': () => ({
    rule: 'R-01',
    check: 'comes back with the newest token',
    says: only('resume', (resume) => [resume, { type: 'mark', position: 1 }]),
  }),
  'does not say again what the switch has lost': () => ({
    rule: 'R-06',
    check: 'goes on with its audio at `received`',
    sendsFrame: (() => {
      let sent = 0;
      return (frame: Uint8Array) => {
        const { header, samples } = decodeFrame(frame);
        const again = header.position < sent;
        sent = Math.max(sent, header.position + samples.length);
        return again ? [] : [frame];
      };
    })(),
  }),
  'comes back when it was displaced': () => ({
    rule: 'R-07',
    check: 'does not come back',
    isClosed: (code) => (code === 4409 ? 1006 : code),
  }),
  'tells that it has heard nothing': () => ({
    rule: 'R-03',
    check: 'tells how much it has',
    says: only('resume', (resume) => ({ ...resume, received: {} })),
  }),
  'stops without a word': () => ({
    rule: 'C-09',
    check: 'before it stops',
    says: only('ready', (ready) => (ready['ready'] === false ? undefined : ready)),
  }),
};
