import { decodeControlClient, decodeMediaClient, closeCodes, encodeFrame, subprotocols } from '@agentao/protocol';
import type { Socket, SocketClose, UpgradeDecision, UpgradeRequest } from '@agentao/transport';
import { textOf } from './fuzz-target.ts';

/** Which of a client's connections. */
export type Channel = 'control' | 'media';

/** A switch that says what a case wants, and helps a client along where the case wants that. */
export interface HostileSwitch {
  readonly onUpgrade: (request: UpgradeRequest) => UpgradeDecision;
  /** Answers hello, attach, resume, commands and pings as a good switch does. */
  helpful: boolean;
  /** Status with which connections are refused; 0 lets them in. */
  refuses: number;
  /** Says a text on the newest connection; `$id`, `$seq`, `$token` stand for what fits now. */
  say(channel: Channel, text: string): void;
  sendBytes(bytes: Uint8Array): void;
  /** Audio of one tick, where it is due or elsewhere. */
  sendAudio(audio: {
    readonly track: number;
    readonly samples: number;
    readonly position?: number | undefined;
    readonly flags: number;
  }): void;
  close(channel: Channel, code: number): void;
  terminate(channel: Channel): void;
  /** Cuts whatever is open. */
  end(): void;
}

const tableCodes: ReadonlySet<number> = new Set(Object.values(closeCodes).map(({ code }) => code));

/** Makes one that tells `complain` what the client does wrong. */
export function createHostileSwitch(complain: (finding: string) => void): HostileSwitch {
  const newest = new Map<Channel, Socket>();
  const sockets = new Set<Socket>();
  let lastId = 0;
  let nextSeq = 1;
  let tokens = 0;
  let position = 0;

  const fill = (text: string): string =>
    text
      .replaceAll('"$id"', () => String(Math.max(1, lastId)))
      .replaceAll('"$seq"', () => String(nextSeq++))
      .replaceAll('$token', () => `t${++tokens}`);

  const reply = (socket: Socket, message: object): void => socket.send(fill(JSON.stringify(message)));

  const answerControl = (socket: Socket, text: string): void => {
    const message = decodeControlClient(text);
    if (!hostile.helpful) return;
    if (message.type === 'hello')
      reply(socket, { type: 'welcome', sessionId: 's', connectorUuid: 'fuzz', heartbeatMs: 5_000 });
    if (message.type === 'ping') reply(socket, { type: 'pong', id: message.id });
  };

  const answerMedia = (socket: Socket, text: string): void => {
    const message = decodeMediaClient(text);
    if (message.type === 'refused') return complain(`the client says a command that is refused: ${message.message}`);
    if (message.type === 'unknown') return complain(`the client says ${message.name}`);
    if ('id' in message && message.type !== 'ping' && message.type !== 'pong') lastId = message.id;
    if (!hostile.helpful) return;
    const standing = {
      state: 'PENDING',
      mode: null,
      atMs: 0,
      generation: 0,
      upTo: 4_800,
      windowSamples: 4_800,
      resumeToken: '$token',
      resumeWithinMs: 10_000,
    };
    if (message.type === 'attach') reply(socket, { type: 'attached', ...standing });
    else if (message.type === 'resume')
      reply(socket, { type: 'resumed', ...standing, received: 0, played: 0, replayFrom: {} });
    else if (message.type === 'ping') reply(socket, { type: 'pong', id: message.id });
    else if (message.type === 'answer') {
      reply(socket, { type: 'event', seq: '$seq', event: { type: 'call.answered', atMs: 1 } });
      reply(socket, { type: 'response', id: '$id', ok: true, result: {} });
    } else if (message.type === 'clear') {
      reply(socket, {
        type: 'response',
        id: '$id',
        ok: true,
        result: { position: 0, clearedSamples: message.position },
      });
    } else if ('id' in message && message.type !== 'pong') {
      reply(socket, { type: 'response', id: '$id', ok: true, result: {} });
    }
  };

  const hostile: HostileSwitch = {
    helpful: true,
    refuses: 0,
    onUpgrade: ({ path }) => {
      if (hostile.refuses > 0) return { accept: false, status: hostile.refuses, code: 'FORBIDDEN', message: 'x' };
      const channel: Channel = path === '/control' ? 'control' : 'media';
      return {
        accept: true,
        subprotocol: subprotocols[channel],
        maxMessageBytes: 131_072,
        open: (socket) => {
          newest.set(channel, socket);
          sockets.add(socket);
          let own: number | undefined;
          ownCloses.set(socket, (code) => {
            own ??= code;
          });
          socket.start({
            text: (text) => {
              try {
                if (channel === 'control') answerControl(socket, text);
                else answerMedia(socket, text);
              } catch (error) {
                complain(`the client says on ${channel} what nobody can read: ${textOf(error)}`);
              }
            },
            binary: (bytes) => {
              if (channel === 'control') complain('the client sends audio on control');
              if (bytes.length < 8 || bytes.length % 2 !== 0) complain('the client sends a broken frame');
            },
            closed: (close) => {
              sockets.delete(socket);
              if (newest.get(channel) === socket) newest.delete(channel);
              judgeClose(channel, close, own);
            },
          });
        },
      };
    },
    say: (channel, text) => newest.get(channel)?.send(fill(text)),
    sendBytes: (bytes) => newest.get('media')?.send(bytes),
    sendAudio: ({ track, samples, flags, position: given }) => {
      const from = given ?? position;
      position = (from + samples) % 2 ** 32;
      newest
        .get('media')
        ?.send(encodeFrame({ track, generation: 0, flags, position: from }, new Int16Array(samples).fill(99)));
    },
    close: (channel, code) => {
      const socket = newest.get(channel);
      if (socket === undefined) return;
      ownCloses.get(socket)?.(code);
      socket.close(code, 'x');
    },
    terminate: (channel) => newest.get(channel)?.terminate(),
    end: () => {
      for (const socket of sockets) socket.terminate();
    },
  };
  const ownCloses = new WeakMap<Socket, (code: number) => void>();

  const judgeClose = (channel: Channel, { code }: SocketClose, own: number | undefined): void => {
    if (code === own || code === 1006) return;
    // Too large a message ends in the transport, before the client sees it.
    if (!tableCodes.has(code)) complain(`the client closes ${channel} with ${code}`);
    else if (code === closeCodes.INTERNAL.code) complain(`the client fails inside and closes ${channel} with 1011`);
  };

  return hostile;
}
