import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { AudioSession } from './audio-session.ts';

/** The least that a conversation with the Live protocol can cost: a socket, JSON and base64, and no more checks than a sketch has. */
export async function openRawSession(url: string, onAudio: (samples: Int16Array) => void): Promise<AudioSession> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/raw`, { perMessageDeflate: false });
  await once(socket, 'open');
  socket.send(JSON.stringify({ setup: { model: 'models/any' } }));
  await once(socket, 'message');
  socket.on('message', (bytes: Buffer) => {
    const { serverContent } = JSON.parse(bytes.toString()) as {
      serverContent?: { modelTurn?: { parts: { inlineData: { data: string } }[] } };
    };
    for (const { inlineData } of serverContent?.modelTurn?.parts ?? []) {
      const pcm = Buffer.from(inlineData.data, 'base64');
      onAudio(new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length >> 1));
    }
  });
  return {
    sendAudio: (samples) => {
      const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64');
      socket.send(JSON.stringify({ realtimeInput: { audio: { data, mimeType: 'audio/pcm;rate=16000' } } }));
    },
    close: () => socket.terminate(),
  };
}
