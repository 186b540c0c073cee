import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { readModelRules } from '../model/read-rules.ts';
import type { ModelRules } from '../model/rules.ts';
import { systemVoice } from '../model/system-voice.ts';
import { tonesVoice, type Voice } from '../model/voice.ts';
import { createProcessClock } from '../process-clock.ts';
import { LiveSession, type LiveServerSession } from './live-session.ts';
import { type LiveClientMessage, readClientMessage } from './live-setup.ts';

/** How the local server is run. */
export interface LiveServerOptions {
  readonly rules: ModelRules;
  /** `tones` (default); `system`: what the machine has (`espeak-ng`, `say`), tones where it has none. */
  readonly voice?: 'tones' | 'system' | Voice;
  /** Default 0: any free one; on 127.0.0.1 only. */
  readonly port?: number;
  /** Only these keys are let in. Default: every one. */
  readonly apiKeys?: readonly string[];
  /** How long it thinks before it speaks. Default 300. */
  readonly thinkMs?: number;
  /** Its turn is complete when it asks for tools, and what it says to their answers is another one: so do some models. Default false. */
  readonly toolsEndTurns?: boolean;
}

/** A server that speaks the Gemini Live protocol on loopback, for `baseUrl` or GOOGLE_GEMINI_BASE_URL. */
export interface LiveServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** The name of its voice. */
  readonly voice: string;
  /** The conversations, oldest first: the latest 100. */
  readonly sessions: readonly LiveServerSession[];
  /** Sockets that are open. */
  readonly connections: number;
  /** The next connection is set up after so long; without a time, never. */
  stallNext(ms?: number): void;
  close(): Promise<void>;
}

const path = /^\/+ws\/google\.[\w.]+\.(GenerativeService|LlmBidiService)[./]BidiGenerateContent\w*$/;
const setupWithinMs = 10_000;
const maxMessageBytes = 8 * 1024 * 1024;
const mostConnections = 256;
const mostSessions = 100;

/** Starts one. Throws `ModelRulesError` for rules that are wrong. */
export async function createLiveServer(options: LiveServerOptions): Promise<LiveServer> {
  const { port = 0, apiKeys, thinkMs = 300, toolsEndTurns = false } = options;
  const rules = readModelRules(options.rules, 'rules');
  const wanted = options.voice ?? 'tones';
  const voice = (wanted === 'system' ? systemVoice() : wanted === 'tones' ? undefined : wanted) ?? tonesVoice();
  const clock = createProcessClock();
  const sessions: LiveSession[] = [];
  let stallMs = 0;
  const http = createServer((_request, response) => {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('A local stand-in for the Gemini Live API.\n');
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false });

  http.on('upgrade', (request, socket, head) => {
    const { pathname, searchParams } = new URL(`http://local${(request.url ?? '').replace(/^\/+/, '/')}`);
    const key = searchParams.get('key') ?? searchParams.get('access_token') ?? request.headers.authorization ?? '';
    const refuse = (status: string): void => void socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
    socket.on('error', () => socket.destroy());
    if (!path.test(pathname)) refuse('404 Not Found');
    else if (apiKeys !== undefined && !apiKeys.includes(key)) refuse('401 Unauthorized');
    else if (sockets.clients.size >= mostConnections) refuse('503 Service Unavailable');
    else sockets.handleUpgrade(request, socket, head, serve);
  });

  const serve = (socket: WebSocket): void => {
    let session: LiveSession | undefined;
    const readyMs = clock.now() + stallMs;
    stallMs = 0;
    const late = clock.setTimer(clock.now() + setupWithinMs, () => session ?? socket.close(1008, 'no setup'));
    socket.on('message', (data: Buffer) => {
      const message = readClientMessage(data.toString());
      if (clock.now() < readyMs) {
        if (message?.setup !== undefined && Number.isFinite(readyMs))
          clock.setTimer(readyMs, () => socket.readyState === socket.OPEN && take(message));
      } else take(message);
    });
    const take = (message: LiveClientMessage | undefined): void => {
      if (message === undefined || (session === undefined) !== (message.setup !== undefined)) {
        socket.close(1007, 'Request contains an invalid argument.');
      } else if (session !== undefined) session.take(message);
      else if (message.setup !== undefined) {
        const handle = message.setup.sessionResumption?.handle;
        const known = sessions.find((one) => one.handle === handle);
        if (handle !== undefined && known === undefined) {
          socket.close(1008, 'This handle is not known.');
          return;
        }
        session = known ?? new LiveSession(message.setup, { rules, voice, clock, thinkMs, toolsEndTurns });
        if (known === undefined) sessions.push(session);
        if (sessions.length > mostSessions) sessions.shift();
        session.connect(socket, message.setup);
      }
    };
    socket.on('error', () => {});
    socket.on('close', (code) => {
      late.cancel();
      if (session?.uses(socket) === true) session.leave(code === 1000 || code === 1005);
    });
  };

  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  const close = async (): Promise<void> => {
    for (const session of sessions) session.leave(true);
    for (const socket of sockets.clients) socket.terminate();
    if (!http.listening) return;
    http.close();
    http.closeAllConnections();
    await once(http, 'close');
  };
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    voice: voice.name,
    sessions,
    get connections() {
      return sockets.clients.size;
    },
    stallNext: (ms = Number.POSITIVE_INFINITY) => {
      stallMs = ms;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
