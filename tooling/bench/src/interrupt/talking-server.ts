import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tone } from '@agentao/audio';
import { type WebSocket, WebSocketServer } from 'ws';
import { epochMs } from './epoch.ts';

/** One conversation with a model that talks without end. */
export interface TalkingSession {
  /** Hands over `seconds` of an unbroken tone at once, as a model does that is faster than speech. */
  talk(seconds: number): void;
  /** Says that the caller has interrupted. Returns when. */
  interrupt(): number;
}

/** A server that speaks as much of the Gemini Live protocol as it takes to be interrupted. */
export interface TalkingServer extends AsyncDisposable {
  readonly url: string;
  readonly sessions: readonly TalkingSession[];
}

const sampleRateHz = 24_000;

/** Starts one on loopback. */
export async function startTalkingServer(): Promise<TalkingServer> {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  const sessions: TalkingSession[] = [];
  const second = tone({ frequencyHz: 440, sampleRateHz, durationMs: 1_000 });
  const data = Buffer.from(second.buffer, second.byteOffset, second.byteLength).toString('base64');
  const audio = content({
    modelTurn: { parts: [{ inlineData: { mimeType: `audio/pcm;rate=${sampleRateHz}`, data } }] },
  });

  sockets.on('connection', (socket: WebSocket) => {
    socket.once('message', () => {
      socket.send(Buffer.from(JSON.stringify({ setupComplete: {} })));
      sessions.push({
        talk: (seconds) => {
          for (let i = 0; i < seconds; i++) socket.send(audio);
        },
        interrupt: () => {
          const atMs = epochMs();
          socket.send(content({ interrupted: true }));
          socket.send(content({ turnComplete: true }));
          return atMs;
        },
      });
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    sessions,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      http.close();
      await once(http, 'close');
    },
  };
}

function content(serverContent: object): Buffer {
  return Buffer.from(JSON.stringify({ serverContent }));
}
